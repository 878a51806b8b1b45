// Bans, suspects, thresholds and the allow list.

import { get, post, query, remove, upload } from "./client";
import type { Options } from "./client";

export interface Ban {
  network: string;
  kind: "automatic" | "manual";
  reason: string;
  count: number;
  created_at: string;
  expires_at: string | null;
  created_by: string;
}
/** A line of an offender's past: a ban that was made, made longer, or lifted. */
export interface PastBan extends Ban {
  action: "ban" | "extend" | "unban";
}
export interface Suspect {
  address: string;
  invalid_api_keys: number;
  not_found: number;
  failed_logins: number;
  other: number;
  nearest: { offence: string; count: number; threshold: number };
  last_at: string;
  ban_count: number;
}
export interface Allowed {
  network: string;
  note: string;
  source: "console" | "command" | "environment";
  created_at: string | null;
}
/** Named and typed by the gateway: flags, counts, hours, and rates such as `10 per second`. */
export type GuardValue = boolean | number | string;
export type GuardSettings = Record<string, GuardValue>;
export interface SecurityData {
  your_address: string;
  totals: { bans: number; permanent_bans: number; suspects: number; offences_24h: number };
  bans: Ban[];
  suspects: Suspect[];
  paths: { address: string; path: string; count: number; last_at: string }[];
  keys: { address: string; key_digest: string; count: number; last_at: string }[];
  settings: GuardSettings;
  allowlist: Allowed[];
  warnings: string[];
  events: { at: string; kind: string; address: string; detail: string }[];
  history?: PastBan[];
}
export const securityData = (options?: Options) => get<SecurityData>("/security/api/data", options);
export const offenderHistory = async (offender: string): Promise<PastBan[]> =>
  (await get<SecurityData>(`/security/api/data${query({ offender })}`)).history ?? [];

export interface BanRequest {
  ip_address: string;
  reason: string;
  duration_hours: number;
  permanent: boolean;
}
export const ban = (request: BanRequest) => post<void>("/security/ban", { ...request });
export const unban = (ip_address: string) => post<void>("/security/unban", { ip_address });
export const forgetNotFound = (ip_address: string) => post<void>("/security/clear-404", { ip_address });
export const saveGuardSettings = (changes: GuardSettings) => post<GuardSettings>("/security/settings", { ...changes });
export const allow = (network: string, note: string) => post<void>("/security/allowlist", { network, note });
export const disallow = (network: string) => remove<void>(`/security/allowlist${query({ network })}`);

export type CsvList = "bans" | "allowlist";
export const csvLink = (list: CsvList): string => `/security/${list}/export`;
export type BanFile = "bans" | "bans/history";
export const banFileLink = (file: BanFile, format: "csv" | "jsonl"): string => `/security/${file}/export${query({ format })}`;
export const importCsv = async (list: CsvList, file: File): Promise<string> =>
  upload(`/security/${list}/import${query({ filename: file.name })}`, "text/csv", await file.text());
