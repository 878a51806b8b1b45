// Numbers and times as the pages show them.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as format from "../src/lib/format";

test("money groups in lakhs and crores and shows its sign", () => {
  assert.equal(format.money(9842507.5), "98,42,507.50");
  assert.equal(format.money(-310), "\u2212310.00");
  assert.equal(format.signedMoney(28), "+28.00");
  assert.equal(format.signedMoney(0), "0.00");
  assert.equal(format.compact(18402200), "1.84Cr");
  assert.equal(format.compact(6120334), "61.20L");
});

test("prices keep the decimals of their market", () => {
  assert.equal(format.price(812.4), "812.40");
  assert.equal(format.price(83.4525), "83.4525");
  assert.equal(format.priceOrDash(0), "\u2013");
  assert.equal(format.quantity(0.00000001), "0.00000001");
});

test("times are shown in IST whatever the browser's zone", () => {
  assert.match(format.time("2027-06-29T20:00:00.000000Z"), /30 Jun,? 01:30:00/);
  assert.equal(format.time(null), "\u2013");
  assert.equal(format.bookTime("2027-06-29 10:20:11"), "10:20:11");
});

test("spans never go negative", () => {
  assert.equal(format.span(-5), "0s");
  assert.equal(format.span(59), "59s");
  assert.equal(format.span(3 * 3600 + 61), "3h 1m");
  assert.equal(format.span(90_000), "1d 1h");
  assert.equal(format.remaining(null), "permanent");
});

test("tokens read as words", () => {
  assert.equal(format.words("invalid_api_key"), "invalid API key");
  assert.equal(format.words("ban.created"), "ban created");
});
