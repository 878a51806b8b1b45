// Every page, on a phone and on a desktop, light and dark: it shows its heading, fits its screen, breaks
// no policy, names its controls. Screenshots are kept for people to look at.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { createKey, desktop, ensureOwner, launch, noFaults, open, phone, rest, screenshots, signIn, url } from "./browser.mjs";

const pages = ["dashboard", "trade", "orderbook", "tradebook", "positions", "holdings", "funds", "apikeys", "account",
  "users", "security", "traffic", "latency", "connections", "audit", "logs", "backup", "settings"];

let browser;
before(async () => {
  browser = await launch();
  await ensureOwner(browser);
  const { context, page } = await open(browser);
  await signIn(page);
  await fillBooks(await createKey(page, "screenshots"));
  await context.close();
});
after(() => browser.close());

async function fillBooks(apikey) {
  const order = (symbol, action, quantity, more = {}) =>
    rest("placeorder", { apikey, strategy: "breakout", exchange: "NSE", symbol, action, quantity, pricetype: "MARKET", product: "MIS", ...more });
  await order("INFY", "SELL", 40, { strategy: "mean-reversion" });
  await order("RELIANCE", "BUY", 25);
  await order("HDFCBANK", "BUY", 60, { strategy: "momentum", product: "CNC" });
  const quote = await rest("quotes", { apikey, exchange: "NSE", symbol: "TCS" });
  const near = Math.round(quote.body.data.ltp * 0.98);
  await order("TCS", "BUY", 30, { pricetype: "LIMIT", price: near });
  const above = Math.round(quote.body.data.ltp * 1.02);
  await order("TCS", "BUY", 10, { pricetype: "SL", price: above + 5, trigger_price: above });
  await order("SBIN", "BUY", 90000000, { product: "CNC" });
}

/** Controls that a screen reader could not name. */
const unnamed = () =>
  [...document.querySelectorAll("button, a[href], input, select, textarea")]
    .filter((element) => element.offsetParent !== null || element.getClientRects().length > 0)
    .filter((element) => {
      const text = element.getAttribute("aria-label") ?? element.textContent ?? "";
      const labelled = "labels" in element && element.labels !== null && element.labels.length > 0;
      return text.trim() === "" && !labelled && element.getAttribute("aria-hidden") !== "true";
    })
    .map((element) => element.outerHTML.slice(0, 120));

for (const [form, viewport] of [["desktop", desktop], ["phone", phone]]) {
  for (const colorScheme of ["light", "dark"]) {
    test(`every page, ${form}, ${colorScheme}`, async () => {
      const { context, page, faults } = await open(browser, { viewport, colorScheme });
      await signIn(page);
      for (const name of pages) {
        await page.goto(`${url}/${name}`);
        await page.locator("main h1").waitFor();
        await page.waitForLoadState("networkidle", { timeout: 3000 }).catch(() => undefined);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        assert.ok(wide <= 0, `${name} is ${wide} px wider than a ${form}`);
        assert.deepEqual(await page.evaluate(unnamed), [], `${name} has controls without a name`);
        await page.screenshot({ path: join(screenshots, `${name}-${form}-${colorScheme}.png`) });
      }
      noFaults(faults);
      await context.close();
    });
  }
}

test("the page itself is not cached, its script is, for ever", async () => {
  const page = await fetch(`${url}/login`);
  assert.equal(page.headers.get("cache-control"), "no-store");
  const policy = page.headers.get("content-security-policy");
  for (const bad of ["unsafe-inline", "unsafe-eval", "*"]) assert.ok(!policy.includes(bad), policy);
  assert.match(policy, /frame-ancestors 'none'/);
  const script = /src="([^"]+)"/.exec(await page.text())[1];
  assert.match((await fetch(`${url}${script}`)).headers.get("cache-control"), /immutable/);
});
