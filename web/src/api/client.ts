// The one way the console talks to the gateway. Adds the CSRF token, turns every failure into an
// ApiError, asks for a second factor or a confirmation where the gateway wants one and repeats the
// call, and sends a signed-out user to the login.

export type Json = Record<string, unknown>;

export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly data: Json = {},
    /** Seconds to wait before another try; 0 when the gateway did not say. */
    readonly retryAfter = 0,
  ) {
    super(message);
  }
  get reason(): string {
    return typeof this.data["reason"] === "string" ? this.data["reason"] : "";
  }
}

/** What the shell provides: the client itself shows nothing. */
export interface Prompts {
  signedOut(): void;
  /** Resolves to true once the gateway has accepted a second factor. */
  stepUp(): Promise<boolean>;
  /** Shows the consequence; resolves to true when the user goes ahead. */
  confirm(consequence: string): Promise<boolean>;
}

let prompts: Prompts = {
  signedOut: () => undefined,
  stepUp: async () => false,
  confirm: async () => false,
};

export function setPrompts(next: Prompts): void {
  prompts = next;
}

let csrfToken = "";

/** A new session has a new token. */
export function forgetCsrfToken(): void {
  csrfToken = "";
}

async function freshCsrfToken(): Promise<string> {
  const reply = await fetch("/auth/csrf-token", { headers: { Accept: "application/json" }, cache: "no-store" });
  const body = await readBody(reply);
  if (!reply.ok) throw failure(reply, body);
  const token = body["csrf_token"] ?? (body["data"] as Json | undefined)?.["csrf_token"];
  return typeof token === "string" ? token : "";
}

async function readBody(reply: Response): Promise<Json> {
  const text = await reply.text();
  try {
    const parsed: unknown = JSON.parse(text);
    if (parsed !== null && typeof parsed === "object" && !Array.isArray(parsed)) return parsed as Json;
  } catch {
    // Not JSON: a banned address is answered in plain text.
  }
  return { message: text.slice(0, 200) };
}

const plainReasons: Record<number, string> = {
  0: "The gateway cannot be reached.",
  403: "You are not allowed to do this.",
  404: "The gateway does not know this function.",
  413: "That is too much data.",
  429: "Too many requests: wait a moment.",
  500: "The gateway failed; its log has the reason.",
  503: "The gateway is busy: try again in a moment.",
};

function failure(reply: Response, body: Json): ApiError {
  const said = typeof body["message"] === "string" ? body["message"] : "";
  const message = said !== "" ? said : (plainReasons[reply.status] ?? `The gateway answered ${reply.status}.`);
  const data = body["data"] !== null && typeof body["data"] === "object" ? (body["data"] as Json) : {};
  const wait = Number.parseInt(reply.headers.get("Retry-After") ?? "", 10);
  return new ApiError(reply.status, message, data, Number.isFinite(wait) ? wait : 0);
}

export interface Options {
  signal?: AbortSignal;
  /** A 401 is an answer, not the end of a session (login itself). */
  signedOutIsAnAnswer?: boolean;
}

type Method = "GET" | "POST" | "DELETE";

/** A file as it is; everything else is sent as JSON. */
class Upload {
  constructor(
    readonly type: string,
    readonly content: string,
  ) {}
}
type Body = Json | Upload | undefined;

async function send(method: Method, path: string, body: Body, options: Options): Promise<Response> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = body instanceof Upload ? body.type : "application/json";
  if (method !== "GET") {
    if (csrfToken === "") csrfToken = await freshCsrfToken();
    headers["X-CSRF-Token"] = csrfToken;
  }
  try {
    return await fetch(path, {
      method,
      headers,
      cache: "no-store",
      credentials: "same-origin",
      redirect: "error",
      ...(body === undefined ? {} : { body: body instanceof Upload ? body.content : JSON.stringify(body) }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError(0, plainReasons[0] ?? "");
  }
}

const kBusyTriesMax = 3;
const kBusyWaitMaxSeconds = 3;

/** What only reads may be asked again: a gateway under load puts reading off and says for how long. */
async function sendPatiently(method: Method, path: string, body: Body, options: Options): Promise<Response> {
  for (let tries = 0; ; ++tries) {
    const reply = await send(method, path, body, options);
    const wait = Number(reply.headers.get("Retry-After") ?? "0");
    if (method !== "GET" || reply.status !== 503 || !(wait > 0) || tries === kBusyTriesMax) return reply;
    await new Promise((done) => setTimeout(done, Math.min(wait, kBusyWaitMaxSeconds) * 1000));
  }
}

async function once(method: Method, path: string, body: Body, options: Options): Promise<Json> {
  const reply = await sendPatiently(method, path, body, options);
  const answer = await readBody(reply);
  if (!reply.ok) throw failure(reply, answer);
  return answer;
}

/** The whole reply; `call` gives its data. */
export const exchange = (method: Method, path: string, body?: Body, options: Options = {}): Promise<Json> =>
  repeatedly(body, (sent) => once(method, path, sent, options), options);

/** Repeats a call with what the gateway says it lacks. */
async function repeatedly<T>(body: Body, attempt: (sent: Body) => Promise<T>, options: Options): Promise<T> {
  let sent = body;
  let csrfTries = 0;
  for (let tries = 0; tries < 5; ++tries) {
    try {
      return await attempt(sent);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status === 401 && options.signedOutIsAnAnswer !== true) {
        prompts.signedOut();
        throw error;
      }
      if (error.reason === "csrf" && csrfTries++ === 0) {
        forgetCsrfToken();
      } else if (error.reason === "step_up_required") {
        if (!(await prompts.stepUp())) throw new ApiError(403, "Nothing was changed: not confirmed.");
      } else if (error.reason === "confirm_required" && !(sent instanceof Upload)) {
        const consequence = String(error.data["consequence"] ?? error.message);
        if (!(await prompts.confirm(consequence))) throw new ApiError(409, "Nothing was changed.");
        sent = { ...sent, confirm: true };
      } else {
        throw error;
      }
    }
  }
  throw new ApiError(0, "The gateway keeps asking for confirmation.");
}

async function call<T>(method: Method, path: string, body?: Json, options?: Options): Promise<T> {
  const reply = await exchange(method, path, body, options);
  return (reply["data"] ?? reply) as T;
}

export const get = <T>(path: string, options?: Options): Promise<T> => call<T>("GET", path, undefined, options);
export const post = <T>(path: string, body: Json = {}, options?: Options): Promise<T> =>
  call<T>("POST", path, body, options);
/** The gateway's word on what it did with the file. */
export const upload = async (path: string, type: string, content: string): Promise<string> =>
  String((await exchange("POST", path, new Upload(type, content)))["message"] ?? "");
export const remove = <T>(path: string): Promise<T> => call<T>("DELETE", path);

/** Saves a file that the gateway sends. Asks for a second factor where the gateway wants one. */
export async function download(path: string): Promise<void> {
  const reply = await repeatedly(undefined, async () => {
    const answer = await send("GET", path, undefined, {});
    if (!answer.ok) throw failure(answer, await readBody(answer));
    return answer;
  }, {});
  const named = /filename="([^"]+)"/.exec(reply.headers.get("Content-Disposition") ?? "");
  // A file that was cut short fails here and is not saved by half.
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await reply.blob());
  link.download = named?.[1] ?? "kavach-export";
  link.click();
  // The browser reads it after the click.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** `?a=1&b=2` without empty values. */
export function query(values: Record<string, string | number | null | undefined>): string {
  const pairs = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== null && value !== undefined && value !== "") pairs.set(name, String(value));
  }
  const text = pairs.toString();
  return text === "" ? "" : `?${text}`;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : "Something failed.";
}
