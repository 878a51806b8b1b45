#!/usr/bin/env python3
"""Minutes of everything at once on a small disk that fills up now and then: does memory or a descriptor leak?

    bench/soak.py BINARY [--seconds 300] [--without-orders] [--once]

Orders, cancels, quotes, books, page loads and sockets that come and go, bounded in rate; 64 clients place orders at the
same instant; and every half minute the disk is full for some seconds. Prints resident memory and descriptors over time and
their slopes over the second half, what that is for each order kept, and how requests were answered. Linux, as root or where
user namespaces are allowed.
"""
import argparse
import collections
import os
import pathlib
import random
import socket
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "tests" / "crash"))
from crash_test import Client, Gateway  # noqa: E402
from full_disk_test import enter_namespace, fill, order  # noqa: E402

DISK_MIB = 256
FULL_EVERY, FULL_FOR = 30, 5
WRITERS = 64


class Tally:
    def __init__(self):
        self.lock, self.answers = threading.Lock(), collections.Counter()

    def orders(self):
        with self.lock:
            return self.answers["placeorder 200"]

    def add(self, what):
        with self.lock:
            self.answers[what] += 1


def repeatedly(until, pause, act, tally):
    while time.monotonic() < until:
        try:
            act()
        except (OSError, ValueError) as error:
            tally.add(f"error: {type(error).__name__}")
        time.sleep(pause)


def trader(port, key, until, tally, number):
    rng, client = random.Random(number), Client(port, key)

    def act():
        status, reply = order(client, f"soak-{number}", symbol=rng.choice(["SBIN", "ITC"]), action=rng.choice(["BUY", "SELL"]))
        tally.add(f"placeorder {status}")
        status, reply = order(client, f"soak-{number}", pricetype="SL-M", trigger_price=9000)
        tally.add(f"placeorder {status}")
        if status == 200:
            tally.add(f"cancelorder {client.call('cancelorder', strategy='soak', orderid=reply['orderid'])[0]}")
        if rng.random() < 0.1:
            tally.add(f"closeposition {client.call('closeposition', strategy='soak')[0]}")

    repeatedly(until, 0.5, act, tally)


def reader(port, key, until, tally):
    client = Client(port, key)

    def act():
        for call, more in (("quotes", {"exchange": "NSE", "symbol": "SBIN"}), ("orderbook", {}), ("funds", {})):
            tally.add(f"{call} {client.call(call, **more)[0]}")

    repeatedly(until, 0.05, act, tally)


def visitor(port, until, tally):
    """A connection for each page, some of them dropped in the middle."""
    rng = random.Random(port)

    def act():
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            path = rng.choice(["/login", "/health/status", "/nothing", "/traffic/api/logs"])
            connection.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n".encode())
            if rng.random() < 0.3:
                return
            connection.sendall(b"Connection: close\r\n\r\n")
            while connection.recv(65536):
                pass
            tally.add("page")

    repeatedly(until, 0.02, act, tally)


def crowd_of_writers(port, key, tally):
    start = threading.Barrier(WRITERS)

    def write(number):
        client = Client(port, key)
        start.wait()
        status, _ = order(client, f"writer-{number}", pricetype="SL-M", trigger_price=9000)
        tally.add(f"of {WRITERS} writers at once {status}")

    threads = [threading.Thread(target=write, args=(number,)) for number in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def sample(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    resident = int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1])
    return resident, len(os.listdir(f"/proc/{pid}/fd"))


def slope(points):
    """Least squares, per minute."""
    n = len(points)
    mean_x, mean_y = sum(x for x, _ in points) / n, sum(y for _, y in points) / n
    spread = sum((x - mean_x) ** 2 for x, _ in points) or 1
    return 60 * sum((x - mean_x) * (y - mean_y) for x, y in points) / spread


def soak(gateway, key, seconds, with_orders):
    tally, begun = Tally(), time.monotonic()
    until = begun + seconds
    jobs = [(trader, (gateway.port, key, until, tally, number)) for number in range(4 if with_orders else 0)]
    jobs += [(reader, (gateway.port, key, until, tally))] * 2 + [(visitor, (gateway.port, until, tally))] * 4
    threads = [threading.Thread(target=job, args=arguments) for job, arguments in jobs]
    for thread in threads:
        thread.start()
    if with_orders:
        crowd_of_writers(gateway.port, key, tally)
    samples, next_full, filler = [], begun + FULL_EVERY, gateway.folder / "filler"
    while time.monotonic() < until:
        time.sleep(2)
        resident, descriptors = sample(gateway.process.pid)
        samples.append((time.monotonic() - begun, resident, descriptors, tally.orders()))
        if filler.exists() and time.monotonic() > next_full + FULL_FOR:
            filler.unlink()
            next_full = time.monotonic() + FULL_EVERY
        elif time.monotonic() > next_full:
            fill(gateway.folder)
    for thread in threads:
        thread.join()
    filler.unlink(missing_ok=True)
    return tally.answers, samples


def report(answers, samples):
    for at, resident, descriptors, orders in samples[:: max(1, len(samples) // 12)]:
        print(f"  {at:6.0f} s  {resident / 1024:7.1f} MiB  {descriptors:4d} descriptors  {orders:6d} orders kept")
    half = samples[len(samples) // 2:]
    growth = slope([(at, kib * 1024) for at, kib, _, _ in half])
    orders = slope([(at, orders) for at, _, _, orders in half])
    print(f"slope of the second half: {growth / (1 << 20):+.2f} MiB and "
          f"{slope([(at, count) for at, _, count, _ in half]):+.2f} descriptors a minute, {orders:.0f} orders"
          + (f": {growth / orders:.0f} bytes an order" if orders else ""))
    for what, count in sorted(answers.items()):
        print(f"  {count:7d}  {what}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("--seconds", type=int, default=300)
    parser.add_argument("--without-orders", action="store_true", help="everything else")
    parser.add_argument("--once", action="store_true", help="a few seconds, so that it cannot rot")
    options = parser.parse_args()
    enter_namespace()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="kavach-soak-"))
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_MIB}m,mode=700", "tmpfs", str(folder)], check=True)
    gateway = Gateway(os.path.abspath(options.binary), folder)
    gateway.environment.update(AUTO_BAN_ENABLED="false", DEFAULT_RATE_LIMIT="6000 per minute")
    try:
        gateway.command("setup", "--username", "soak", "--email", "soak@example.com", "--password-stdin",
                        input="correct horse battery staple 7")
        key = gateway.command("apikey", "create", "--user", "soak").strip()
        gateway.start()
        Client(gateway.port, key).call("funds")
        report(*soak(gateway, key, 6 if options.once else options.seconds, not options.without_orders))
        gateway.stop()
        print(gateway.command("audit", "verify").strip())
    finally:
        if gateway.process and gateway.process.poll() is None:
            gateway.kill()
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
        folder.rmdir()


if __name__ == "__main__":
    main()
