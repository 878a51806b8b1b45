// A browser and pages for the tests. A page fails its test for any violation of the content security
// policy, any uncaught error, and any request to another host.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { chromium } from "playwright-core";

export const url = process.env.GATEWAY_URL;
export const setupToken = process.env.GATEWAY_SETUP_TOKEN;
export const screenshots = process.env.SCREENSHOTS;
export const owner = { username: "ada", email: "ada@example.com", password: "nine grey herons by the weir" };

export const launch = () =>
  chromium.launch({
    executablePath: process.env.CHROMIUM,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync"],
  });

export const desktop = { width: 1440, height: 900 };
export const phone = { width: 390, height: 844 };

/** A fresh profile: no cookie, no storage. `faults` fills with what must not happen. */
export async function open(browser, options = {}) {
  const context = await browser.newContext({ viewport: desktop, colorScheme: "light", ...options });
  const page = await context.newPage();
  const faults = [];
  await context.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) =>
      console.error(`CSP violation: ${event.violatedDirective} blocked ${event.blockedURI}`));
  });
  page.on("pageerror", (error) => faults.push(`uncaught: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error" && /CSP|Content Security Policy|Refused to/.test(message.text())) faults.push(message.text());
  });
  page.on("request", (request) => {
    if (!request.url().startsWith(url) && !/^(data|blob):/.test(request.url())) faults.push(`request to ${request.url()}`);
  });
  return { context, page, faults };
}

export const noFaults = (faults) => assert.deepEqual(faults, []);

export async function signIn(page, who = owner) {
  await page.goto(`${url}/login`);
  await page.getByLabel("User name").fill(who.username);
  await page.getByLabel("Password").fill(who.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Dashboard" }).waitFor();
}

/** Creates the owner through the console unless an earlier file did. */
export async function ensureOwner(browser) {
  const answer = await (await fetch(`${url}/auth/check-setup`)).json();
  if (!answer.data.needs_setup) return;
  const { context, page, faults } = await open(browser);
  await page.goto(`${url}/setup#${setupToken}`);
  await page.getByLabel("User name").fill(owner.username);
  await page.getByLabel("E-mail").fill(owner.email);
  await page.getByLabel("Password", { exact: true }).fill(owner.password);
  await page.getByLabel("Password again").fill(owner.password);
  await page.getByRole("button", { name: "Create the account" }).click();
  await page.getByRole("heading", { name: "Dashboard" }).waitFor();
  noFaults(faults);
  await context.close();
}

/** Makes an API key in the console and returns it; `seen` is called while it is shown. */
export async function createKey(page, name, scope = "trade", seen = async () => {}) {
  await page.goto(`${url}/apikeys`);
  await page.getByRole("button", { name: "New API key" }).first().click();
  await page.getByLabel("Name").fill(name);
  await page.getByRole("radio", { name: scope, exact: true }).check({ force: true });
  await page.getByRole("button", { name: "Create the key" }).click();
  const dialog = page.getByRole("dialog", { name: "Your new API key" });
  await answerStepUp(page, dialog);
  await dialog.waitFor();
  const key = (await dialog.locator(".secret code").textContent()).trim();
  await seen(dialog);
  await dialog.getByRole("button", { name: "I have kept it" }).click();
  return key;
}

/** A sensitive change asks for the password unless a proof is fresh; `otherwise` appears when it does not. */
export async function answerStepUp(page, otherwise, password = owner.password) {
  const proof = page.getByRole("dialog", { name: "Confirm that it is you" });
  await proof.or(otherwise).first().waitFor();
  if (!(await proof.isVisible())) return;
  await proof.getByLabel("Your password").fill(password);
  await proof.getByRole("button", { name: "Confirm" }).click();
}

/** Presses a button that saves a file, proves who one is where that is asked, and gives the file's name and text. */
export async function downloaded(page, button, password = owner.password) {
  const arrived = page.waitForEvent("download");
  await button.click();
  const proof = page.getByRole("dialog", { name: "Confirm that it is you" });
  await Promise.race([arrived, proof.waitFor().catch(() => undefined)]);
  if (await proof.isVisible()) {
    await proof.getByLabel("Your password").fill(password);
    await proof.getByRole("button", { name: "Confirm" }).click();
  }
  const file = await arrived;
  return { name: file.suggestedFilename(), text: await readFile(await file.path(), "utf8") };
}

/** The trading API, as a program calls it. */
export async function rest(path, body) {
  const reply = await fetch(`${url}/api/v1/${path}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  return { status: reply.status, body: await reply.json() };
}
