"""What a key of each scope can do with a running gateway, and that a square-off key only ever gets out (R11)."""
import concurrent.futures
import json
import sqlite3

from gateway import OWNER, Gateway
from websocket import WebSocket

SETTINGS = {"API_RATE_LIMIT": "1000 per second", "ORDER_RATE_LIMIT": "1000 per second", "SMART_ORDER_RATE_LIMIT": "1000 per second",
            "PAPER_MARKET_HOURS": "always"}
TRADES = {"placeorder", "placesmartorder", "modifyorder", "basketorder", "splitorder", "optionsorder", "optionsmultiorder",
          "analyzer/toggle"}
WAYS_OUT = {"cancelorder", "cancelallorder", "closeposition"}
ORDER = {"strategy": "s", "exchange": "NSE", "symbol": "SBIN", "action": "BUY", "quantity": 5, "pricetype": "MARKET", "product": "MIS",
         "price": 0, "trigger_price": 0, "disclosed_quantity": 0}
# Bodies that would do something if they were let through.
WOULD = {
    "placeorder": ORDER,
    "placesmartorder": {**ORDER, "position_size": 5},
    "modifyorder": {**ORDER, "orderid": "1", "pricetype": "LIMIT", "price": 1},
    "basketorder": {"strategy": "s", "orders": [{k: ORDER[k] for k in ("exchange", "symbol", "action", "quantity", "pricetype", "product")}]},
    "splitorder": {**ORDER, "splitsize": 1},
    "analyzer/toggle": {"mode": True},
}


class Books:
    """The owner's books, read with the key that may everything."""

    def __init__(self, gateway):
        self.gateway = gateway

    def place(self, **fields):
        answer = self.gateway.api("placeorder", **{**ORDER, **fields})
        if answer.status != 200:
            raise RuntimeError(f"placeorder: {answer.status} {answer.text}")
        return answer.json["orderid"]

    def orders(self):
        return self.gateway.api("orderbook").json["data"]["orders"]

    def quantity(self):
        rows = self.gateway.api("positionbook").json["data"]
        return sum(int(float(row["quantity"])) for row in rows if row["symbol"] == "SBIN")


def every_route(gateway, keys, expect):
    """Each route of the published description with each key; its own list is checked against the code by the unit tests."""
    paths = gateway.request("GET", "/api/v1/openapi.json").json["paths"]
    tried = 0
    for path, methods in paths.items():
        resource = path.removeprefix("/api/v1/")
        for method in methods:
            if path in ("/api/config/host", "/api/v1/openapi.json"):
                continue
            trades = resource in TRADES or (resource == "chart" and method == "post")
            for scope in ("read", "square-off"):
                forbidden = trades or (scope == "read" and resource in WAYS_OUT)
                body = {**WOULD.get(resource, {}), "apikey": keys[scope]}
                answer = (gateway.request("POST", path, body, client="198.51.100.7") if method == "post" else
                          gateway.request("GET", path.replace("{ticker}", "NSE:SBIN"), headers={"X-API-KEY": keys[scope]}, client="198.51.100.7"))
                refused = answer.status == 403 and "may not do that" in answer.text
                expect(refused == forbidden, f"{scope}: {method} {resource}: {answer.status} {answer.text[:100]}")
                tried += 1
    expect(tried >= 80, f"every route is tried: {tried}")
    for path in ("/apikey", "/security/api/data", "/console/api/kill-switch", "/console/api/positions/close-all"):
        method = "POST" if path.endswith("all") else "GET"
        answer = gateway.request(method, path, {} if method == "POST" else None, headers={"X-API-KEY": keys["square-off"]})
        expect(answer.status == 401, f"no key is a session: {path}: {answer.status}")


def gets_out(gateway, key, books, expect):
    def out(resource, **fields):
        return gateway.api(resource, key=key, strategy="out", **fields)

    low = round(float(gateway.api("quotes", symbol="SBIN", exchange="NSE").json["data"]["ltp"]) * 0.95)
    resting = [books.place(pricetype="LIMIT", price=low) for _ in range(3)]
    answer = out("cancelorder", orderid=resting[0])
    expect(answer.status == 200 and answer.json["orderid"] == resting[0], f"it cancels an order: {answer.status} {answer.text[:200]}")
    answer = out("cancelallorder")
    expect(sorted(answer.json["canceled_orders"]) == sorted(resting[1:]), f"it cancels all: {answer.text[:200]}")

    books.place()
    stop = books.place(action="SELL", pricetype="SL-M", trigger_price=low)
    answer = out("closeposition")
    expect(answer.status == 200 and books.quantity() == 0, f"it closes a position: {answer.text[:200]}, {books.quantity()}")
    left = next(order for order in books.orders() if order["orderid"] == stop)
    expect(left["order_status"] == "cancelled", f"and leaves no stop that would open the opposite: {left}")

    # Whoever has it can call it as often and from as many places as they like.
    for product in (None, "MIS"):
        books.place()
        fields = {} if product is None else {"product": product}
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(lambda _, fields=fields: out("closeposition", **fields).status, range(48)))
        expect(set(answers) <= {200, 409} and 200 in answers, f"48 closes at once are answered: {set(answers)}")
        expect(books.quantity() == 0, f"and open nothing: {books.quantity()} of {product or 'all products'}")


def is_on_record(gateway, keys, expect):
    listed = gateway.command("apikey", "list")
    expect(any("watchdog" in line and " square-off " in line for line in listed.splitlines()), f"the list shows the scope: {listed}")
    with sqlite3.connect(gateway.folder / "kavach.db") as db:
        created = [json.loads(body) for (body,) in db.execute("SELECT body FROM audit_events WHERE kind = 'apikey.created'")]
        refused = [(actor, json.loads(body)) for actor, body in
                   db.execute("SELECT actor, body FROM audit_events WHERE kind = 'apikey.refused' AND address = '198.51.100.7'")]
        (offences,) = db.execute("SELECT COALESCE(MAX(offences), '') FROM guard_offenders WHERE network LIKE '198.51.100.7%'").fetchone()
    watchdog = next(event["key"] for event in created if event["name"] == "watchdog")
    expect(any(event["scope"] == "square-off" for event in created), f"its creation is audited with its scope: {created}")
    tried = {body["route"].removeprefix("/api/v1/") for actor, body in refused
             if actor == OWNER and body["key"] == watchdog and body["reason"] == "out_of_scope"}
    # Of equal records from one address the audit chain keeps twenty a minute and counts the rest.
    repeated = sum(body.get("repeated", 0) for _, body in refused)
    expect(tried and tried <= TRADES | {"chart"}, f"what it may not do is audited: {tried}")
    expect(len(refused) + repeated >= 20, f"each time: {len(refused)} records, {repeated} counted")
    expect(offences != "", "and counts as an offence of the address")


def run(binary, findings):
    expect = findings.expect
    with Gateway(binary, **SETTINGS) as gateway:
        def make(scope, name):
            return gateway.command("apikey", "create", "--user", OWNER, "--name", name, "--scope", scope).strip()

        keys = {"read": make("read", "prices"), "square-off": make("square-off", "watchdog")}
        for wrong in ("admin", "square_off", ""):
            try:
                made = make(wrong, "wrong")
            except RuntimeError as refused:
                expect("--scope" in str(refused), f"no scope {wrong!r}: {refused}")
            else:
                expect(False, f"scope {wrong!r} is refused: {made}")
        gateway.command("user", "add", "vera", "--email", "vera@example.invalid", "--role", "viewer", "--password-stdin",
                        stdin="seven slow barges past noon\n")
        try:
            gateway.command("apikey", "create", "--user", "vera", "--scope", "square-off")
            expect(False, "a viewer gets no such key")
        except RuntimeError as refused:
            expect("viewer" in str(refused), f"a viewer gets no such key: {refused}")

        books = Books(gateway)
        gateway.restart()  # both keys are known to a gateway that starts, as to one that runs
        every_route(gateway, keys, expect)
        expect(books.orders() == [], f"nothing was placed: {books.orders()}")
        expect(gateway.api("analyzer").json["data"]["analyze_mode"] is False, "and the mode is what it was")
        gets_out(gateway, keys["square-off"], books, expect)
        socket = WebSocket(gateway.port, "X-Forwarded-For: 198.51.100.8\r\n")
        socket.send(json.dumps({"action": "authenticate", "api_key": keys["square-off"]}))
        heard = socket.hear()
        expect(b'"success"' in heard, f"it reads the stream: {heard[:200]}")
        socket.close()
        gateway.stop()
        is_on_record(gateway, keys, expect)
