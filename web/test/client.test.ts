// What the client adds to a request and what it makes of each answer.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { ApiError, exchange, forgetCsrfToken, get, post, query, setPrompts } from "../src/api/client";

interface Seen {
  path: string;
  method: string;
  headers: Record<string, string>;
  body: unknown;
}
let seen: Seen[] = [];
let script: (request: Seen) => { status?: number; body: unknown; headers?: Record<string, string> };
const asked = { signedOut: 0, stepUp: 0, consequences: [] as string[] };
let answers = true;

globalThis.fetch = (async (path: string, init: RequestInit = {}) => {
  const request: Seen = {
    path, method: init.method ?? "GET", headers: (init.headers ?? {}) as Record<string, string>,
    body: init.body === undefined ? undefined : JSON.parse(String(init.body)),
  };
  seen.push(request);
  const reply = script(request);
  const text = typeof reply.body === "string" ? reply.body : JSON.stringify(reply.body);
  return new Response(text, { status: reply.status ?? 200, headers: reply.headers ?? {} });
}) as typeof fetch;

beforeEach(() => {
  seen = [];
  answers = true;
  asked.signedOut = asked.stepUp = 0;
  asked.consequences = [];
  forgetCsrfToken();
  setPrompts({
    signedOut: () => void ++asked.signedOut,
    stepUp: async () => (++asked.stepUp, answers),
    confirm: async (consequence) => (asked.consequences.push(consequence), answers),
  });
});

const withToken = (rest: typeof script): typeof script => (request) =>
  request.path === "/auth/csrf-token" ? { body: { status: "success", csrf_token: "t1" } } : rest(request);
const acts = (): Seen[] => seen.filter((request) => request.path !== "/auth/csrf-token");

test("a read carries no token, a write carries it and fetches it once", async () => {
  script = withToken(() => ({ body: { status: "success", data: { n: 1 } } }));
  assert.deepEqual(await get("/console/api/funds"), { n: 1 });
  await post("/a", { x: 1 });
  await post("/b");
  assert.equal(seen.filter((request) => request.path === "/auth/csrf-token").length, 1);
  assert.equal(acts()[0]?.headers["X-CSRF-Token"], undefined);
  assert.equal(acts()[1]?.headers["X-CSRF-Token"], "t1");
});

test("a stale token is replaced once and the act repeated once", async () => {
  script = withToken(() => ({ status: 403, body: { status: "error", message: "old", data: { reason: "csrf" } } }));
  await assert.rejects(post("/a"), ApiError);
  assert.equal(acts().length, 2);
});

test("a second factor is asked for and the act repeated", async () => {
  let fresh = false;
  script = withToken(() => {
    if (fresh) return { body: { status: "success" } };
    fresh = true;
    return { status: 403, body: { status: "error", message: "prove it", data: { reason: "step_up_required" } } };
  });
  await post("/apikey", { name: "x" });
  assert.equal(asked.stepUp, 1);
  assert.deepEqual(acts().map((request) => request.body), [{ name: "x" }, { name: "x" }]);
});

test("a declined second factor or confirmation changes nothing", async () => {
  answers = false;
  script = withToken(() => ({ status: 409, body: { status: "error", data: { reason: "confirm_required", consequence: "Locks you out." } } }));
  await assert.rejects(post("/security/ban"), /Nothing was changed/);
  assert.deepEqual(asked.consequences, ["Locks you out."]);
  assert.equal(acts().length, 1);
});

test("a confirmed act says so", async () => {
  script = withToken((request) =>
    (request.body as { confirm?: boolean }).confirm === true
      ? { body: { status: "success" } }
      : { status: 409, body: { status: "error", data: { reason: "confirm_required", consequence: "Sure?" } } });
  await post("/security/ban", { ip_address: "1.2.3.4" });
  assert.deepEqual(acts()[1]?.body, { ip_address: "1.2.3.4", confirm: true });
});

test("a gateway that keeps asking is not asked for ever", async () => {
  script = withToken(() => ({ status: 403, body: { status: "error", data: { reason: "step_up_required" } } }));
  await assert.rejects(post("/a"), ApiError);
  assert.ok(acts().length <= 5);
});

test("a 401 ends the session on the page, except where it is an answer", async () => {
  script = () => ({ status: 401, body: { status: "error", message: "Sign in first." } });
  await assert.rejects(get("/console/api/orders"), /Sign in first/);
  assert.equal(asked.signedOut, 1);
  await assert.rejects(exchange("GET", "/auth/session-status", undefined, { signedOutIsAnAnswer: true }), ApiError);
  assert.equal(asked.signedOut, 1);
});

test("a 429 tells how long to wait", async () => {
  script = () => ({ status: 429, body: { status: "error", message: "slow" }, headers: { "Retry-After": "7" } });
  await assert.rejects(get("/a"), (error: ApiError) => error.retryAfter === 7);
});

test("a plain-text refusal is shown as it is", async () => {
  script = () => ({ status: 403, body: "Access Denied: Your IP has been banned" });
  await assert.rejects(get("/a"), /Your IP has been banned/);
});

test("empty filters leave no trace in the address", () => {
  assert.equal(query({ a: "", b: null, c: undefined }), "");
  assert.equal(query({ symbols: "NSE:M&M", limit: 5 }), "?symbols=NSE%3AM%26M&limit=5");
});

test("a read is asked again when the gateway was busy, a change never", async () => {
  const realTimer = globalThis.setTimeout;
  const waits: number[] = [];
  globalThis.setTimeout = ((run: () => void, wait: number) => (waits.push(wait), run(), 0)) as unknown as typeof setTimeout;
  try {
    let busy = 2;
    script = withToken(() =>
      busy-- > 0 ? { status: 503, body: { status: "error", message: "busy" }, headers: { "Retry-After": "2" } } : { body: { status: "success", data: 7 } },
    );
    assert.equal(await get("/audit/api/verify"), 7);
    assert.deepEqual(waits, [2000, 2000]);
    busy = 1;
    await assert.rejects(post("/console/api/orders", {}), (error: ApiError) => error.status === 503);
    assert.equal(acts().filter((request) => request.method === "POST").length, 1);
  } finally {
    globalThis.setTimeout = realTimer;
  }
});
