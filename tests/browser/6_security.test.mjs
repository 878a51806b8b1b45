// The security page: what it shows of an attack, its dialogs and what they say before they act, files in and
// out. The browser comes from an address of its own, as through a proxy.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { answerStepUp, desktop, downloaded, ensureOwner, launch, noFaults, open, phone, screenshots, signIn, url } from "./browser.mjs";

const home = "198.51.100.50";
let browser;
before(async () => {
  browser = await launch();
  await ensureOwner(browser);
  for (let n = 0; n < 7; ++n) await wrongKey("203.0.113.70");
  for (let n = 0; n < 12; ++n) await ask(`/nothing-${n}`, "203.0.113.71");
  for (let n = 0; n < 10; ++n) await wrongKey("203.0.113.72");
});
after(() => browser.close());

const ask = (path, client, options = {}) => fetch(`${url}${path}`, { ...options, headers: { "X-Forwarded-For": client, ...options.headers } });
const wrongKey = (client) =>
  ask("/api/v1/funds", client, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ apikey: "f".repeat(64) }) });
const isBanned = async (client) => (await ask("/health/status", client)).status === 403;

async function onPage(options = {}) {
  const opened = await open(browser, { extraHTTPHeaders: { "X-Forwarded-For": home }, acceptDownloads: true, ...options });
  await signIn(opened.page);
  await opened.page.goto(`${url}/security`);
  await opened.page.getByText("You come from").waitFor();
  return opened;
}
const bans = (page) => page.getByRole("table", { name: "Bans in force" });
const row = (page, text) => bans(page).getByRole("row").filter({ has: page.getByText(text, { exact: true }) });
const data = (page) => page.evaluate(async () => (await (await fetch("/security/api/data")).json()).data);

test("R40a every figure on the page is the one the gateway gives", async () => {
  const { context, page, faults } = await onPage();
  const now = await data(page);
  const figure = async (label) => (await page.locator(".stats, dl, section").getByText(label, { exact: true }).first().locator("xpath=..").innerText()).replace(label, "").trim();
  assert.equal(await figure("Bans in force"), String(now.totals.bans));
  assert.equal(await figure("Permanent"), String(now.totals.permanent_bans));
  assert.equal(await figure("Suspects"), String(now.totals.suspects));
  assert.equal(await figure("Offences in 24 hours"), String(now.totals.offences_24h));
  assert.equal(await figure("You come from"), home);
  const suspects = page.getByRole("table", { name: "Suspects of the last 24 hours" });
  for (const suspect of now.suspects) {
    const cells = await suspects.getByRole("row").filter({ has: page.getByText(suspect.address, { exact: true }) }).getByRole("cell").allInnerTexts();
    assert.match(cells[1], new RegExp(`^${suspect.nearest.count} of ${suspect.nearest.threshold} `), suspect.address);
    assert.deepEqual(cells.slice(2, 6), [suspect.invalid_api_keys, suspect.not_found, suspect.failed_logins, suspect.other].map(String), suspect.address);
  }
  const paths = page.getByRole("table", { name: "Suspicious paths" });
  assert.equal(await paths.getByRole("row").filter({ hasText: "203.0.113.71" }).count(), 12);
  const keys = page.getByRole("table", { name: "Wrong API keys, as keyed digests" });
  const tried = await keys.getByRole("row").filter({ hasText: "203.0.113.70" }).getByRole("cell").allInnerTexts();
  assert.equal(tried[2], "7");
  assert.doesNotMatch(tried[1], /ffff/);
  assert.match(await row(page, "203.0.113.72").innerText(), /wrong|invalid/i);
  noFaults(faults);
  await context.close();
});

for (const [choice, left, hours] of [["24 h", /1d 0h|23h/, 24], ["48 h", /2d 0h|1d 23h/, 48], ["7 days", /7d 0h|6d 23h/, 168], ["Permanent", /permanent/, 0]]) {
  test(`bans for ${choice}, and says before what that does`, async () => {
    const { context, page, faults } = await onPage();
    const address = `203.0.113.${100 + hours % 100}`;
    await page.getByRole("button", { name: "Ban an address" }).click();
    const dialog = page.getByRole("dialog", { name: "Ban an address" });
    await dialog.getByLabel("Address or network").fill(address);
    await dialog.getByText(choice, { exact: true }).click();
    await dialog.getByLabel("Reason").fill("drill");
    const said = await dialog.innerText();
    assert.match(said, new RegExp(`${address.replaceAll(".", "\\.")} is refused on every path`));
    assert.match(said, hours === 0 ? /until you lift the ban\. .*exported to the data folder/s : new RegExp(`for ${choice.replace("h", "hours")}`));
    await page.screenshot({ path: join(screenshots, `security-ban-${choice.replace(" ", "")}.png`) });
    await dialog.getByRole("button", { name: "Ban", exact: true }).click();
    await row(page, address).waitFor();
    assert.match(await row(page, address).innerText(), left);
    assert.ok(await isBanned(address), "in force at once");
    const stored = (await data(page)).bans.find((ban) => ban.network === address);
    const lasts = stored.expires_at === null ? 0 : Math.round((Date.parse(stored.expires_at) - Date.parse(stored.created_at)) / 3_600_000);
    assert.equal(lasts, hours);
    noFaults(faults);
    await context.close();
  });
}

test("R19 banning the address one comes from asks again and says what happens", async () => {
  const { context, page, faults } = await onPage();
  await page.getByRole("button", { name: "Ban an address" }).click();
  const dialog = page.getByRole("dialog", { name: "Ban an address" });
  await dialog.getByLabel("Address or network").fill("198.51.100.0/24");
  await dialog.getByRole("button", { name: "Ban", exact: true }).click();
  const asked = page.getByRole("dialog", { name: "Please confirm" });
  await asked.waitFor();
  assert.match(await asked.innerText(), /locks you out at once.*kavach unban 198\.51\.100\.0\/24/s);
  await page.screenshot({ path: join(screenshots, "security-own-address.png") });
  await asked.getByRole("button", { name: "Cancel" }).click();
  assert.equal(await isBanned(home), false);
  await dialog.getByLabel("Address or network").fill("127.0.0.1");
  await dialog.getByRole("button", { name: "Ban", exact: true }).click();
  await dialog.getByText("This machine's own addresses are never banned.").waitFor();
  noFaults(faults);
  await context.close();
});

test("a ban is lifted after a question, and its history stays", async () => {
  const { context, page, faults } = await onPage();
  const address = "203.0.113.124";
  await page.getByRole("button", { name: `Lift the ban of ${address}` }).click();
  const asked = page.getByRole("dialog", { name: `Lift the ban of ${address}` });
  assert.match(await asked.innerText(), /may call the gateway again at once.*next one is longer/s);
  await asked.getByRole("button", { name: "Lift the ban" }).click();
  await answerStepUp(page, page.getByText(`${address} is no longer banned.`));
  await row(page, address).waitFor({ state: "detached" });
  assert.equal(await isBanned(address), false);
  await wrongKey(address);
  const suspects = page.getByRole("table", { name: "Suspects of the last 24 hours" });
  const suspect = suspects.getByRole("row").filter({ has: page.getByText(address, { exact: true }) });
  await suspect.getByRole("button", { name: "History" }).click();
  const history = page.getByRole("dialog", { name: `History of ${address}` });
  await history.getByText("ban no. 1").waitFor();
  await history.getByText("lifted").waitFor();
  await page.screenshot({ path: join(screenshots, "security-history.png") });
  noFaults(faults);
  await context.close();
});

test("R40a a threshold is in force as soon as it is saved", async () => {
  const { context, page, faults } = await onPage();
  const form = page.getByRole("form", { name: "Thresholds" });
  const keys = form.getByRole("group", { name: "invalid API key" }).getByLabel("Offences a day");
  const set = async (value) => {
    await keys.fill(value);
    await form.getByRole("button", { name: "Save" }).click();
    await answerStepUp(page, page.getByText("Saved, and in force."));
    await page.getByText("Saved, and in force.").first().waitFor();
  };
  await set("3");
  for (let n = 0; n < 3; ++n) {
    assert.equal(await isBanned("203.0.113.80"), false);
    await wrongKey("203.0.113.80");
  }
  assert.ok(await isBanned("203.0.113.80"));
  await set("10");
  assert.equal((await data(page)).settings.invalid_api_key_threshold, 10);
  noFaults(faults);
  await context.close();
});

test("the allow list is added to and removed from, and protects", async () => {
  const { context, page, faults } = await onPage();
  const form = page.getByRole("form", { name: "Add to the allow list" });
  const table = page.getByRole("table", { name: "Allow list" });
  await form.getByLabel("Network").fill("203.0.113.90");
  await form.getByLabel("Note").fill("Office");
  await form.getByRole("button", { name: "Add" }).click();
  await answerStepUp(page, table.getByText("203.0.113.90"));
  await table.getByText("203.0.113.90").waitFor();
  for (let n = 0; n < 12; ++n) await wrongKey("203.0.113.90");
  assert.equal(await isBanned("203.0.113.90"), false);
  await table.getByRole("row").filter({ hasText: "203.0.113.90" }).getByRole("button", { name: "Remove" }).click();
  await table.getByText("203.0.113.90").waitFor({ state: "detached" });
  noFaults(faults);
  await context.close();
});

const panelOf = (page, title) => page.locator("section, .panel").filter({ has: page.getByRole("heading", { name: title, exact: true }) }).last();
async function importInto(page, title, name, mimeType, content) {
  const chooser = page.waitForEvent("filechooser");
  await panelOf(page, title).getByRole("button", { name: "Import CSV" }).click();
  await (await chooser).setFiles({ name, mimeType, buffer: Buffer.from(content) });
}

test("R23 bans go out and come in as CSV, and what is no CSV does not", async () => {
  const { context, page, faults } = await onPage();
  await importInto(page, "Bans", "more.csv", "text/csv", "network,duration,reason\n203.0.113.150,48h,from a file\n2001:db8:9::/64,permanent,\"=HYPERLINK(\"\"http://evil.example\"\")\"\n");
  await page.getByText("2 networks are banned.").waitFor();
  assert.ok(await isBanned("203.0.113.150"));
  for (const [name, type, content, says] of [
    ["bans.exe", "text/csv", "203.0.113.151\n", /must end in \.csv/],
    ["bans.csv", "text/csv", "PK\u0003\u0004 not a list", /not CSV/],
    ["bans.csv", "text/csv", "<html><script>alert(1)</script>", /not CSV/],
    ["bans.csv", "text/csv", "203.0.113.152\nnot an address\n", /Row 2/],
    ["bans.csv", "text/csv", `203.0.113.153,24h,"${"x".repeat(100_000)}"\n`, /Row 1|large/],
    ["bans.csv", "text/csv", `${home},24h,myself\n`, /locks you out/],
  ]) {
    await importInto(page, "Bans", name, type, content);
    await page.getByRole("status").getByText(says).last().waitFor();
  }
  await importInto(page, "Bans", "large.csv", "text/csv", "203.0.113.154,24h,x\n".repeat(200_000));
  await page.getByRole("status").getByText(/too large|too many|Row/).last().waitFor();
  for (const n of [151, 152, 153, 154]) assert.equal(await isBanned(`203.0.113.${n}`), false, "all or nothing");
  const { text: file } = await downloaded(page, panelOf(page, "Bans").getByRole("button", { name: "Export CSV" }));
  assert.match(file, /^"network","kind","reason","count","created_at","expires_at","created_by"\r\n/);
  assert.match(file, /"203\.0\.113\.150","manual","from a file"/);
  assert.doesNotMatch(file, /(^|,)"?=/m, "no cell begins a formula");
  assert.match(file, /'=HYPERLINK/);
  await panelOf(page, "Bans").scrollIntoViewIfNeeded();
  await page.screenshot({ path: join(screenshots, "security-ban-files.png") });
  noFaults(faults);
  await context.close();
});

test("R32 the history of bans goes out as CSV and as JSON lines", async () => {
  const { context, page, faults } = await onPage();
  const { text: bans } = await downloaded(page, page.getByRole("button", { name: "Export the bans in force as JSON lines" }));
  assert.ok(bans.trim().split("\n").map((line) => JSON.parse(line)).some((ban) => ban.network === "203.0.113.150"));
  const { text: csv, name } = await downloaded(page, page.getByRole("button", { name: "Export the history of all bans as CSV" }));
  assert.match(name, /^kavach-ban-history-.*\.csv$/);
  assert.match(csv, /^"network","action","kind","reason","at","expires_at","actor"\r\n/);
  assert.match(csv, /"203\.0\.113\.150","ban","manual","from a file"/);
  assert.match(csv, /"unban"/);
  const { text: lines } = await downloaded(page, page.getByRole("button", { name: "Export the history of all bans as JSON lines" }));
  assert.equal(lines.trim().split("\n").length, csv.trim().split("\r\n").length - 1);
  noFaults(faults);
  await context.close();
});

test("the allow list goes out and comes in as CSV", async () => {
  const { context, page, faults } = await onPage();
  await importInto(page, "Allow list", "networks.csv", "text/csv", "network,note\n203.0.113.160,backup line\n");
  await answerStepUp(page, page.getByText("1 networks are on the allow list."));
  await page.getByRole("table", { name: "Allow list" }).getByText("203.0.113.160").waitFor();
  const { text } = await downloaded(page, panelOf(page, "Allow list").getByRole("button", { name: "Export CSV" }));
  assert.match(text, /"203\.0\.113\.160","backup line","console"/);
  noFaults(faults);
  await context.close();
});

for (const [form, viewport] of [["desktop", desktop], ["phone", phone]]) {
  for (const colorScheme of ["light", "dark"]) {
    test(`the page under attack fits a ${form}, ${colorScheme}`, async () => {
      const { context, page, faults } = await onPage({ viewport, colorScheme });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      assert.ok(wide <= 0, `${wide} px wider than a ${form}`);
      await page.screenshot({ path: join(screenshots, `security-attacked-${form}-${colorScheme}.png`), fullPage: true });
      await page.getByRole("button", { name: "Ban an address" }).click();
      await page.screenshot({ path: join(screenshots, `security-dialog-${form}-${colorScheme}.png`) });
      noFaults(faults);
      await context.close();
    });
  }
}
