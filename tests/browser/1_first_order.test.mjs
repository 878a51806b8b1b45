// What a newcomer does: open the setup link, create the owner, make an API key, send the README's line,
// see the order filled in the order book.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createKey, ensureOwner, launch, noFaults, open, owner, phone, rest, screenshots, setupToken, signIn, url } from "./browser.mjs";

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

test("a fresh gateway shows the setup and refuses a wrong token", async () => {
  const { context, page, faults } = await open(browser);
  await page.goto(`${url}/`);
  await page.getByRole("heading", { name: "Create the owner account" }).waitFor();
  await page.getByLabel("Setup token").fill("not-the-token");
  await page.getByLabel("User name").fill("mallory");
  await page.getByLabel("E-mail").fill("m@example.com");
  await page.getByLabel("Password", { exact: true }).fill("a long enough password");
  await page.getByLabel("Password again").fill("a long enough password");
  await page.getByRole("button", { name: "Create the account" }).click();
  await page.getByRole("alert").waitFor();
  const answer = await (await fetch(`${url}/auth/check-setup`)).json();
  assert.equal(answer.data.needs_setup, true);
  noFaults(faults);
  await context.close();
});

test("setup link, API key, first order, order book", async () => {
  await ensureOwner(browser);
  const { context, page, faults } = await open(browser);
  await signIn(page);
  const key = await createKey(page, "first");
  assert.match(key, /^[0-9a-f]{64}$/);

  const placed = await rest("placeorder", {
    apikey: key, strategy: "first", exchange: "NSE", symbol: "SBIN", action: "BUY", quantity: 1, pricetype: "MARKET", product: "MIS",
  });
  assert.equal(placed.status, 200, JSON.stringify(placed.body));
  assert.equal(placed.body.status, "success");

  await page.goto(`${url}/orderbook`);
  const row = page.getByRole("row").filter({ hasText: "SBIN" });
  await row.getByText("complete").waitFor();
  assert.match(await row.innerText(), /BUY/);
  await page.goto(`${url}/positions`);
  await page.getByRole("row").filter({ hasText: "SBIN" }).waitFor();
  noFaults(faults);
  await context.close();
});

test("the setup token works once", async () => {
  const csrf = await fetch(`${url}/auth/csrf-token`);
  const token = (await csrf.json()).csrf_token;
  const reply = await fetch(`${url}/auth/setup`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRF-Token": token, Cookie: csrf.headers.get("set-cookie").split(";")[0] },
    body: JSON.stringify({ ...owner, username: "mallory", setup_token: setupToken }),
  });
  assert.equal(reply.status, 409, await reply.text()); // an owner exists; not merely a bad CSRF token
});

test("the key is shown once and never again", async () => {
  const { context, page } = await open(browser);
  await signIn(page);
  const key = await createKey(page, "shown-once");
  await page.goto(`${url}/apikeys`);
  await page.getByRole("row").filter({ hasText: "shown-once" }).waitFor();
  const list = await page.evaluate(() => fetch("/apikey").then((reply) => reply.text()));
  assert.ok(!(await page.content()).includes(key));
  assert.ok(!list.includes(key));
  await context.close();
});

test("R11: a key that may only get out is made, explained and listed", async () => {
  const { context, page, faults } = await open(browser);
  await signIn(page);
  const trade = await createKey(page, "strategy");
  const order = { strategy: "exits", exchange: "NSE", symbol: "INFY", action: "BUY", quantity: 2, pricetype: "MARKET", product: "CNC" };
  assert.equal((await rest("placeorder", { apikey: trade, ...order })).status, 200);
  const key = await createKey(page, "watchdog", "square-off", async (dialog) => {
    const commands = await dialog.getByLabel("Getting out with curl").innerText();
    assert.ok(commands.indexOf("cancelallorder") < commands.indexOf("closeposition"));
    assert.ok(!(await dialog.innerText()).includes("placeorder"));
    await page.screenshot({ path: `${screenshots}/apikey-square-off-shown.png` });
  });
  const row = page.getByRole("row").filter({ hasText: "watchdog" });
  await row.getByText("square-off", { exact: true }).waitFor();
  assert.equal((await rest("placeorder", { apikey: key, ...order })).status, 403);
  assert.equal((await rest("closeposition", { apikey: key, strategy: "exits", product: "CNC" })).status, 200);
  await page.getByRole("button", { name: "New API key" }).first().click();
  await page.getByRole("radio", { name: "square-off", exact: true }).check({ force: true });
  await page.getByText("open nothing").waitFor();
  await page.screenshot({ path: `${screenshots}/apikey-square-off.png` });
  await page.setViewportSize(phone);
  await page.screenshot({ path: `${screenshots}/apikey-square-off-phone.png` });
  noFaults(faults);
  await context.close();
});

test("a revoked key is refused at once", async () => {
  const { context, page, faults } = await open(browser);
  await signIn(page);
  const key = await createKey(page, "to-revoke");
  assert.equal((await rest("funds", { apikey: key })).status, 200);
  await page.getByRole("button", { name: "Revoke to-revoke" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
  await page.getByText("to-revoke is revoked.").waitFor();
  assert.equal((await rest("funds", { apikey: key })).status, 403);
  noFaults(faults);
  await context.close();
});
