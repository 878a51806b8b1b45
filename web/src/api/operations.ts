// Health, backups, live connections and settings.

import { get, post } from "./client";
import type { Options } from "./client";

export interface Health {
  checks: { name: string; ok: boolean; detail: string }[];
  version: string;
  started_at: string;
  uptime_seconds: number;
}
export const health = (options?: Options) => get<Health>("/health/check", options);

export interface Backup {
  name: string;
  created_at: string;
  bytes: number;
}
export const backups = async (): Promise<Backup[]> => (await get<{ backups: Backup[] }>("/backup/api/list")).backups;
export const createBackup = () => post<{ name: string; bytes: number }>("/backup/api/create");
export const backupLink = (name: string): string => `/backup/api/download/${encodeURIComponent(name)}`;

export interface Connection {
  id: string;
  username: string;
  address: string;
  opened_at: string;
  subscriptions: number;
  queued_bytes: number;
  sent: number;
  conflated: number;
  lag_micros: number;
}
export interface Feed {
  broker: string;
  state: "idle" | "connecting" | "connected" | "silent" | "waiting";
  instruments: number;
  stale: number;
  silences: number;
  last_tick_at: string | null;
  reconnects: number;
  received: number;
  conflated: number;
  delivered: number;
  lag_micros: number;
  last_error: string;
}
export const connections = (options?: Options) =>
  get<{ connections: Connection[]; feeds: Feed[]; closable: boolean }>("/connections/api/list", options);
export const closeConnection = (id: string) => post<void>("/connections/api/close", { id });

export interface Setting {
  name: string;
  value: string;
  source: string;
}
export interface Smtp {
  host: string;
  port: number;
  username: string;
  from: string;
  security: string;
  password_set: boolean;
}
export const settings = () => get<{ settings: Setting[]; smtp: Smtp | null }>("/settings/api/data");
export const saveSmtp = (smtp: Record<string, string | number>) => post<void>("/settings/api/smtp", smtp);
export const testSmtp = (to: string) => post<void>("/settings/api/smtp/test", { to });
