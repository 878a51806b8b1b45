// The official Node client, unmodified, trades on the gateway's paper account.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { before, test } from "node:test";
import { apikey, away, done, host, lastPrice, settled } from "./gateway.mjs";

const OpenAlgo = createRequire(import.meta.url)("openalgo");
const client = new OpenAlgo(apikey, host);
const order = { strategy: "NodeJS", symbol: "SBIN", exchange: "NSE", product: "MIS" };

before(async () => {
  await client.cancelAllOrder({});
  await client.closePosition({});
});

async function openQuantity(symbol = "SBIN") {
  const fields = { strategy: "s", symbol, exchange: "NSE", product: "MIS" };
  return (await done("openposition", fields)).quantity;
}

test("a market order is filled and shows in every book", async () => {
  const placed = await client.placeOrder({ ...order, action: "BUY", quantity: 10 });
  assert.equal(placed.status, "success");
  assert.match(placed.orderid, /^\d{14}$/);
  const status = await settled(placed.orderid, "complete");
  assert.equal(status.quantity, 10);
  assert.ok(status.average_price > 0);
  assert.equal(await openQuantity(), 10);
  const { data: book } = await done("orderbook");
  assert.ok(book.orders.some((row) => row.orderid === placed.orderid && row.order_status === "complete"));
  assert.ok(Number.isInteger(book.statistics.total_buy_orders));
  const { data: trades } = await done("tradebook");
  assert.ok(trades.some((row) => row.orderid === placed.orderid && row.quantity === 10));
  const { data: positions } = await done("positionbook");
  assert.ok(positions.some((row) => row.symbol === "SBIN" && row.quantity === 10));
});

test("a resting limit order is modified and cancelled", async () => {
  const last = await lastPrice("SBIN");
  const placed = await client.placeOrder({
    ...order, action: "BUY", quantity: 5, priceType: "LIMIT", price: away(last, -4).toFixed(2),
  });
  assert.equal((await settled(placed.orderid, "open")).price, Number(away(last, -4).toFixed(2)));
  // The client leaves disclosed_quantity and trigger_price out.
  const price = Number(away(last, -3).toFixed(2));
  const changed = await client.modifyOrder({
    ...order, orderId: placed.orderid, action: "BUY", quantity: 7, price,
  });
  assert.equal(changed.orderid, placed.orderid);
  const status = await settled(placed.orderid, "open");
  assert.deepEqual([status.price, status.quantity], [price, 7]);
  const cancelled = await client.cancelOrder({ orderId: placed.orderid });
  assert.deepEqual(cancelled, { orderid: placed.orderid, status: "success" });
  await settled(placed.orderid, "cancelled");
});

test("a stop order waits for its trigger", async () => {
  const last = await lastPrice("SBIN");
  const placed = await client.placeOrder({
    ...order, action: "BUY", quantity: 1, priceType: "SL",
    trigger_price: away(last, 3).toFixed(2), price: away(last, 3.5).toFixed(2), disclosed_quantity: "0",
  });
  await settled(placed.orderid, "trigger pending");
  const all = await client.cancelAllOrder({});
  assert.ok(all.canceled_orders.includes(placed.orderid), "waiting stop orders are cancelled too");
  assert.deepEqual(all.failed_cancellations, []);
  assert.equal(all.message, `Canceled ${all.canceled_orders.length} orders. Failed to cancel 0 orders.`);
});

test("a smart order trades the difference and nothing when there is none", async () => {
  const smart = { ...order, symbol: "ITC", action: "BUY", quantity: 1 };
  await client.placeSmartOrder({ ...smart, positionSize: 20 });
  assert.equal(await openQuantity("ITC"), 20);
  await client.placeSmartOrder({ ...smart, positionSize: -20 });
  assert.equal(await openQuantity("ITC"), -20);
  assert.deepEqual(await client.placeSmartOrder({ ...smart, positionSize: -20 }), {
    message: "Positions Already Matched. No Action needed.", status: "success",
  });
});

test("closing leaves nothing open", async () => {
  assert.deepEqual(await client.closePosition({}), {
    message: "All Open Positions Squared Off", status: "success",
  });
  assert.equal(await openQuantity("SBIN"), 0);
  assert.equal(await openQuantity("ITC"), 0);
  const { data } = await done("funds");
  for (const name of ["availablecash", "collateral", "m2mrealized", "m2munrealized", "utiliseddebits"]) {
    assert.match(data[name], /^-?\d+\.\d\d$/, name);
  }
  assert.equal(data.utiliseddebits, "0.00");
});

test("a refusal reaches the client as it is", async (t) => {
  t.mock.method(console, "error", () => {}); // the client prints the whole exchange
  await assert.rejects(client.placeOrder({ ...order, action: "BUY", quantity: -1 }), (error) => {
    assert.equal(error.response.status, 400);
    assert.equal(error.response.data.message, "{'quantity': ['Quantity must be a positive number.']}");
    return true;
  });
  await assert.rejects(new OpenAlgo("0".repeat(64), host).placeOrder({ ...order, action: "BUY" }), (error) => {
    assert.equal(error.response.status, 403);
    assert.deepEqual(error.response.data, { status: "error", message: "Invalid openalgo apikey" });
    return true;
  });
});
