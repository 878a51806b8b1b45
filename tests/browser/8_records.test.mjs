// Traffic, latency, logs and audit: searched, exported after a fresh proof, and a changed chain is named.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { createKey, downloaded, ensureOwner, launch, noFaults, open, rest, screenshots, signIn, url } from "./browser.mjs";

let browser;
let apikey;
before(async () => {
  browser = await launch();
  await ensureOwner(browser);
  const { context, page } = await open(browser);
  await signIn(page);
  apikey = await createKey(page, "records");
  await context.close();
});
after(() => browser.close());

async function signedIn(name) {
  const opened = await open(browser);
  await signIn(opened.page);
  await opened.page.goto(`${url}/${name}`);
  await opened.page.locator("main h1").waitFor();
  return opened;
}

const order = (more = {}) =>
  rest("placeorder", { apikey, strategy: "records", exchange: "NSE", symbol: "SBIN", action: "BUY", quantity: 1, pricetype: "MARKET", product: "MIS", ...more });

const exported = (page, name) => downloaded(page, page.getByRole("button", { name, exact: true }));

test("R32 traffic: a request is found by its route and status, and exported", async () => {
  await fetch(`${url}/no-such-page`);
  const { context, page, faults } = await signedIn("traffic");
  await page.getByLabel("Status").fill("404");
  await page.getByRole("button", { name: "Search" }).click();
  const rows = page.getByRole("table", { name: "Requests" }).locator("tbody tr");
  await rows.first().waitFor();
  for (const text of await rows.allTextContents()) assert.match(text, /404/);
  const file = await exported(page, "CSV");
  assert.match(file.name, /^kavach-traffic-.*\.csv$/);
  assert.match(file.text, /^at,address,method,route/);
  assert.match(file.text, /"not_found"/);
  await page.getByLabel("Status").fill("418");
  await page.getByRole("button", { name: "Search" }).click();
  await page.getByText("No request matches.").waitFor();
  noFaults(faults);
  await context.close();
});

test("latency: an order is listed with its stages and found by its id", async () => {
  const { body } = await order();
  const { context, page, faults } = await signedIn("latency");
  await page.getByLabel("Order id").fill(body.orderid);
  await page.getByRole("button", { name: "Search" }).click();
  const row = page.getByRole("row").filter({ hasText: body.orderid });
  await row.waitFor();
  assert.match(await row.textContent(), /journal .*broker|risk .*journal/);
  const file = await exported(page, "JSON lines");
  assert.equal(JSON.parse(file.text.trim()).orderid, body.orderid);
  await page.screenshot({ path: join(screenshots, "latency-order.png"), fullPage: true });
  noFaults(faults);
  await context.close();
});

test("logs: an order's line is found by its order id", async () => {
  const { body } = await order();
  const { context, page, faults } = await signedIn("logs");
  await page.getByLabel("Text").fill(body.orderid);
  await page.getByRole("button", { name: "Search" }).click();
  await page.getByRole("row").filter({ hasText: body.orderid }).first().waitFor();
  noFaults(faults);
  await context.close();
});

/** What somebody with the database file does. */
const attack = (sql) =>
  execFileSync("python3", ["-c", "import sqlite3, sys; db = sqlite3.connect(sys.argv[1], timeout=10); print(db.execute(sys.argv[2]).fetchone()); db.commit()",
    join(process.env.GATEWAY_DATA, "kavach.db"), sql], { encoding: "utf8" });

test("R30 audit: the page verifies the chain and names the first changed record", async () => {
  const { context, page, faults } = await signedIn("audit");
  await page.getByRole("button", { name: "Verify the chain" }).click();
  await page.getByText("are as they were written").waitFor();
  attack("UPDATE audit_events SET actor = actor || 'x' WHERE seq = 3");
  await page.getByRole("button", { name: "Verify the chain" }).click();
  await page.getByText("The chain is broken at record 3").waitFor();
  await page.screenshot({ path: join(screenshots, "audit-broken.png") });
  attack("UPDATE audit_events SET actor = substr(actor, 1, length(actor) - 1) WHERE seq = 3");
  await page.getByRole("button", { name: "Verify the chain" }).click();
  await page.getByText("are as they were written").waitFor();
  const file = await exported(page, "JSON lines");
  const lines = file.text.trim().split("\n").map((line) => JSON.parse(line));
  assert.equal(lines[0].seq, 1);
  assert.equal(lines.at(-1).type, "head");
  await page.getByLabel("Event").fill("records.exported");
  await page.getByRole("button", { name: "Search" }).click();
  await page.getByRole("row").filter({ hasText: "records.exported" }).first().waitFor();
  noFaults(faults);
  await context.close();
});
