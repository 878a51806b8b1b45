// Numbers and times as an Indian trader reads them: lakh grouping, IST, minus sign of full width.

const grouped = (places: number) =>
  new Intl.NumberFormat("en-IN", { minimumFractionDigits: places, maximumFractionDigits: places });
const two = grouped(2);
const whole = grouped(0);
const upToFour = new Intl.NumberFormat("en-IN", { minimumFractionDigits: 2, maximumFractionDigits: 4 });
const anyQuantity = new Intl.NumberFormat("en-IN", { maximumFractionDigits: 8 });

const withMinus = (text: string): string => text.replace("-", "\u2212");

export const money = (value: number): string => withMinus(two.format(value));
export const signedMoney = (value: number): string => (value > 0 ? "+" : "") + money(value);
export const price = (value: number): string => withMinus(upToFour.format(value));
/** Nothing where a price does not apply. */
export const priceOrDash = (value: number): string => (value === 0 ? "\u2013" : price(value));
export const quantity = (value: number): string => withMinus(anyQuantity.format(value));
export const count = (value: number): string => whole.format(value);
export const percent = (value: number): string => `${value > 0 ? "+" : ""}${withMinus(value.toFixed(2))}%`;

/** 1.2Cr, 34.5L, 6,120. */
export function compact(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e7) return `${withMinus((value / 1e7).toFixed(2))}Cr`;
  if (size >= 1e5) return `${withMinus((value / 1e5).toFixed(2))}L`;
  return quantity(value);
}

export function micros(value: number): string {
  if (value >= 1e6) return `${(value / 1e6).toFixed(2)} s`;
  if (value >= 1e4) return `${(value / 1e3).toFixed(1)} ms`;
  if (value >= 1e3) return `${(value / 1e3).toFixed(2)} ms`;
  return `${Math.round(value)} µs`;
}

export function bytes(value: number): string {
  if (value >= 1 << 20) return `${(value / (1 << 20)).toFixed(1)} MiB`;
  if (value >= 1 << 10) return `${(value / (1 << 10)).toFixed(1)} KiB`;
  return `${value} B`;
}

const dateTime = new Intl.DateTimeFormat("en-IN", {
  timeZone: "Asia/Kolkata",
  day: "2-digit",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hour12: false,
});
const clock = new Intl.DateTimeFormat("en-GB", {
  timeZone: "Asia/Kolkata",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});

/** A UTC instant of the console's JSON, shown in IST. */
export function time(at: string | null | undefined): string {
  if (at === null || at === undefined || at === "") return "\u2013";
  const instant = new Date(at);
  return Number.isNaN(instant.getTime()) ? at : dateTime.format(instant).replace(",", "");
}
export function clockTime(at: Date): string {
  return clock.format(at);
}
/** The time of day of a book's `YYYY-MM-DD HH:MM:SS`, which is IST already. */
export const bookTime = (timestamp: string): string => timestamp.slice(11) || timestamp;

/** `3d 4h`, `12m`, `40s`; of a negative span `0s`. */
export function span(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  if (s >= 86_400) return `${Math.floor(s / 86_400)}d ${Math.floor((s % 86_400) / 3600)}h`;
  if (s >= 3600) return `${Math.floor(s / 3600)}h ${Math.floor((s % 3600) / 60)}m`;
  if (s >= 60) return `${Math.floor(s / 60)}m`;
  return `${s}s`;
}
export const ago = (at: string | null): string =>
  at === null ? "never" : `${span((Date.now() - new Date(at).getTime()) / 1000)} ago`;
export const remaining = (until: string | null): string =>
  until === null ? "permanent" : span((new Date(until).getTime() - Date.now()) / 1000);

/** `invalid_api_key` reads `invalid API key`. */
export function words(token: string): string {
  const spelled = { api: "API", ip: "IP", csrf: "CSRF", websocket: "WebSocket" } as const;
  return token.replace(/[_.]/g, " ").replace(/\b(api|ip|csrf|websocket)\b/g, (word) => spelled[word as keyof typeof spelled]);
}
