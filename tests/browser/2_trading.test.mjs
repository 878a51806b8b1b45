// Trading by hand: search, quote and depth, place, modify, cancel; what a refusal looks like.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ensureOwner, launch, noFaults, open, signIn, url } from "./browser.mjs";

let browser;
let page;
let faults;
before(async () => {
  browser = await launch();
  await ensureOwner(browser);
  ({ page, faults } = await open(browser));
  await signIn(page);
});
after(async () => {
  await browser.close();
  noFaults(faults);
});

const lastPrice = async () => {
  const text = await page.locator(".quote-head .last").innerText();
  return Number(text.replace(/,/g, ""));
};

async function openTicket(symbol) {
  await page.goto(`${url}/trade?symbol=NSE:${symbol}`);
  await page.waitForFunction(() => /\d/.test(document.querySelector(".quote-head .last")?.textContent ?? ""));
}

test("searches an instrument and shows its market", async () => {
  await openTicket("SBIN");
  await page.getByLabel("Find an instrument").fill("infy");
  await page.locator(".search-results button").filter({ hasText: "INFY" }).first().click();
  await page.getByRole("heading", { name: /^INFY · NSE/ }).waitFor();
  await page.waitForFunction(() => document.querySelectorAll(".depth .price:not([disabled])").length === 10);
});

test("places a limit order, modifies it, cancels it", async () => {
  await openTicket("ITC");
  const far = Math.round((await lastPrice()) * 0.95);
  const ticket = page.getByRole("form", { name: "Order ticket" });
  await ticket.getByLabel("LIMIT").check({ force: true });
  await ticket.getByLabel("Quantity").fill("5");
  await ticket.getByLabel("Price", { exact: true }).fill(String(far));
  await ticket.getByRole("button", { name: "Buy ITC" }).click();
  await page.getByText(/Order \d+ is placed/).waitFor();

  await page.goto(`${url}/orderbook`);
  const row = page.getByRole("row").filter({ hasText: "ITC" }).filter({ hasText: "open" });
  await row.getByRole("button", { name: /^Modify/ }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Quantity").fill("7");
  await dialog.getByRole("button", { name: "Change the order" }).click();
  await page.getByText(/is changed/).waitFor();
  await row.getByText("/ 7").waitFor();
  await row.getByRole("button", { name: /^Cancel/ }).click();
  await page.getByRole("row").filter({ hasText: "ITC" }).getByText("cancelled").waitFor();
});

test("a refused order says why and stays in the ticket", async () => {
  await openTicket("TCS");
  const ticket = page.getByRole("form", { name: "Order ticket" });
  await ticket.getByLabel("Quantity").fill("9000000");
  await ticket.getByRole("button", { name: "Buy TCS" }).click();
  const problem = ticket.getByRole("alert");
  await problem.waitFor();
  assert.ok((await problem.innerText()).length > 5);
  assert.equal(await ticket.getByLabel("Quantity").inputValue(), "9000000");
});

test("a market order becomes a position that Exit closes", async () => {
  await openTicket("RELIANCE");
  const ticket = page.getByRole("form", { name: "Order ticket" });
  await ticket.getByLabel("Quantity").fill("3");
  await ticket.getByRole("button", { name: "Buy RELIANCE" }).click();
  await page.getByText(/is placed/).waitFor();
  await page.goto(`${url}/positions`);
  const row = page.getByRole("row").filter({ hasText: "RELIANCE" });
  await row.getByRole("button", { name: "Exit" }).click();
  await page.getByRole("button", { name: "Sell RELIANCE" }).click();
  await page.getByText(/is placed/).waitFor();
  await page.goto(`${url}/positions`);
  await page.waitForFunction(() => {
    const found = [...document.querySelectorAll("tbody tr")].find((tr) => tr.textContent.includes("RELIANCE"));
    return found !== undefined && found.querySelector("td:nth-child(3)").textContent === "0";
  });
});
