// Second factor and accounts: enrolment by QR code, codes that work once, recovery codes, another user who
// sees nothing of the owner's.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { answerStepUp, ensureOwner, launch, noFaults, open, signIn, url } from "./browser.mjs";
import { Authenticator } from "./totp.mjs";

const bob = { username: "bob", email: "bob@example.com", password: "seven quiet lanterns over water" };
let browser;
let authenticator;
let recoveryCodes;

before(async () => {
  browser = await launch();
  await ensureOwner(browser);
});
after(() => browser.close());

test("the owner adds a trader", async () => {
  const { context, page, faults } = await open(browser);
  await signIn(page);
  await page.goto(`${url}/users`);
  await page.getByRole("button", { name: "New user" }).click();
  const dialog = page.getByRole("dialog", { name: "New user" });
  await dialog.getByLabel("User name").fill(bob.username);
  await dialog.getByLabel("E-mail").fill(bob.email);
  await dialog.getByLabel("First password").fill(bob.password);
  await dialog.getByRole("button", { name: "Create the account" }).click();
  await answerStepUp(page, page.getByRole("row").filter({ hasText: bob.username }));
  await page.getByRole("row").filter({ hasText: bob.username }).waitFor();
  noFaults(faults);
  await context.close();
});

test("a trader sees neither the owner's orders nor the owner's pages", async () => {
  const { context, page, faults } = await open(browser);
  await signIn(page, bob);
  const own = await page.evaluate(async () => (await (await fetch("/console/api/orders")).json()).data.orders.length);
  assert.equal(own, 0);
  for (const path of ["/security/api/data", "/traffic/api/logs", "/users/api/list", "/audit/api/events"]) {
    assert.equal(await page.evaluate(async (where) => (await fetch(where)).status, path), 403, path);
  }
  assert.equal(await page.getByRole("link", { name: "Security" }).count(), 0);
  noFaults(faults);
  await context.close();
});

test("R6 enrols an authenticator and gets recovery codes", async () => {
  const { context, page, faults } = await open(browser);
  await signIn(page, bob);
  await page.goto(`${url}/account`);
  await page.getByRole("button", { name: "Set up an authenticator" }).click();
  const form = page.getByRole("form", { name: "Set up an authenticator" });
  await answerStepUp(page, form, bob.password);
  await page.getByRole("img", { name: /QR code/ }).waitFor();
  authenticator = new Authenticator((await form.locator(".secret code").textContent()).trim());
  await form.getByLabel("The six digits it shows").fill(await authenticator.next());
  await form.getByRole("button", { name: "Turn on" }).click();
  const dialog = page.getByRole("dialog", { name: "Recovery codes" });
  await dialog.waitFor();
  recoveryCodes = await dialog.locator(".codes span").allTextContents();
  assert.equal(recoveryCodes.length, 10);
  await dialog.getByRole("button", { name: "I have kept them" }).click();
  noFaults(faults);
  await context.close();
});

async function toCodeStep(page) {
  await page.goto(`${url}/login`);
  await page.getByLabel("User name").fill(bob.username);
  await page.getByLabel("Password").fill(bob.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Second factor" }).waitFor();
}

async function give(page, code) {
  await page.getByLabel("Code").fill(code);
  await page.getByRole("button", { name: "Continue" }).click();
}

test("R6 the password alone no longer opens the account, and a code works once", async () => {
  const code = await authenticator.next();
  const first = await open(browser);
  await toCodeStep(first.page);
  assert.equal(await first.page.evaluate(async () => (await fetch("/console/api/orders")).status), 401);
  await give(first.page, "000000");
  await first.page.getByRole("alert").waitFor();
  await give(first.page, code);
  await first.page.getByRole("heading", { name: "Dashboard" }).waitFor();
  noFaults(first.faults);
  await first.context.close();

  const replay = await open(browser);
  await toCodeStep(replay.page);
  await give(replay.page, code);
  await replay.page.getByRole("alert").waitFor();
  await replay.context.close();
});

test("R6 a recovery code works once", async () => {
  for (const expected of ["opens", "refused"]) {
    const { context, page } = await open(browser);
    await toCodeStep(page);
    await give(page, recoveryCodes[0]);
    if (expected === "opens") await page.getByRole("heading", { name: "Dashboard" }).waitFor();
    else await page.getByRole("alert").waitFor();
    await context.close();
  }
});

test("a forgotten password is set anew with a code, and not without", async () => {
  const { context, page, faults } = await open(browser);
  const next = "eight slow barges under the bridge";
  await page.goto(`${url}/reset-password`);
  await page.getByText("By authenticator").click();
  await page.getByLabel("User name").fill(bob.username);
  await page.getByLabel("New password").fill(next);
  for (const [code, answer] of [["000000", "alert"], [recoveryCodes[1], "status"]]) {
    await page.getByLabel("Code").fill(code);
    await page.getByRole("button", { name: "Set the password" }).click();
    if (answer === "alert") await page.getByRole("alert").waitFor();
    else await page.getByText("The password is changed.").waitFor();
  }
  bob.password = next;
  await toCodeStep(page);
  noFaults(faults);
  await context.close();
});

test("R2 a reset link that is not one says so before a password is typed, and offers a new one", async () => {
  const { context, page, faults } = await open(browser);
  await page.goto(`${url}/reset-password#token=${"0".repeat(64)}`);
  await page.getByRole("alert").filter({ hasText: "expired or was used" }).waitFor();
  assert.equal(await page.getByLabel("New password").count(), 0);
  await page.getByRole("button", { name: "Ask for a new link" }).click();
  await page.getByLabel("User name or e-mail").waitFor();
  noFaults(faults);
  await context.close();
});
