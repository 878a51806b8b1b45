// Two small charts without a library. The exact figures stand in the table beside them; a chart
// shows the shape, and its label says it in words.

import type { ComponentChildren } from "preact";
import { count } from "../lib/format";

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
    <Frame label={`${label}, at most ${top}`} marks={[{ y: kHeight - height(top), text: count(top) }]}>{bars.map(bar)}</Frame>
  );
}

interface Series {
  name: string;
  values: readonly number[];
}

/** Values in microseconds on a logarithmic scale: a median and a tail a thousand times as long both show their shape. */
export function LatencyChart({ series, label }: { series: readonly Series[]; label: string }) {
  const values = series.flatMap((one) => one.values).filter((value) => value > 0);
  const lowest = Math.floor(Math.log10(Math.min(100, ...values)));
  const highest = Math.max(lowest + 1, Math.ceil(Math.log10(Math.max(1, ...values))));
  const y = (value: number): number => {
    const share = (Math.log10(Math.max(value, 10 ** lowest)) - lowest) / (highest - lowest);
    return kHeight - 2 - share * (kHeight - 8);
  };
  const line = (one: Series): string => {
    const step = kWidth / Math.max(1, one.values.length - 1);
    return one.values.map((value, index) => `${(index * step).toFixed(1)},${y(value).toFixed(1)}`).join(" ");
  };
  const decades = Array.from({ length: highest - lowest }, (_, index) => 10 ** (lowest + index + 1));
  return (
    <Frame label={label} marks={decades.map((value) => ({ y: y(value), text: decade(value) }))}>
      {series.map((one, index) => (
        <polyline key={one.name} class={index === 0 ? "line" : "line second"} points={line(one)}><title>{one.name}</title></polyline>
      ))}
    </Frame>
  );
}

const decade = (value: number): string =>
  value >= 1e6 ? `${value / 1e6} s` : value >= 1e3 ? `${value / 1e3} ms` : `${value} µs`;

interface Mark {
  y: number;
  text: string;
}

/** The drawing is stretched to its place, so what is written on it stands beside it, not in it. */
function Frame({ label, marks, children }: { label: string; marks: readonly Mark[]; children: ComponentChildren }) {
  return (
    <div class="chart-frame">
      <svg class="chart" viewBox={`0 0 ${kWidth} ${kHeight}`} preserveAspectRatio="none" role="img" aria-label={label}>
        <line class="axis" x1="0" x2={kWidth} y1={kHeight - 0.5} y2={kHeight - 0.5} />
        {marks.map((mark) => <line key={mark.text} class="axis faint" x1="0" x2={kWidth} y1={mark.y} y2={mark.y} />)}
        {children}
      </svg>
      {marks.map((mark) => <span key={mark.text} class="chart-mark" style={{ top: `${(mark.y / kHeight) * 100}%` }}>{mark.text}</span>)}
    </div>
  );
}
