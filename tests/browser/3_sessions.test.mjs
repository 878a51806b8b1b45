// Attacks on a signed-in browser: a stolen cookie after logout, forged and cross-site requests, framing.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { ensureOwner, launch, noFaults, open, owner, signIn, url } from "./browser.mjs";

let browser;
before(async () => {
  browser = await launch();
  await ensureOwner(browser);
});
after(() => browser.close());

const status = (page, method, path, headers = {}, body = "{}") =>
  page.evaluate(
    async ([how, where, extra, content]) =>
      (await fetch(where, { method: how, headers: { "Content-Type": "application/json", ...extra }, ...(how === "GET" ? {} : { body: content }) })).status,
    [method, path, headers, body],
  );

test("R5 a cookie stolen before logout is worth nothing afterwards", async () => {
  const { context, page, faults } = await open(browser);
  await signIn(page);
  const stolen = await context.cookies();
  assert.ok(stolen.some((cookie) => cookie.httpOnly && cookie.sameSite === "Lax"));
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  const thief = await open(browser);
  await thief.context.addCookies(stolen);
  await thief.page.goto(`${url}/login`);
  assert.equal(await status(thief.page, "GET", "/console/api/orders"), 401);
  noFaults(faults);
  await context.close();
  await thief.context.close();
});

test("R3 the session id changes at login", async () => {
  const { context, page } = await open(browser);
  await page.goto(`${url}/login`);
  await page.getByLabel("User name").waitFor();
  const before = (await context.cookies()).map((cookie) => cookie.value);
  await signIn(page);
  const session = (await context.cookies()).filter((cookie) => /session/.test(cookie.name));
  assert.ok(session.length > 0);
  for (const cookie of session) assert.ok(!before.includes(cookie.value));
  await context.close();
});

test("R23 a state change without the token, or with another's, is refused", async () => {
  const { context, page } = await open(browser);
  await signIn(page);
  assert.equal(await status(page, "POST", "/console/api/orders/cancel-all"), 403);
  assert.equal(await status(page, "POST", "/console/api/orders/cancel-all", { "X-CSRF-Token": "0".repeat(64) }), 403);
  const other = await open(browser);
  await signIn(other.page);
  const foreign = await other.page.evaluate(async () => (await (await fetch("/auth/csrf-token")).json()).csrf_token);
  assert.equal(await status(page, "POST", "/console/api/orders/cancel-all", { "X-CSRF-Token": foreign }), 403);
  await context.close();
  await other.context.close();
});

test("R23 another site can neither act, nor read, nor frame", async () => {
  const target = url;
  const evil = createServer((request, reply) => {
    reply.setHeader("Content-Type", "text/html");
    reply.end(`<!doctype html><title>evil</title>
      <form id="f" method="post" action="${target}/console/api/orders/cancel-all" enctype="text/plain" target="sink"><input name='{"a":"' value='"}'></form>
      <iframe name="sink"></iframe><iframe id="frame" src="${target}/dashboard"></iframe>`);
  });
  await new Promise((ready) => evil.listen(0, "127.0.0.1", ready));
  const { context, page } = await open(browser);
  await signIn(page);
  const answers = [];
  page.on("response", (response) => {
    if (response.url().includes("/console/api/orders/cancel-all")) answers.push(response.status());
  });
  // 127.0.0.1 is another site than localhost.
  await page.goto(`http://127.0.0.1:${evil.address().port}/`);
  await page.evaluate(() => document.getElementById("f").submit());
  const read = await page.evaluate(
    (where) => fetch(`${where}/console/api/orders`, { credentials: "include" }).then(() => "read", () => "blocked"), target);
  assert.equal(read, "blocked");
  await page.waitForTimeout(500);
  for (const answer of answers) assert.ok(answer >= 400, `${answer}`);
  const frame = page.frames().find((candidate) => candidate.url().includes("/dashboard"));
  assert.ok(frame === undefined || (await frame.locator(".shell").count()) === 0, "the console can be framed");
  evil.close();
  await context.close();
});

test("a wrong password says the same as an unknown user", async () => {
  const said = [];
  for (const username of [owner.username, "nobody-here"]) {
    const { context, page } = await open(browser);
    await page.goto(`${url}/login`);
    await page.getByLabel("User name").fill(username);
    await page.getByLabel("Password").fill("certainly not the password");
    await page.getByRole("button", { name: "Sign in" }).click();
    said.push(await page.getByRole("alert").innerText());
    await context.close();
  }
  assert.equal(said[0], said[1]);
});

test("a page asks for the login and comes back to itself", async () => {
  const { context, page, faults } = await open(browser);
  await page.goto(`${url}/positions`);
  await page.getByLabel("User name").fill(owner.username);
  await page.getByLabel("Password").fill(owner.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Positions" }).waitFor();
  noFaults(faults);
  await context.close();
});

test("?next= cannot lead to another site", async () => {
  const { context, page } = await open(browser);
  await page.goto(`${url}/login?next=${encodeURIComponent("//evil.example/x")}`);
  await page.getByLabel("User name").fill(owner.username);
  await page.getByLabel("Password").fill(owner.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Dashboard" }).waitFor();
  assert.ok(page.url().startsWith(url));
  await context.close();
});
