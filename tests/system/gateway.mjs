// The gateway under test, given by script/system_tests in the environment.
import assert from "node:assert/strict";

export const host = required("KAVACH_URL");
export const apikey = required("KAVACH_API_KEY");

function required(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run script/system_tests`);
  return value;
}

/** Posts raw text and answers {status, headers, text, body}; body is undefined when it is not JSON. */
export async function postRaw(path, text, headers = { "Content-Type": "application/json" }) {
  const response = await fetch(`${host}/api/v1/${path}`, { method: "POST", body: text, headers });
  return answered(response);
}

export async function post(path, fields = {}) {
  return postRaw(path, JSON.stringify({ apikey, ...fields }));
}

export async function get(path) {
  return answered(await fetch(`${host}${path}`));
}

async function answered(response) {
  const text = await response.text();
  let body;
  try {
    body = JSON.parse(text);
  } catch {
    body = undefined;
  }
  return { status: response.status, headers: response.headers, text, body };
}

/** The body of a call that must succeed. */
export async function done(path, fields = {}) {
  const answer = await post(path, fields);
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.body.status, "success");
  return answer.body;
}

export async function lastPrice(symbol, exchange = "NSE") {
  return (await done("quotes", { symbol, exchange })).data.ltp;
}

/** A price `percent` away from `price`, on the tick. */
export function away(price, percent) {
  return Math.round((price * (1 + percent / 100)) / 0.05) * 0.05;
}

/** The order as orderstatus shows it, once it has one of these states. */
export async function settled(orderid, ...states) {
  const deadline = Date.now() + 5000;
  for (;;) {
    const { data } = await done("orderstatus", { strategy: "s", orderid });
    if (states.includes(data.order_status)) return data;
    assert.ok(Date.now() < deadline, `order ${orderid} stays ${data.order_status}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
