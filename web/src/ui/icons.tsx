// Line icons on a 24-unit grid, drawn here so that nothing is fetched. Decorative: the text beside
// them carries the meaning.

const paths = {
  shield: "M12 3 4.5 6v5.5c0 4.5 3.2 7.9 7.5 9.5 4.3-1.6 7.5-5 7.5-9.5V6zM8.5 12.5l2.5-2.5 2 2 3-3.5",
  home: "M4 11 12 4l8 7M6 9.5V20h12V9.5",
  trade: "M7 4v16M4 8h6v7H4zM17 4v16M14 9h6v8h-6z",
  orders: "M8 6h12M8 12h12M8 18h12M4 6h.01M4 12h.01M4 18h.01",
  fills: "M4 13l4 4L20 6",
  positions: "M4 20V10M10 20V4M16 20v-7M22 20H2",
  holdings: "M4 8h16v12H4zM9 8V5h6v3",
  funds: "M3 7h18v11H3zM3 11h18M7 15h3",
  key: "M14.5 9.5a4.5 4.5 0 1 0-4 4.5L12 15.5h2V18h2.5v2.5H20V17l-5.7-5.7",
  account: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 21c.6-4 3.8-6 8-6s7.4 2 8 6",
  users: "M9 12a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 20c.5-3.5 3-5 6.5-5s6 1.5 6.5 5M16 5.5a3.3 3.3 0 0 1 0 6M18 15.5c2 .7 3.2 2.2 3.5 4.5",
  traffic: "M4 8h14l-3-3M20 16H6l3 3",
  latency: "M12 21a8 8 0 1 0 0-16 8 8 0 0 0 0 16zM12 9v4l2.5 2M9.5 2.5h5",
  logs: "M6 3h9l4 4v14H6zM9 11h7M9 15h7",
  audit: "M10 14a4 4 0 0 0 6 .5l3-3a4 4 0 0 0-5.7-5.7L12 7M14 10a4 4 0 0 0-6-.5l-3 3a4 4 0 0 0 5.7 5.7L12 17",
  backup: "M12 3v11M8 10l4 4 4-4M4 17v3h16v-3",
  connections: "M5 12a7 7 0 0 1 14 0M8.5 14a3.5 3.5 0 0 1 7 0M12 17.5h.01",
  settings: "M4 7h10M18 7h2M4 17h2M10 17h10M16 5v4M8 15v4",
  more: "M4 6h16M4 12h16M4 18h16",
  sun: "M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM12 2v3M12 19v3M2 12h3M19 12h3M5 5l2 2M17 17l2 2M5 19l2-2M17 7l2-2",
  stop: "M8 2h8l6 6v8l-6 6H8l-6-6V8zM8 12h8",
  moon: "M20 14.5A8 8 0 0 1 9.5 4 8 8 0 1 0 20 14.5z",
  close: "M6 6l12 12M18 6 6 18",
  out: "M10 4H5v16h5M14 8l4 4-4 4M8 12h10",
  search: "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM16 16l5 5",
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round"
      stroke-linejoin="round" aria-hidden="true" width="16" height="16">
      <path d={paths[name]} />
    </svg>
  );
}
