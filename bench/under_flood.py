#!/usr/bin/env python3
"""How long the owner waits for a cancel, a close and an order: idle, and under floods of strangers.

The gateway has core 0; the floods (bench/flood.cpp) have core 1, from addresses that are nobody's, at
several times what the gateway can serve of the same request. The owner calls from core 1 too, before the
floods in priority, with a real order each time: placed to rest in the book, then cancelled. Bans could
not help here, because loopback is never banned; what holds is load shedding and the limits on connections.
"""
import argparse
import http.client
import json
import os
import pathlib
import socket
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from compare import CLIENT_CORE, pinned, present, start_kavach  # noqa: E402

OWNER_ADDRESS = "127.9.9.9"
ADDRESSES = 64
STRANGERS = {"apikey": "f" * 64, "symbol": "SBIN", "exchange": "NSE"}


class Owner:
    """Times one kind of call at a time, on a kept-alive connection or on a new one for each call."""

    def __init__(self, port, key):
        self.port, self.key, self.connection, self.times, self.failures = port, key, None, {}, []

    def connect(self):
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20, source_address=(OWNER_ADDRESS, 0))
        self.connection.connect()
        self.connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def call(self, label, resource, fresh=False, **fields):
        body = json.dumps({"apikey": self.key, **fields})
        started = time.perf_counter()
        try:
            if fresh or self.connection is None:
                self.connect()
            self.connection.request("POST", f"/api/v1/{resource}", body, {"Content-Type": "application/json"})
            reply = self.connection.getresponse()
            status, answer = reply.status, json.loads(reply.read())
        except (OSError, http.client.HTTPException) as broken:
            status, answer, self.connection = type(broken).__name__, {}, None
        self.times.setdefault(label, []).append((time.perf_counter() - started) * 1000)
        if status != 200:
            self.failures.append((label, status))
        return answer

    def work(self, seconds):
        """A trader's minute, over and over: order, cancel, close, cancel all."""
        self.times, self.failures = {}, []
        until = time.monotonic() + seconds
        limit = {"symbol": "SBIN", "exchange": "NSE", "strategy": "bench", "action": "BUY", "product": "MIS", "pricetype": "LIMIT",
                 "quantity": "1", "price": self.price}
        while time.monotonic() < until:
            for fresh in (False, True):
                placed = self.call("order", "placeorder", **limit)
                self.call("cancel, new connection" if fresh else "cancel", "cancelorder", fresh=fresh, strategy="bench",
                          orderid=placed.get("orderid", "0"))
            self.call("close positions", "closeposition", strategy="bench")
            self.call("cancel all", "cancelallorder", strategy="bench")
        return {label: percentiles(times) for label, times in self.times.items()}

    def learn_price(self):
        ltp = self.call("quotes", "quotes", symbol="SBIN", exchange="NSE")["data"]["ltp"]
        self.price = f"{int(ltp * 0.97)}.00"


def percentiles(times):
    times = sorted(times)
    return statistics.median(times), times[min(len(times) - 1, int(len(times) * 0.99))], len(times)


def request_file(folder, port, name, path, body):
    text = json.dumps(body)
    file = folder / name
    file.write_text(f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
                    f"Content-Length: {len(text)}\r\n\r\n{text}")
    return file


def flood(program, port, seconds, connections, file, heap=1):
    return pinned(CLIENT_CORE, "nice", "-n", "15", program, str(port), str(seconds), str(connections), str(ADDRESSES), str(file), str(heap),
                  stdout=subprocess.PIPE, text=True)


def security_events(folder):
    """What the audit log says of floods, as an operator would read it."""
    import sqlite3
    database = sqlite3.connect(f"file:{folder}/data/kavach.db?mode=ro", uri=True)
    tables = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'audit%'")]
    found = []
    for table in tables:
        columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
        if "kind" in columns:
            found += database.execute(f"SELECT * FROM {table} WHERE kind = 'flood.detected'").fetchall()
    return found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True)
    parser.add_argument("--benchmarks", required=True)
    parser.add_argument("--seconds", type=int, default=10)
    options = parser.parse_args()
    program = str(pathlib.Path(options.benchmarks) / "flood")
    try:
        os.nice(-5)
    except PermissionError:
        print("(not root: the owner's calls share core 1 with the floods on equal terms)")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        gateway, port, keys, _ = start_kavach(options.binary, folder, PAPER_MARKET_HOURS="always")
        present(port, keys[:1])
        owner = Owner(port, keys[0])
        owner.learn_price()
        guess = request_file(folder, port, "guess", "/api/v1/quotes", STRANGERS)
        cancel = request_file(folder, port, "cancel", "/api/v1/cancelorder", {**STRANGERS, "strategy": "x", "orderid": "1"})
        # What the gateway can serve of such a request, with nobody shed: few connections, no waiting.
        served = flood(program, port, 2, 16, guess)
        capacity = json.loads(served.communicate()[0])
        capacity = (capacity["ok"] + capacity["refused"]) / 2
        print(f"a stranger's request, served in full: {capacity:.0f} a second")
        idle = owner.work(options.seconds)
        floods = [("256 connections, guessed keys", 256, guess, 1),
                  ("4,096 connections, guessed keys", 4096, guess, 1),
                  ("4,096 connections, cancels by strangers", 4096, cancel, 1),
                  ("1,024 connections, 25 requests at a time", 1024, guess, 25)]
        if options.seconds == 1:
            floods = floods[-1:]
        for label, connections, file, heap in floods:
            attack = flood(program, port, options.seconds + 3, connections, file, heap)
            time.sleep(1.5)  # the bench is of the flood, not of its first second
            result = owner.work(options.seconds)
            sent = json.loads(attack.communicate()[0])
            rate = sent["sent"] / (options.seconds + 3)
            print(f"\n{label}: {rate:.0f} requests a second sent ({rate / capacity:.1f} times capacity), {sent['connected']} connections "
                  f"made, {sent['overloaded']} answered 503, {sent['refused']} refused otherwise")
            print(f"    {'call':26} {'idle p50':>9} {'p99':>8} {'flood p50':>10} {'p99':>8} {'calls':>6}")
            for call, (middle, tail, count) in result.items():
                print(f"    {call:26} {idle[call][0]:9.2f} {idle[call][1]:8.2f} {middle:10.2f} {tail:8.2f} {count:6}")
            refused = {failure: owner.failures.count(failure) for failure in set(owner.failures)}
            print(f"    the owner's calls that failed: {refused or 'none'}")
        print(f"\nflood.detected in the audit log: {len(security_events(folder))}, the first: {security_events(folder)[:1]}")
        gateway.terminate()
        gateway.wait()


if __name__ == "__main__":
    main()
