// Two small charts without a library. The exact figures stand in the table beside them; a chart
// shows the shape, and its label says it in words.

interface Bar {
  at: string;
  value: number;
  bad: number;
}

const kWidth = 600;
const kHeight = 150;

export function BarChart({ bars, label }: { bars: readonly Bar[]; label: string }) {
  const top = Math.max(1, ...bars.map((bar) => bar.value));
  const step = kWidth / Math.max(1, bars.length);
  const height = (value: number): number => (value / top) * (kHeight - 6);
  const bar = (entry: Bar, index: number) => {
    const x = index * step + step * 0.12;
    const width = step * 0.76;
    const whole = height(entry.value);
    const bad = height(entry.bad);
    return (
      <g key={entry.at}>
        <title>{`${entry.at}: ${entry.value}, failed ${entry.bad}`}</title>
        <rect class="bar" x={x} y={kHeight - whole} width={width} height={whole} />
        <rect class="bar bad" x={x} y={kHeight - bad} width={width} height={bad} />
      </g>
    );
  };
  return (
    <svg class="chart" viewBox={`0 0 ${kWidth} ${kHeight}`} preserveAspectRatio="none" role="img" aria-label={`${label}, at most ${top}`}>
      <line class="axis" x1="0" x2={kWidth} y1={kHeight - 0.5} y2={kHeight - 0.5} />
      {bars.map(bar)}
    </svg>
  );
}

interface Series {
  name: string;
  values: readonly number[];
}

export function LineChart({ series, label }: { series: readonly Series[]; label: string }) {
  const top = Math.max(1, ...series.flatMap((one) => one.values));
  const line = (one: Series): string => {
    const step = kWidth / Math.max(1, one.values.length - 1);
    return one.values
      .map((value, index) => `${(index * step).toFixed(1)},${(kHeight - 2 - (value / top) * (kHeight - 8)).toFixed(1)}`)
      .join(" ");
  };
  return (
    <svg class="chart" viewBox={`0 0 ${kWidth} ${kHeight}`} preserveAspectRatio="none" role="img" aria-label={label}>
      <line class="axis" x1="0" x2={kWidth} y1={kHeight - 0.5} y2={kHeight - 0.5} />
      {series.map((one, index) => (
        <polyline key={one.name} class={index === 0 ? "line" : "line second"} points={line(one)}><title>{one.name}</title></polyline>
      ))}
    </svg>
  );
}
