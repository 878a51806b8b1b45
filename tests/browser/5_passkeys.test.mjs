// Passkeys, with the browser's own virtual authenticator: instead of the password, as the second factor, at a
// step-up, beside a reset link; removed; and what a browser without them can do.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { answerStepUp, desktop, ensureOwner, launch, noFaults, open, owner, phone, screenshots, signIn, url } from "./browser.mjs";
import { mailServer } from "./smtp.mjs";

let browser;
let mail;
before(async () => {
  browser = await launch();
  mail = await mailServer();
  await ensureOwner(browser);
});
after(async () => {
  await browser.close();
  mail.close();
});

async function withAuthenticator(page) {
  const session = await page.context().newCDPSession(page);
  await session.send("WebAuthn.enable");
  const { authenticatorId } = await session.send("WebAuthn.addVirtualAuthenticator", {
    options: { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true },
  });
  return { session, authenticatorId };
}

const heldBy = async ({ session, authenticatorId }) =>
  (await session.send("WebAuthn.getCredentials", { authenticatorId })).credentials;

async function hold({ session, authenticatorId }, credentials) {
  await session.send("WebAuthn.clearCredentials", { authenticatorId });
  for (const credential of credentials) await session.send("WebAuthn.addCredential", { authenticatorId, credential });
}

const withoutPasskeys = (context) => context.addInitScript(() => delete window.PublicKeyCredential);

/** An account of this file's own, made on the command line. */
function addUser(username, password) {
  execFileSync(process.env.GATEWAY_BINARY, ["user", "add", "--data", process.env.GATEWAY_DATA, "--username", username, "--email",
    `${username}@example.com`, "--role", "trader", "--password-stdin"], { input: `${password}\n` });
  return { username, email: `${username}@example.com`, password };
}

async function addPasskey(page, name, password) {
  await page.goto(`${url}/account`);
  await page.getByLabel("Name of a new passkey").fill(name);
  await page.getByRole("button", { name: "Add a passkey" }).click();
  const row = page.getByRole("row").filter({ hasText: name });
  await answerStepUp(page, row, password);
  await row.waitFor();
  return row;
}

async function toSecondStep(page, who) {
  await page.goto(`${url}/login`);
  await page.getByLabel("User name").fill(who.username);
  await page.getByLabel("Password").fill(who.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Second factor" }).waitFor();
}

const statusOf = (page) => page.evaluate(async () => (await fetch("/auth/session-status")).status);
const sessionCookie = async (context) => (await context.cookies()).find((cookie) => cookie.name === "kavach_session").value;

/** In every width and colour, for people to look at; then as it was. */
async function shoot(page, name) {
  for (const [form, viewport] of [["desktop", desktop], ["phone", phone]]) {
    for (const colorScheme of ["light", "dark"]) {
      await page.setViewportSize(viewport);
      await page.emulateMedia({ colorScheme });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      assert.ok(wide <= 0, `${name} is ${wide} px wider than a ${form}`);
      await page.screenshot({ path: join(screenshots, `${name}-${form}-${colorScheme}.png`) });
    }
  }
  await page.setViewportSize(desktop);
  await page.emulateMedia({ colorScheme: "light" });
}

test("R6 a passkey opens the account without the password", async () => {
  const { context, page, faults } = await open(browser);
  await withAuthenticator(page);
  await signIn(page);
  const row = await addPasskey(page, "laptop", owner.password);

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

const cleo = {};
let cleosDevice; // the authenticator in cleosBrowser
let cleosPasskeys; // as last used: an authenticator whose counter goes back is taken for a copy
let cleosBrowser;
let cleosCodes;

test("R8 a sensitive change is confirmed with a passkey, and in no other way than the account's second factor", async () => {
  Object.assign(cleo, addUser("cleo", "four amber kites above rooftops"));
  const { context, page, faults } = await open(browser);
  cleosBrowser = { context, page, faults };
  cleosDevice = await withAuthenticator(page);
  await signIn(page, cleo);
  await addPasskey(page, "phone", cleo.password);
  await page.getByText("You have no recovery codes.").waitFor();
  await shoot(page, "account-passkey");

  // Without the factor at sign-in, the first sensitive change asks for it.
  await page.getByLabel("Ask for it at every sign-in").click();
  await page.getByText("Saved.").waitFor();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await signIn(page, cleo);
  const before = await sessionCookie(context);
  await page.goto(`${url}/account`);
  await page.getByRole("button", { name: "New recovery codes" }).click();
  const proof = page.getByRole("dialog", { name: "Confirm that it is you" });
  await proof.waitFor();
  assert.equal(await proof.getByLabel("Your password").count(), 0, "the password is no proof where a passkey is enrolled");
  await shoot(page, "proof-passkey");
  await proof.getByRole("button", { name: "Use a passkey" }).click();
  const codes = page.getByRole("dialog", { name: "Recovery codes" });
  await codes.waitFor();
  cleosCodes = await codes.locator(".codes span").allTextContents();
  assert.equal(cleosCodes.length, 10);
  await codes.getByRole("button", { name: "I have kept them" }).click();
  await page.getByText("10 recovery codes are left.").waitFor();
  assert.notEqual(await sessionCookie(context), before, "R3 a step-up renews the session's identifier");
  cleosPasskeys = await heldBy(cleosDevice);
  noFaults(faults);
});

test("R6 a browser without passkeys is told what to do, and takes a recovery code", async () => {
  const { context, page, faults } = await open(browser);
  await withoutPasskeys(context);
  await signIn(page, cleo);
  await page.goto(`${url}/account`);
  const proof = page.getByRole("dialog", { name: "Confirm that it is you" });
  await page.getByLabel("Ask for it at every sign-in").click();
  await proof.getByLabel("Recovery code").fill(cleosCodes[0]);
  assert.equal(await proof.getByRole("button", { name: "Use a passkey" }).count(), 0);
  await proof.getByRole("button", { name: "Confirm" }).click();
  await page.getByText("Saved.").waitFor();
  noFaults(faults);
  await context.close();

  const next = await open(browser);
  await withoutPasskeys(next.context);
  await toSecondStep(next.page, cleo);
  await shoot(next.page, "login-recovery");
  await next.page.getByLabel("Recovery code").fill(cleosCodes[1]);
  await next.page.getByRole("button", { name: "Continue" }).click();
  await next.page.getByRole("heading", { name: "Dashboard" }).waitFor();
  noFaults(next.faults);
  await next.context.close();
});

test("R3 removing a passkey renews the session and ends the others", async () => {
  const { context, page, faults } = cleosBrowser;
  await page.goto(`${url}/account`);
  await addPasskeyFromAnotherDevice(page);
  const other = await open(browser);
  const elsewhere = await withAuthenticator(other.page);
  await hold(elsewhere, cleosPasskeys);
  await toSecondStep(other.page, cleo);
  await shoot(other.page, "login-passkey");
  await other.page.getByRole("button", { name: "Use a passkey" }).click();
  await other.page.getByRole("heading", { name: "Dashboard" }).waitFor();
  cleosPasskeys = await heldBy(elsewhere);
  assert.equal(await statusOf(other.page), 200);

  const before = await sessionCookie(context);
  await page.goto(`${url}/account`);
  await page.getByRole("row").filter({ hasText: "old tablet" }).getByRole("button", { name: "Remove" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await page.getByText("The passkey is removed.").waitFor();
  const after = await sessionCookie(context);
  assert.notEqual(after, before);
  assert.equal(await statusOf(page), 200, "this session goes on");
  assert.equal(await statusOf(other.page), 401, "the other one has ended");
  const thief = await open(browser);
  const cookie = (await context.cookies()).find((entry) => entry.value === after);
  await thief.context.addCookies([{ ...cookie, value: before }]);
  await thief.page.goto(`${url}/login`);
  assert.equal(await statusOf(thief.page), 401, "the former identifier is dead");
  noFaults(faults);
  for (const opened of [other, thief]) await opened.context.close();
});

/** A second passkey: an authenticator refuses to hold two for one account. */
async function addPasskeyFromAnotherDevice(page) {
  await hold(cleosDevice, []);
  await page.getByLabel("Name of a new passkey").fill("old tablet");
  await page.getByRole("button", { name: "Add a passkey" }).click();
  const row = page.getByRole("row").filter({ hasText: "old tablet" });
  const proof = page.getByRole("dialog", { name: "Confirm that it is you" });
  await proof.or(row).first().waitFor();
  assert.equal(await proof.isVisible(), false, "the proof of a moment ago is fresh");
  await row.waitFor();
}

async function configureMail() {
  const { context, page } = await open(browser);
  await signIn(page);
  const status = await page.evaluate(async ([port]) => {
    const { csrf_token } = await (await fetch("/auth/csrf-token")).json();
    const settings = { host: "127.0.0.1", port, username: "", from: "kavach@example.com", security: "none" };
    const headers = { "Content-Type": "application/json", "X-CSRF-Token": csrf_token };
    return (await fetch("/settings/api/smtp", { method: "POST", headers, body: JSON.stringify(settings) })).status;
  }, [mail.port]);
  assert.equal(status, 200);
  await context.close();
}

/** Asks for a link in the browser and takes it from the mailbox. */
async function mailedLink(page, username) {
  await page.goto(`${url}/reset-password`);
  await page.getByLabel("User name or e-mail").fill(username);
  await page.getByRole("button", { name: "Send the link" }).click();
  await page.getByText("is on its way").waitFor();
  for (;;) {
    const link = /https?:\S+#token=\S+/.exec(await mail.next());
    if (link !== null) return link[0]; // other mail tells of new devices
  }
}

test("R6 a reset link of an account with a passkey wants the passkey too", async () => {
  await configureMail();
  const { context, page, faults } = await open(browser);
  await hold(await withAuthenticator(page), cleosPasskeys);
  const link = await mailedLink(page, cleo.username);
  await page.goto("about:blank");
  await page.goto(link);
  const next = "five copper bells before sunrise";
  await page.getByLabel("New password").fill(next);
  await page.getByRole("button", { name: "Set the password with a passkey" }).waitFor();
  await shoot(page, "reset-passkey");
  const token = new URL(link).hash.slice("#token=".length);
  const alone = await page.evaluate(async ([bearer, new_password]) => {
    const { csrf_token } = await (await fetch("/auth/csrf-token")).json();
    const headers = { "Content-Type": "application/json", "X-CSRF-Token": csrf_token };
    const body = JSON.stringify({ token: bearer, new_password });
    return (await fetch("/auth/reset-password/confirm", { method: "POST", headers, body })).status;
  }, [token, next]);
  assert.equal(alone, 400, "the link alone sets no password");
  await page.getByRole("button", { name: "Set the password with a passkey" }).click();
  await page.getByText("The password is changed.").waitFor();
  assert.equal(await statusOf(cleosBrowser.page), 401, "every session has ended");
  cleo.password = next;
  await toSecondStep(page, cleo);
  noFaults(faults);
  await context.close();
  await cleosBrowser.context.close();
});

test("R6 a reset link without the passkey's browser: a recovery code, or what to do", async () => {
  const first = await open(browser);
  await withoutPasskeys(first.context);
  await first.page.goto(await mailedLink(first.page, cleo.username));
  await first.page.reload();
  const next = "six painted boats along the quay";
  await first.page.getByLabel("New password").fill(next);
  await first.page.getByLabel("Recovery code").fill(cleosCodes[2]);
  await shoot(first.page, "reset-recovery");
  await first.page.getByRole("button", { name: "Set the password" }).click();
  await first.page.getByText("The password is changed.").waitFor();
  cleo.password = next;
  noFaults(first.faults);
  await first.context.close();

  const dora = addUser("dora", "nine silver ladders in autumn");
  const { context, page, faults } = await open(browser);
  await withAuthenticator(page);
  await signIn(page, dora);
  await addPasskey(page, "only", dora.password);
  const lost = await open(browser);
  await withoutPasskeys(lost.context);
  await lost.page.goto(await mailedLink(lost.page, dora.username));
  await lost.page.reload();
  await lost.page.getByText("kavach user reset-second-factor").waitFor();
  await shoot(lost.page, "reset-lost");
  await toSecondStep(lost.page, dora);
  await lost.page.getByText("kavach user reset-second-factor").waitFor();
  await shoot(lost.page, "login-lost");

  // At a step-up too: this browser is signed in, as the account does not ask for the passkey there.
  await page.getByLabel("Ask for it at every sign-in").click();
  await page.getByText("Saved.").waitFor();
  await signIn(lost.page, dora);
  await lost.page.goto(`${url}/account`);
  await lost.page.getByRole("button", { name: "New recovery codes" }).click();
  const proof = lost.page.getByRole("dialog", { name: "Confirm that it is you" });
  await proof.getByText("kavach user reset-second-factor").waitFor();
  await shoot(lost.page, "proof-lost");
  await proof.getByRole("button", { name: "Close" }).last().click();
  await proof.waitFor({ state: "detached" });
  noFaults(faults);
  noFaults(lost.faults);
  for (const opened of [context, lost.context]) await opened.close();
});
