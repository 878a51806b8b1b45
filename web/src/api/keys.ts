// The master secrets, by their public ids.

import { get, post } from "./client";

export interface MasterKey {
  name: string;
  setting: string;
  source: string;
  current: string;
  older: { id: string; needed_by: string }[];
}
export interface Rotation {
  state: "running" | "done" | "failed";
  masters: string[];
  requested_by: string;
  requested_at: string;
  finished_at: string | null;
  resealed: number;
  remaining: number;
  problem: string;
}
export interface Keys {
  masters: MasterKey[];
  rotation: Rotation | null;
}

export const keys = () => get<Keys>("/keys/api/data");
/** `which`: `all` or a master's name. The gateway asks for a second factor and a confirmation. */
export const rotateKeys = (which: string) => post<unknown>("/keys/api/rotate", { which });
