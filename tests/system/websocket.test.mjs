// A client of the WebSocket as the SDKs write it: it authenticates, subscribes without waiting and reads on.
import assert from "node:assert/strict";
import { test } from "node:test";
import WebSocket from "ws";
import { apikey, done, host } from "./gateway.mjs";

const sdkUrl = `ws://127.0.0.1:${process.env.WEBSOCKET_PORT}`;

class Client {
  constructor(url) {
    this.seen = [];
    this.waiting = [];
    this.socket = new WebSocket(url);
    this.socket.onmessage = ({ data }) => {
      this.seen.push(JSON.parse(data));
      this.waiting.forEach((look) => look());
    };
    this.opened = new Promise((resolve, reject) => {
      this.socket.onopen = resolve;
      this.socket.onerror = () => reject(new Error(`no connection to ${url}`));
    });
    this.closed = new Promise((resolve) => (this.socket.onclose = ({ code }) => resolve(code)));
  }
  say(message) {
    this.socket.send(JSON.stringify(message));
  }
  /** The first message that fits, waited for up to five seconds. */
  find(fits) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`not among ${JSON.stringify(this.seen)}`)), 5000);
      const look = () => {
        const found = this.seen.find(fits);
        if (!found) return;
        clearTimeout(timer);
        this.waiting = this.waiting.filter((other) => other !== look);
        resolve(found);
      };
      this.waiting.push(look);
      look();
    });
  }
}

async function admitted(url = sdkUrl) {
  const client = new Client(url);
  await client.opened;
  client.say({ action: "authenticate", api_key: apikey });
  const answer = await client.find(({ type }) => type === "auth");
  assert.equal(answer.status, "success");
  assert.equal(answer.user_id, "system");
  return client;
}

test("prices of three modes arrive on the SDKs' port", async () => {
  const client = new Client(sdkUrl);
  await client.opened;
  client.say({ action: "authenticate", api_key: apikey });
  for (const mode of [1, 2, 3]) {
    client.say({ action: "subscribe", mode, depth: 5, symbols: [{ symbol: "SBIN", exchange: "NSE" }] });
  }
  for (const mode of [1, 2, 3]) {
    const { data, symbol, exchange } = await client.find((each) => each.type === "market_data" && each.mode === mode);
    assert.deepEqual([symbol, exchange, data.symbol, data.exchange], ["SBIN", "NSE", "SBIN", "NSE"]);
    assert.ok(data.ltp > 0);
    if (mode >= 2) assert.ok(data.open > 0 && "volume" in data && "avg_trade_price" in data);
    if (mode === 3) assert.deepEqual([data.depth.buy.length, data.depth.sell.length], [5, 5]);
  }
  const answers = client.seen.filter(({ type }) => type !== "market_data").map(({ type }) => type);
  assert.deepEqual(answers, ["auth", "subscribe", "subscribe", "subscribe"]);
  client.socket.close();
  assert.equal(await client.closed, 1000);
});

test("an order's life is told to its user", async () => {
  const client = await admitted();
  client.say({ action: "subscribe_orders" });
  await client.find(({ type }) => type === "subscribe_orders");
  const order = { strategy: "s", exchange: "NSE", symbol: "SBIN", action: "BUY", quantity: 1, pricetype: "MARKET", product: "MIS" };
  const { orderid } = await done("placeorder", order);
  const update = await client.find((each) => each.orderid === orderid && each.order_status === "complete");
  assert.equal(Object.keys(update).length, 18);
  assert.equal(update.filled_quantity, 1);
  client.socket.close();
});

test("the same is served at /ws beside the REST API", async () => {
  const client = await admitted(`${host.replace("http", "ws")}/ws`);
  client.say({ action: "get_broker_info", request_id: 1 });
  assert.equal((await client.find(({ type }) => type === "broker_info")).user_id, "system");
  client.socket.close();
});

test("a wrong key is told so, and nothing else is answered before a right one", async () => {
  const client = new Client(sdkUrl);
  await client.opened;
  client.say({ action: "subscribe", mode: "LTP", symbols: [{ symbol: "SBIN", exchange: "NSE" }] });
  client.say({ action: "authenticate", api_key: "0".repeat(64) });
  assert.equal((await client.find(({ code }) => code === "AUTHENTICATION_ERROR")).message, "Invalid API key");
  assert.deepEqual(client.seen.map(({ code }) => code), ["NOT_AUTHENTICATED", "AUTHENTICATION_ERROR"]);
  client.socket.close();
});
