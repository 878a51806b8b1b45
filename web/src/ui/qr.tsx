// A QR code from its modules, row by row as 0 and 1.

export function QrCode({ size, modules, label }: { size: number; modules: string; label: string }) {
  let path = "";
  for (let i = 0; i < modules.length; ++i) {
    if (modules[i] === "1") path += `M${i % size} ${Math.floor(i / size)}h1v1h-1z`;
  }
  return (
    <svg class="qr" viewBox={`0 0 ${size} ${size}`} shape-rendering="crispEdges" role="img" aria-label={label}>
      <path d={path} />
    </svg>
  );
}
