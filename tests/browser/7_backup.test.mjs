// The backup page: a backup is made and fetched, and the master secrets are rotated while the page is open.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { answerStepUp, createKey, desktop, ensureOwner, launch, noFaults, open, phone, rest, screenshots, signIn, url } from "./browser.mjs";

let browser;
before(async () => {
  browser = await launch();
  await ensureOwner(browser);
});
after(() => browser.close());

const secrets = (page) => page.getByRole("table", { name: "Master secrets" });
const idOf = async (page, setting) =>
  (await secrets(page).getByRole("row").filter({ hasText: setting }).locator(".mono").nth(1).textContent()).trim();

test("R28 a backup is made and downloaded, sealed", async () => {
  const { context, page, faults } = await open(browser);
  await signIn(page);
  await page.goto(`${url}/backup`);
  await page.getByRole("button", { name: "Back up now" }).click();
  const row = page.getByRole("row").filter({ hasText: ".kavach-backup" }).first();
  await row.waitFor();
  const [download] = await Promise.all([page.waitForEvent("download"), row.getByRole("button", { name: "Download" }).click()]);
  assert.match(download.suggestedFilename(), /^kavach-[0-9tz-]+\.kavach-backup$/);
  const file = await readFile(await download.path());
  assert.equal(file.subarray(0, 8).toString(), "KAVACHB1");
  assert.ok(file.length > 64 * 1024 && !file.includes("SQLite format") && !file.includes("CREATE TABLE"));
  noFaults(faults);
  await context.close();
});

for (const [form, viewport] of [["desktop", desktop], ["phone", phone]]) {
  for (const colorScheme of ["light", "dark"]) {
    test(`R26 the secrets are rotated, ${form}, ${colorScheme}: asked twice, nobody signed out`, async () => {
      const { context, page, faults } = await open(browser, { viewport, colorScheme });
      await signIn(page);
      const key = await createKey(page, `rotated-${form}-${colorScheme}`);
      await page.goto(`${url}/backup`);
      await secrets(page).waitFor();
      const former = await idOf(page, "FERNET_SALT");

      const rotate = page.getByRole("button", { name: "Rotate all" });
      const question = page.getByRole("dialog").filter({ hasText: "New secrets replace the present ones" });
      await rotate.click();
      await answerStepUp(page, question);
      await question.waitFor();
      await page.screenshot({ path: join(screenshots, `rotation-question-${form}-${colorScheme}.png`) });
      await question.getByRole("button", { name: "Cancel" }).click();
      assert.equal(await idOf(page, "FERNET_SALT"), former, "a question that is not answered changes nothing");

      await rotate.click();
      await question.waitFor();
      await question.locator("footer").getByRole("button").last().click();
      await page.getByText(/Last rotated .* by ada/).waitFor({ timeout: 20_000 });
      await page.waitForFunction((id) => !document.body.textContent.includes(id), former);
      assert.notEqual(await idOf(page, "FERNET_SALT"), former);
      await page.screenshot({ path: join(screenshots, `rotation-done-${form}-${colorScheme}.png`) });

      // The session, the key and the page's own token are still good.
      await page.getByRole("button", { name: "Back up now" }).click();
      await page.getByText("The backup is complete.").waitFor();
      assert.equal((await rest("funds", { apikey: key })).status, 200);
      await page.reload();
      await secrets(page).waitFor();
      noFaults(faults);
      await context.close();
    });
  }
}
