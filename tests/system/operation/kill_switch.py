"""`kavach kill-switch`, beside a running gateway and without one (R36)."""
import json
import sqlite3
import time

from gateway import OWNER, Gateway

SETTINGS = {"API_RATE_LIMIT": "1000 per second", "ORDER_RATE_LIMIT": "1000 per second", "PAPER_MARKET_HOURS": "always"}


def run(binary, findings):
    expect = findings.expect
    with Gateway(binary, **SETTINGS) as gateway:
        exits = gateway.command("apikey", "create", "--user", OWNER, "--name", "exits", "--scope", "square-off").strip()

        def switch(*arguments, **how):
            return gateway.command("kill-switch", *arguments, **how).strip()

        def order(**fields):
            return gateway.api("placeorder", strategy="s", exchange="NSE", symbol="SBIN", action="BUY", quantity=1, product="MIS",
                               **{"pricetype": "MARKET", **fields})

        def resting():
            return order(pricetype="LIMIT", price=round(float(gateway.api("quotes", symbol="SBIN", exchange="NSE").json["data"]["ltp"]) * 0.95))

        def is_halted(what):
            answer = order()
            expect(answer.status == 403 and answer.json.get("code") == "TRADING_HALTED", f"{what}: {answer.status} {answer.text[:100]}")

        expect(switch("status") == "ACTIVE", f"at first: {switch('status')}")
        placed = resting()
        expect(placed.status == 200, f"orders pass: {placed.text[:100]}")
        begun = time.monotonic()
        said = switch("on", "--reason", "fat finger")
        taken = time.monotonic() - begun
        is_halted("no order passes when the command has returned")
        expect(said.startswith("trading is halted") and taken < 5, f"it says so when it is in force: {said}, {taken:.1f} s")
        expect(switch("status") == "HALTED", f"status: {switch('status')}")
        book = gateway.api("orderbook").json["data"]["orders"]
        deadline = time.monotonic() + 5
        while any(row["order_status"] == "open" for row in book) and time.monotonic() < deadline:
            time.sleep(0.05)
            book = gateway.api("orderbook").json["data"]["orders"]
        expect([row["order_status"] for row in book] == ["cancelled"], f"what worked is cancelled: {book}")
        expect(gateway.api("cancelallorder", key=exits, strategy="out").status == 200, "getting out is answered as ever")

        refused = switch("off", check=False)
        expect(refused == "" and switch("status") == "HALTED", f"a release that nobody confirms changes nothing: {refused}")
        gateway.restart()
        is_halted("it outlives a restart")
        expect(switch("off", "--yes").startswith("trading is active"), "a release")
        expect(resting().status == 200, "orders pass again")

        gateway.stop()
        said = switch("on")
        expect(said.startswith("no gateway is running"), f"without a gateway: {said}")
        expect("waits for the gateway" in switch("status"), f"status tells both: {switch('status')}")
        gateway.start()
        is_halted("the gateway starts halted")
        gateway.stop()
        switch("off", "--yes")
        gateway.start()
        deadline = time.monotonic() + 5
        while order().status != 200 and time.monotonic() < deadline:
            time.sleep(0.05)
        expect(order().status == 200, "and released when that was asked for")
        gateway.stop()
        expect(switch("status") == "ACTIVE", f"at last: {switch('status')}")
        with sqlite3.connect(gateway.folder / "kavach.db") as db:
            rows = [(kind, actor, json.loads(body)) for kind, actor, body in
                    db.execute("SELECT kind, actor, body FROM audit_events WHERE kind LIKE 'trading.state%' ORDER BY seq")]
        asked = [body["state"] for kind, actor, body in rows if kind == "trading.state_requested" and actor == "cli"]
        done = [body["state"] for kind, actor, body in rows if kind == "trading.state" and actor == "cli"]
        expect(asked == done == ["HALTED", "ACTIVE", "HALTED", "ACTIVE"], f"each is on record, asked for and done: {rows}")
        expect(rows[0][2]["reason"] == "fat finger", f"with its reason: {rows[0]}")
