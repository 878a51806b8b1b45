#!/usr/bin/env python3
"""Kills the gateway with SIGKILL at random instants under order load and checks what a restart finds.

    crash_test.py path/to/kavach [--kills N] [--seed S]

After every restart: each acknowledged order exists exactly once under the id that was acknowledged, no
request has two orders, a repeated request with its client order id answers the first order's id, fills add
up to positions, money is conserved, and the audit chain verifies. The seed is printed; it repeats the
requests and the instants (the kernel's scheduling it cannot repeat).
"""
import argparse
import http.client
import json
import os
import pathlib
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from decimal import Decimal

CLIENTS = 6
SYMBOLS = ["SBIN", "ITC", "INFY", "RELIANCE"]
CAPITAL = Decimal("10000000")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Gateway:
    def __init__(self, binary, folder):
        self.binary, self.folder, self.port = binary, folder, free_port()
        self.process = None
        self.environment = dict(
            os.environ, KAVACH_DATA=str(folder), LISTEN_PORT=str(self.port), WEBSOCKET_PORT="0",
            ORDER_RATE_LIMIT="10000 per second", API_RATE_LIMIT="10000 per second",
            PAPER_SEED="7", LOG_TO_FILE="false")

    def command(self, *arguments, **options):
        return subprocess.run([self.binary, *arguments], env=self.environment, check=True, text=True,
                              capture_output=True, **options).stdout

    def start(self):
        # A file and no pipe: nobody reads it unless the start fails.
        self.stderr = tempfile.TemporaryFile()
        self.process = subprocess.Popen([self.binary, "serve"], env=self.environment,
                                        stdout=subprocess.DEVNULL, stderr=self.stderr)
        # The listening socket is the event; connection attempts are bounded.
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                if self.process.poll() is not None:
                    self.stderr.seek(0)
                    sys.exit("the gateway did not start: " + self.stderr.read().decode())
                time.sleep(0.005)
        sys.exit("the gateway did not open its port within 20 s")

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.stderr.close()

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=20)
        self.stderr.close()


class Client:
    def __init__(self, port, key):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        self.key = key

    def call(self, path, **body):
        self.connection.request("POST", "/api/v1/" + path, json.dumps({"apikey": self.key, **body}),
                                {"Content-Type": "application/json"})
        reply = self.connection.getresponse()
        return reply.status, json.loads(reply.read())


def order_body(rng, tag):
    kind = rng.choice(["MARKET", "MARKET", "SL-M"])
    side = rng.choice(["BUY", "SELL"])
    body = {"strategy": tag, "client_order_id": tag, "exchange": "NSE", "symbol": rng.choice(SYMBOLS),
            "action": side, "quantity": rng.randint(1, 5), "pricetype": kind, "product": "MIS"}
    if kind == "SL-M":
        # A trigger far from any price of these symbols keeps the order resting in the book.
        body["trigger_price"] = 9000 if side == "BUY" else 10
    return body


class Load:
    """Clients that place orders until the gateway dies; what was acknowledged, and what was only sent."""

    def __init__(self, gateway, key, cycle, seed):
        self.acknowledged, self.sent, self.errors = {}, {}, []
        self.threads = [threading.Thread(target=self.run, args=(gateway.port, key, f"c{cycle}-{n}", seed * 1000 + n))
                        for n in range(CLIENTS)]
        for thread in self.threads:
            thread.start()

    def run(self, port, key, name, seed):
        rng, count = random.Random(seed), 0
        try:
            client = Client(port, key)
            while True:
                tag = f"{name}-{count}"
                count += 1
                body = order_body(rng, tag)
                self.sent[tag] = body
                status, reply = client.call("placeorder", **body)
                if status == 200:
                    self.acknowledged[tag] = reply["orderid"]
                else:
                    self.errors.append((tag, status, reply))
        except (OSError, http.client.HTTPException, json.JSONDecodeError):
            pass  # the gateway was killed: whatever was sent last has an unknown outcome

    def join(self):
        for thread in self.threads:
            thread.join()


def check(holds, what):
    if not holds:
        sys.exit("CRASH TEST FAILED: " + what)


def verify(gateway, key, acknowledged, sent):
    client = Client(gateway.port, key)
    status, book = client.call("orderbook")
    check(status == 200, f"orderbook answers {status}: {book}")
    by_tag = {}
    for order in book["data"]["orders"]:
        by_tag.setdefault(order["strategy"], []).append(order)
    for tag, order_id in acknowledged.items():
        found = by_tag.get(tag, [])
        check(len(found) == 1, f"acknowledged order {tag} exists {len(found)} times")
        check(found[0]["orderid"] == order_id, f"{tag} was acknowledged as {order_id}, is {found[0]['orderid']}")
    for tag, found in by_tag.items():
        check(len(found) == 1, f"request {tag} has {len(found)} orders")

    # A client that got no answer asks again with its id: never a second order.
    for tag in [t for t in sent if t not in acknowledged][-3:]:
        status, reply = client.call("placeorder", **sent[tag])
        if status == 200:
            existing = by_tag.get(tag)
            check(not existing or existing[0]["orderid"] == reply["orderid"], f"{tag} was doubled on retry")
            acknowledged[tag] = reply["orderid"]

    _, trades = client.call("tradebook")
    net = {}
    for trade in trades["data"]:
        signed = trade["quantity"] if trade["action"] == "BUY" else -trade["quantity"]
        net[trade["symbol"]] = net.get(trade["symbol"], 0) + signed
    _, positions = client.call("positionbook")
    for position in positions["data"]:
        check(position["quantity"] == net.get(position["symbol"], 0),
              f"{position['symbol']}: position {position['quantity']}, fills {net.get(position['symbol'], 0)}")
    _, funds = client.call("funds")
    data = {name: Decimal(str(value)) for name, value in funds["data"].items()}
    total = data["availablecash"] + data["utiliseddebits"]
    check(abs(total - CAPITAL - data["m2mrealized"]) <= Decimal("0.02"), f"money is not conserved: {funds['data']}")
    # What rests would in time block all of the account's money.
    status, reply = client.call("cancelallorder", strategy="crash")
    check(status == 200 and not reply["failed_cancellations"], f"cancelallorder answers {reply}")
    gateway.command("audit", "verify")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 30))
    options = parser.parse_args()
    print(f"crash test: {options.kills} kills, seed {options.seed}", flush=True)
    rng = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as parent:
        folder = pathlib.Path(parent) / "data"
        gateway = Gateway(options.binary, folder)
        gateway.command("setup", "--username", "crash", "--email", "crash@example.com", "--password-stdin",
                        input="correct horse battery staple 7")
        key = gateway.command("apikey", "create", "--user", "crash").strip()
        acknowledged, sent = {}, {}
        gateway.start()
        Client(gateway.port, key).call("funds")  # the key's one Argon2 verification
        for cycle in range(options.kills):
            load = Load(gateway, key, cycle, options.seed + cycle)
            time.sleep(rng.uniform(0.02, 0.4))
            gateway.kill()
            load.join()
            acknowledged.update(load.acknowledged)
            sent.update(load.sent)
            check(not load.errors, f"refused under load: {load.errors[:3]}")
            gateway.start()
            verify(gateway, key, acknowledged, sent)
            print(f"  kill {cycle + 1}: {len(load.acknowledged)} acknowledged, "
                  f"{len(load.sent) - len(load.acknowledged)} unanswered, {len(acknowledged)} in all", flush=True)
        gateway.stop()
        gateway.command("audit", "verify")
    print("1 passed, 0 failed")


if __name__ == "__main__":
    main()
