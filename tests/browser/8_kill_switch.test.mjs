// The kill switch of the owner's console: no order while it is thrown, also none by the API; released with a fresh proof.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { answerStepUp, ensureOwner, launch, noFaults, open, screenshots, signIn, url } from "./browser.mjs";

let browser;
before(async () => {
  browser = await launch();
  await ensureOwner(browser);
});
after(() => browser.close());

const placed = (page) =>
  page.evaluate(async () => {
    const { csrf_token } = await (await fetch("/auth/csrf-token")).json();
    const ticket = { symbol: "SBIN", exchange: "NSE", action: "BUY", quantity: 1, pricetype: "LIMIT", product: "MIS", price: 1 };
    const headers = { "Content-Type": "application/json", "X-CSRF-Token": csrf_token };
    return (await fetch("/console/api/orders", { method: "POST", headers, body: JSON.stringify(ticket) })).status;
  });

test("R36 no order passes while trading is stopped", async () => {
  const { context, page, faults } = await open(browser);
  await signIn(page);
  await page.goto(`${url}/dashboard`);
  assert.equal(await placed(page), 200);
  await page.getByRole("button", { name: "Stop all trading" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Stop all trading" }).click();
  const release = page.getByRole("button", { name: "Trading is stopped. Let orders through" });
  await release.waitFor();
  await page.screenshot({ path: `${screenshots}/kill-switch-thrown.png` });
  assert.notEqual(await placed(page), 200);
  const open_orders = await page.evaluate(async () => (await (await fetch("/console/api/orders")).json()).data.statistics.total_open_orders);
  assert.equal(open_orders, 0);

  await release.click();
  await page.getByRole("dialog").getByRole("button", { name: "Let them through" }).click();
  await answerStepUp(page, page.getByText("Orders go through again."));
  await page.getByRole("button", { name: "Stop all trading" }).waitFor();
  assert.equal(await placed(page), 200);
  noFaults(faults);
  await context.close();
});
