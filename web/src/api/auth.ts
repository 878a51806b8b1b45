// Setup, login, the account's own security, users and API keys.

import { exchange, forgetCsrfToken, get, post, remove } from "./client";
import type { Json } from "./client";

export type Role = "owner" | "trader" | "viewer";
export type Mode = "live" | "analyze";

export interface Session {
  username: string;
  email?: string;
  role: Role;
  expires_at: string | null;
  totp_enabled: boolean;
  mode?: Mode;
}

export interface LoginStep {
  totp_required: boolean;
  methods: string[];
}

const asStep = (reply: Json): LoginStep => {
  const data = (reply["data"] ?? {}) as Json;
  const required = data["totp_required"] === true || reply["totp_required"] === true || reply["status"] === "totp_required";
  const methods = (data["methods"] ?? reply["methods"] ?? ["totp", "recovery"]) as string[];
  return { totp_required: required, methods };
};

const here = { signedOutIsAnAnswer: true };

export const needsSetup = async (): Promise<boolean> =>
  (await get<{ needs_setup: boolean }>("/auth/check-setup")).needs_setup;

export const setUp = (owner: { username: string; email: string; password: string; setup_token: string }) =>
  post<void>("/auth/setup", owner, here);

export const session = () => get<Session>("/auth/session-status", here);

export async function login(username: string, password: string): Promise<LoginStep> {
  const step = asStep(await exchange("POST", "/auth/login", { username, password }, here));
  forgetCsrfToken();
  return step;
}

export async function loginWithCode(code: string): Promise<void> {
  await post<void>("/auth/login/totp", { code }, here);
  forgetCsrfToken();
}

export const passkeyLoginOptions = () => post<{ publicKey: Json }>("/auth/login/passkey/options", {}, here);

export async function loginWithPasskey(credential: Json): Promise<void> {
  await post<void>("/auth/login/passkey", { credential }, here);
  forgetCsrfToken();
}

export async function logout(): Promise<void> {
  await post<void>("/auth/logout", {}, here);
  forgetCsrfToken();
}

export const passkeyStepUpOptions = () => post<{ publicKey: Json }>("/auth/step-up/passkey");
/** A change of privilege: the session goes on under a new identifier, and so under a new CSRF token. */
export async function stepUp(proof: { code: string } | { password: string } | { credential: Json }): Promise<void> {
  await post<void>("/auth/step-up", proof);
  forgetCsrfToken();
}

export const requestReset = (username_or_email: string) =>
  post<{ methods?: string[] }>("/auth/reset-password", { username_or_email }, here);
/** What a link has to be confirmed with, one of `totp`, `recovery` and `passkey`; nothing where it is enough. */
export const resetMethods = async (token: string): Promise<string[]> =>
  (await post<{ methods: string[] }>("/auth/reset-password/link", { token }, here)).methods;
export const passkeyResetOptions = (token: string) =>
  post<{ publicKey: Json }>("/auth/reset-password/passkey", { token }, here);
export const confirmReset = (proof: Json) => post<void>("/auth/reset-password/confirm", proof, here);

export const changePassword = (current_password: string, new_password: string) =>
  post<void>("/auth/change-password", { current_password, new_password });

export interface ActiveSession {
  id: string;
  created_at: string;
  last_seen_at: string | null;
  expires_at: string | null;
  address: string;
  device: string;
  current: boolean;
}
export const activeSessions = async (): Promise<ActiveSession[]> =>
  (await get<{ sessions: ActiveSession[] }>("/auth/active-sessions")).sessions;
export const endSession = (id: string) => remove<void>(`/auth/active-sessions/${encodeURIComponent(id)}`);

export interface Passkey {
  id: string;
  name: string;
  created_at: string;
  last_used_at: string | null;
}
export interface Purposes {
  login: boolean;
  reset: boolean;
  sensitive: boolean;
}
export interface TwoFactor {
  totp_enabled: boolean;
  recovery_codes_left: number;
  required_for: Purposes;
  passkeys: Passkey[];
}
export const twoFactor = () => get<TwoFactor>("/auth/2fa/status");
export interface Enrolment {
  secret: string;
  uri: string;
  qr: { size: number; modules: string };
}
const configure = <T>(body: Json) => post<T>("/auth/2fa/configure", body);
export const beginTotp = () => configure<Enrolment>({ action: "begin" });
export const confirmTotp = async (code: string): Promise<string[]> =>
  (await configure<{ recovery_codes: string[] }>({ action: "confirm", code })).recovery_codes;
export const newRecoveryCodes = async (): Promise<string[]> =>
  (await configure<{ recovery_codes: string[] }>({ action: "recovery_codes" })).recovery_codes;
export const disableTotp = () => configure<void>({ action: "disable" });
export const requireTotpFor = (required_for: Purposes) => configure<void>({ action: "require", required_for });

export const passkeyCreationOptions = () => post<{ publicKey: Json }>("/auth/passkeys/options");
export async function addPasskey(name: string, credential: Json): Promise<void> {
  await post<void>("/auth/passkeys", { name, credential });
  forgetCsrfToken();
}
export async function removePasskey(id: string): Promise<void> {
  await remove<void>(`/auth/passkeys/${encodeURIComponent(id)}`);
  forgetCsrfToken();
}

export interface User {
  username: string;
  email: string;
  role: Role;
  enabled: boolean;
  totp_enabled: boolean;
  /** How many. */
  passkeys: number;
  created_at: string;
  last_login_at: string | null;
}
export const users = async (): Promise<User[]> => (await get<{ users: User[] }>("/users/api/list")).users;
export const addUser = (user: { username: string; email: string; password: string; role: Role }) =>
  post<void>("/users/api/add", user);
export const enableUser = (username: string, enabled: boolean) =>
  post<void>(enabled ? "/users/api/enable" : "/users/api/disable", { username });

export type KeyScope = "read" | "square-off" | "trade";
export interface ApiKey {
  id: string;
  name: string;
  scope: KeyScope;
  masked: string;
  created_at: string;
  expires_at: string | null;
  allow: string[];
  last_used_at: string | null;
  last_used_address: string | null;
  status: "active" | "expired" | "revoked" | "grace";
  /** May be shown again, with a fresh proof. */
  retrievable?: boolean;
  /** Somebody sent it in a URL: it may be in a log. */
  exposed?: boolean;
  /** Requests must carry an HMAC of this key's signing secret. */
  signing_required?: boolean;
}
export interface NewApiKey {
  id: string;
  api_key: string;
}
export const apiKeys = async (): Promise<ApiKey[]> => (await get<{ keys: ApiKey[] }>("/apikey")).keys;
export const createApiKey = (key: { name: string; scope: KeyScope; expires_days: number | null; allow: string[]; retrievable: boolean }) =>
  post<NewApiKey>("/apikey", key);
export const revokeApiKey = (id: string) => remove<void>(`/apikey/${encodeURIComponent(id)}`);
export const revealApiKey = (id: string) => post<NewApiKey>(`/apikey/${encodeURIComponent(id)}/reveal`);
export const requireSigning = (id: string) =>
  post<{ id: string; signing_secret: string }>(`/apikey/${encodeURIComponent(id)}/signing`);
export const regenerateApiKey = (id: string, grace_minutes: number) =>
  post<NewApiKey>(`/apikey/${encodeURIComponent(id)}/regenerate`, { grace_minutes });
