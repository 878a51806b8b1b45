// What other programs send: chart alerts, Amibroker, plain HTTP, and what nobody should send.
import assert from "node:assert/strict";
import { test } from "node:test";
import { apikey, done, get, host, lastPrice, post, postRaw, settled } from "./gateway.mjs";

const order = { strategy: "s", symbol: "SBIN", exchange: "NSE", action: "BUY", quantity: "1", product: "MIS" };

test("a TradingView alert: texts and lower case", async () => {
  const alert = {
    strategy: "TradingView Strategy", symbol: "ITC", action: "buy", exchange: "NSE", pricetype: "MARKET",
    product: "MIS", quantity: "40", position_size: "40",
  };
  const { orderid } = await done("placesmartorder", alert);
  assert.equal((await settled(orderid, "complete")).action, "BUY");
  const { orderid: exit } = await done("placesmartorder", { ...alert, action: "sell", position_size: "0" });
  await settled(exit, "complete");
});

test("Amibroker sends numbers as texts", async () => {
  const { orderid } = await done("placeorder", {
    ...order, pricetype: "MARKET", price: "0", trigger_price: "0", disclosed_quantity: "0", quantity: "5",
  });
  assert.equal((await settled(orderid, "complete")).quantity, 5);
  await done("closeposition", { strategy: "s" });
});

test("market data has the documented shapes", async () => {
  const { data: quote } = await done("quotes/", { symbol: "SBIN", exchange: "NSE" });
  assert.deepEqual(Object.keys(quote).sort(),
    ["ask", "bid", "high", "low", "ltp", "oi", "open", "prev_close", "volume"]);
  for (const value of Object.values(quote)) assert.equal(typeof value, "number");
  const { data: depth } = await done("depth/", { symbol: "SBIN", exchange: "NSE" });
  assert.equal(depth.bids.length, 5);
  assert.equal(depth.asks.length, 5);
  assert.ok(depth.bids[0].price <= depth.asks[0].price);
  const { results } = await done("multiquotes", {
    symbols: [{ symbol: "SBIN", exchange: "NSE" }, { symbol: "NOSUCH", exchange: "NSE" }],
  });
  assert.equal(results[0].symbol, "NOSUCH");
  assert.ok(results[1].data.ltp > 0);
  const today = new Date().toISOString().slice(0, 10);
  const monthAgo = new Date(Date.now() - 30 * 86400e3).toISOString().slice(0, 10);
  const { data: candles } = await done("history/", {
    symbol: "SBIN", exchange: "NSE", interval: "D", start_date: monthAgo, end_date: today,
  });
  assert.ok(candles.length > 10);
  for (const candle of candles) assert.equal(candle.timestamp % 86400, 0);
});

test("instruments are found", async () => {
  const { data: symbol } = await done("symbol", { symbol: "SBIN", exchange: "NSE" });
  assert.equal(symbol.instrumenttype, "EQ");
  const { data: found } = await done("search", { query: "NIFTY FUT", exchange: "NFO" });
  assert.ok(found.length > 0);
  const { data: expiries } = await done("expiry", { symbol: "NIFTY", exchange: "NFO", instrumenttype: "options" });
  assert.match(expiries[0], /^\d\d-[A-Z]{3}-\d\d$/);
  const { data: intervals } = await done("intervals");
  assert.ok(intervals.days.includes("D"));
  const listing = await get(`/api/v1/instruments?apikey=${apikey}&exchange=NSE_INDEX`);
  assert.equal(listing.status, 200);
  assert.ok(listing.body.data.length > 0);
  const expiry_date = expiries[0].replaceAll("-", "");
  const option = await done("optionsymbol", {
    underlying: "NIFTY", exchange: "NSE_INDEX", expiry_date, offset: "ATM", option_type: "CE",
  });
  const greeks = await done("optiongreeks", { symbol: option.symbol, exchange: option.exchange });
  assert.ok(greeks.greeks.delta > 0);
  const chain = await done("optionchain", { underlying: "NIFTY", exchange: "NSE_INDEX", expiry_date, strike_count: 2 });
  assert.equal(chain.chain.length, 5);
});

test("baskets, slices, ping and the published description", async () => {
  const basket = await done("basketorder", { strategy: "s", orders: [
    { symbol: "SBIN", exchange: "NSE", action: "SELL", quantity: 1 },
    { symbol: "ITC", exchange: "NSE", action: "BUY", quantity: "2" },
  ] });
  assert.deepEqual(basket.results.map((row) => row.symbol), ["ITC", "SBIN"]);
  const split = await done("splitorder", { ...order, quantity: 5, splitsize: "2" });
  assert.deepEqual(split.results.map((row) => row.quantity), [2, 2, 1]);
  await done("closeposition", { strategy: "s" });
  assert.deepEqual((await done("ping")).data, { broker: "paper", message: "pong" });
  const description = await get("/api/v1/openapi.json");
  assert.ok(description.body.paths["/api/v1/placeorder"].post);
});

test("analyze mode has an account of its own", async () => {
  const live = (await done("orderbook")).data.orders.length;
  await done("analyzer/toggle", { mode: true });
  try {
    const placed = await done("placeorder", order);
    assert.equal(placed.mode, "analyze");
    const book = await done("orderbook");
    assert.equal(book.mode, "analyze");
    assert.equal(typeof (await done("funds")).data.availablecash, "number");
    await done("closeposition", { strategy: "s" });
  } finally {
    await done("analyzer/toggle", { mode: false });
  }
  assert.equal((await done("orderbook")).data.orders.length, live);
});

test("TS-R4 the same client order id is one order", async () => {
  const client_order_id = `once-${Date.now()}`;
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => post("placeorder", { ...order, client_order_id })));
  const ids = new Set(answers.filter((answer) => answer.status === 200).map((answer) => answer.body.orderid));
  assert.equal(ids.size, 1);
  const other = await post("placeorder", { ...order, quantity: 2, client_order_id });
  assert.equal(other.status, 409, other.text);
  await done("closeposition", { strategy: "s" });
});

const literal = (message) => ({ status: "error", message });
const bodyOf = (fields) => JSON.stringify({ apikey, ...order, ...fields });
const badBodies = [
  ["truncated JSON", '{"apikey":"x","symbol"', 400],
  ["empty body", "", 400],
  ["an array", "[1,2]", 400],
  ["null", "null", 400],
  ["NaN", `{"apikey":"${apikey}","quantity":NaN}`, 400],
  ["deep nesting", `{"apikey":"${apikey}","strategy":${"[".repeat(5000)}${"]".repeat(5000)}}`, 400],
  ["invalid UTF-8", Buffer.from(`{"apikey":"${apikey}","strategy":"\xff\xfe"}`, "latin1"), 400],
  ["a NUL byte", bodyOf({ symbol: "SB\u0000IN" }), 400, literal("{'symbol': ['Not a valid string.']}")],
  ["a huge number", bodyOf({ quantity: 1e300 }), 400, literal("{'quantity': ['Number is too large.']}")],
  ["a negative quantity", bodyOf({ quantity: "-1" }), 400,
    literal("{'quantity': ['Quantity must be a positive number.']}")],
  ["a fraction", bodyOf({ quantity: 1.5 }), 400,
    literal("{'quantity': ['Fractional quantity (1.5) is not allowed for non-crypto exchanges.']}")],
  ["a wrong type", bodyOf({ symbol: 5 }), 400, literal("{'symbol': ['Not a valid string.']}")],
  ["an unknown field", bodyOf({ stoploss: 1 }), 400, literal("{'stoploss': ['Unknown field.']}")],
  ["a repeated name: the last one counts", bodyOf({}).replace("}", ',"quantity":"0"}'), 400,
    literal("{'quantity': ['Quantity must be a positive number.']}")],
  ["no key", JSON.stringify(order), 400, literal("{'apikey': ['Missing data for required field.']}")],
  ["a wrong key", JSON.stringify({ ...order, apikey: "f".repeat(64) }), 403, literal("Invalid openalgo apikey")],
  ["an unknown symbol", bodyOf({ symbol: "NOPE" }), 400],
  ["an oversize body", JSON.stringify({ apikey, strategy: "x".repeat(200_000) }), 413],
];

for (const [name, text, status, expected] of badBodies) {
  test(`bad input: ${name}`, async () => {
    const orders = (await done("orderbook")).data.orders.length;
    const answer = await postRaw("placeorder", text);
    assert.equal(answer.status, status, answer.text);
    if (expected) assert.deepEqual(answer.body, expected);
    assert.doesNotMatch(answer.text, /boost|\.cpp|\/src\/|exception/i);
    assert.equal((await done("orderbook")).data.orders.length, orders, "nothing was placed");
  });
}

test("bad requests around the body", async () => {
  assert.equal((await get("/api/v1/nope")).status, 404);
  assert.equal((await get("/api/v1/nope")).body.message, "Not found");
  const wrong = await fetch(`${host}/api/v1/placeorder/`, { method: "PUT" });
  assert.equal(wrong.status, 405);
  assert.equal((await postRaw(`quotes?apikey=${apikey}`, "{}")).status, 400, "a key in the URL is refused");
  const last = await lastPrice("SBIN");
  assert.ok(last > 0);
});
