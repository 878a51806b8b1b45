// Traffic, latency, log and audit records: lists with filters and a cursor, and their summaries.

import { get, query } from "./client";
import type { Options } from "./client";

export interface Page<Row> {
  rows: Row[];
  next: string | null;
}
export type Filters = Record<string, string>;

const page = <Row>(path: string) => (filters: Filters, before: string | null, options?: Options) =>
  get<Page<Row>>(`${path}${query({ ...filters, before, limit: 100 })}`, options);

export interface TrafficRow {
  at: string;
  address: string;
  method: string;
  route: string;
  status: number;
  duration_micros: number;
  stages: { queue: number; guard: number; handler: number };
  request_id: string;
  principal: string;
  refusal: string;
}
export interface TrafficStats {
  total: number;
  errors: number;
  refused: number;
  banned: number;
  average_micros: number;
  by_minute: { at: string; requests: number; errors: number }[];
  by_route: { route: string; requests: number; errors: number; average_micros: number }[];
  by_status: { status: number; requests: number }[];
}
export const trafficRows = page<TrafficRow>("/traffic/api/logs");
export const trafficStats = (options?: Options) => get<TrafficStats>("/traffic/api/stats", options);

export interface Percentiles {
  p50: number;
  p95: number;
  p99: number;
  p999: number;
}
export interface RouteLatency extends Percentiles {
  route: string;
  count: number;
  max: number;
  stages: (Percentiles & { stage: string })[];
}
export interface LatencyStats {
  since: string;
  routes: RouteLatency[];
  trend: { at: string; p50: number; p99: number; count: number }[];
}
export interface LatencyRow {
  at: string;
  orderid: string;
  route: string;
  total_micros: number;
  stages: Record<string, number>;
  status: string;
}
export const latencyStats = (options?: Options) => get<LatencyStats>("/latency/api/stats", options);
export const latencyRows = page<LatencyRow>("/latency/api/logs");

export interface LogLine {
  number: number;
  at: string;
  level: string;
  component: string;
  message: string;
  request_id: string;
}
export const logLines = page<LogLine>("/logs/api/lines");

export interface AuditEvent {
  sequence: number;
  at: string;
  kind: string;
  actor: string;
  address: string;
  request_id: string;
  fields: Record<string, unknown>;
  hash: string;
}
export const auditEvents = page<AuditEvent>("/audit/api/events");
export interface Verdict {
  intact: boolean;
  records?: number;
  head?: string;
  segments?: number;
  checked_at?: string;
  first_bad_sequence?: number;
  problem?: string;
}
export const verifyAudit = () => get<Verdict>("/audit/api/verify");

/** A link the browser downloads. */
export const exportLink = (path: string, format: "csv" | "jsonl", filters: Filters): string =>
  `${path}${query({ ...filters, format })}`;
