// Passkeys, with the browser's own virtual authenticator: registered on the account page, used instead of
// the password, refused from a page that is not ours.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { answerStepUp, ensureOwner, launch, noFaults, open, signIn, url } from "./browser.mjs";

let browser;
before(async () => {
  browser = await launch();
  await ensureOwner(browser);
});
after(() => browser.close());

async function withAuthenticator(page) {
  const session = await page.context().newCDPSession(page);
  await session.send("WebAuthn.enable");
  await session.send("WebAuthn.addVirtualAuthenticator", {
    options: { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true },
  });
}

test("R6 a passkey opens the account without the password", async () => {
  const { context, page, faults } = await open(browser);
  await withAuthenticator(page);
  await signIn(page);
  await page.goto(`${url}/account`);
  await page.getByLabel("Name of a new passkey").fill("laptop");
  await page.getByRole("button", { name: "Add a passkey" }).click();
  const row = page.getByRole("row").filter({ hasText: "laptop" });
  await answerStepUp(page, row);
  await row.waitFor();

  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await page.getByRole("button", { name: "Use a passkey" }).click();
  await page.getByRole("heading", { name: "Account" }).waitFor(); // where the sign-out happened
  await row.getByRole("button", { name: "Remove" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await page.getByText("The passkey is removed.").waitFor();
  noFaults(faults);
  await context.close();
});

test("a removed passkey opens nothing", async () => {
  const { context, page } = await open(browser);
  await withAuthenticator(page);
  await page.goto(`${url}/login`);
  await page.getByRole("button", { name: "Use a passkey" }).click();
  await page.getByRole("alert").waitFor();
  assert.equal(await page.evaluate(async () => (await fetch("/console/api/orders")).status), 401);
  await context.close();
});
