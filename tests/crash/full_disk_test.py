#!/usr/bin/env python3
"""A gateway on a disk that is really full, or read-only: nothing new is placed, and everybody gets out.

    full_disk_test.py path/to/kavach [--rounds N] [--seed S]

The data folder is a small tmpfs in a mount namespace of its own (as root, or as a user who may make
namespaces). Each round: a position and resting orders, the disk is filled, orders are refused with 503, cancels and
closing pass, the gateway is killed in the middle of it, the disk has space again, and after a restart everything
that was answered is there exactly once and the audit chain verifies. Then the disk becomes read-only while orders flow
and writable again (read_only_disk.c, built with `cc`), and the gateway goes on without a restart.
"""
import argparse
import contextlib
import http.client
import json
import os
import pathlib
import random
import subprocess
import sqlite3
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from crash_test import Client, Gateway, check  # noqa: E402

INSIDE = "KAVACH_FULL_DISK_INSIDE"
DISK_MIB = 48
RESTING = 30


def enter_namespace():
    """Runs this script again where it may mount; the mounts end with it."""
    if INSIDE in os.environ:
        return
    how = ["unshare", "-m"] if os.geteuid() == 0 else ["unshare", "-Urm"]
    os.environ[INSIDE] = "1"
    os.execvp(how[0], [*how, sys.executable, *sys.argv])


def fill(folder):
    """Every byte of it, whatever the size of the last piece."""
    with open(folder / "filler", "wb", buffering=0) as filler:
        for size in (1 << 20, 1 << 12, 1 << 8, 1):
            try:
                while True:
                    filler.write(b"\0" * size)
            except OSError:
                pass


def journal_rows(folder, kind, order_id):
    with contextlib.closing(sqlite3.connect(folder / "kavach.db")) as db:
        return db.execute("SELECT COUNT(*) FROM journal WHERE kind = ? AND order_id = ?", (kind, order_id)).fetchone()[0]


def order(client, tag, **fields):
    body = {"strategy": tag, "exchange": "NSE", "symbol": "SBIN", "action": "BUY", "quantity": 1, "pricetype": "MARKET",
            "product": "MIS", **fields}
    return client.call("placeorder", **body)


def open_orders(client):
    _, book = client.call("orderbook")
    return {row["orderid"] for row in book["data"]["orders"] if row["order_status"] in ("open", "trigger pending")}


def net_position(client):
    _, book = client.call("positionbook")
    return sum(abs(row["quantity"]) for row in book["data"])


def refuse_until_full(client, folder):
    """Space inside the store's own files is used up first."""
    for number in range(5000):
        fill(folder)
        status, reply = order(client, f"filling-{number}", symbol="ITC", pricetype="SL-M", trigger_price=9000)
        if status == 503:
            check(reply["code"] == "NOT_RECORDED", f"a full disk answers {reply}")
            return
        # 504: there was room for the intent and none for the outcome.
        check(status in (200, 504), f"before the disk was full an order answered {status}: {reply}")
    sys.exit("FULL DISK TEST FAILED: the disk never filled up")


def cancel_some(client, ids, answered, notices):
    try:
        for order_id in ids:
            status, reply = client.call("cancelorder", strategy="full", orderid=order_id)
            check(status == 200, f"on a full disk a cancel answers {status}: {reply}")
            notices.append(reply.get("message", ""))
            answered.append(order_id)
    except (OSError, ValueError):
        pass  # killed: the last one is unanswered


def one_round(gateway, key, exit_key, rng, kills):
    """Who gets out has a key that may do nothing else."""
    client, leaver = Client(gateway.port, key), Client(gateway.port, exit_key)
    status, reply = order(client, "position", quantity=7)
    check(status == 200, f"placeorder answers {status}: {reply}")
    resting = []
    for _ in range(RESTING):
        status, reply = order(client, "rest", pricetype="SL-M", trigger_price=9000)
        check(status == 200, f"placeorder answers {status}: {reply}")
        resting.append(reply["orderid"])
    check(leaver.call("funds")[0] == 200, "the leaver's key is known")
    refuse_until_full(client, gateway.folder)

    status, reply = leaver.call("closeposition", strategy="full")
    check(status == 200, f"on a full disk closeposition answers {status}: {reply}")
    check(net_position(client) == 0, "the position is closed in the books")
    status, _ = order(client, "never")
    check(status == 503, f"on a full disk an order answers {status}")
    answered, notices = [], []
    canceller = threading.Thread(target=cancel_some, args=(leaver, resting, answered, notices))
    canceller.start()
    if kills:
        time.sleep(rng.uniform(0, 0.015))
        gateway.kill()
    canceller.join()
    check(all("kept beside it" in notice for notice in notices), f"the answer says where the record is: {set(notices)}")
    if not kills:
        check(len(answered) == len(resting), "every cancel was answered")
        status, reply = leaver.call("cancelallorder", strategy="full")
        check(status == 200 and not reply["failed_cancellations"], f"on a full disk cancelallorder answers {status}: {reply}")
        gateway.kill()

    os.unlink(gateway.folder / "filler")
    gateway.start()
    client = Client(gateway.port, key)
    check(net_position(client) == 0, "the position is closed after the restart")
    still_open = open_orders(client)
    for order_id in answered:
        check(order_id not in still_open, f"{order_id} was cancelled and is open again")
        check(journal_rows(gateway.folder, "order.cancelled", order_id) == 1, f"{order_id} is journaled once")
    status, reply = client.call("cancelallorder", strategy="full")
    check(status == 200 and not reply["failed_cancellations"], f"cancelallorder answers {status}: {reply}")
    gateway.command("audit", "verify")
    return len(answered)


class FlowOfOrders:
    """Places resting orders until it is stopped and keeps what was answered."""

    def __init__(self, gateway, key):
        self.client, self.placed, self.statuses, self.stopping = Client(gateway.port, key), [], set(), False
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        number = 0
        while not self.stopping:
            number += 1
            time.sleep(0.002)
            status, reply = order(self.client, f"flow-{number}", symbol="ITC", pricetype="SL-M", trigger_price=9000)
            self.statuses.add(status)
            if status == 200:
                self.placed.append(reply["orderid"])

    def stop(self):
        self.stopping = True
        self.thread.join()


def wait_until(holds, what, seconds=10):
    deadline = time.monotonic() + seconds
    while not holds():
        check(time.monotonic() < deadline, what)
        time.sleep(0.02)


def health(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/health/status")
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read())["status"], answer.getheader("Retry-After")


def turn(switch, position):
    """In place: the gateway has the byte mapped, and a file that is shorter for a moment would kill it."""
    with open(switch, "r+b") as byte:
        byte.write(position)


def read_only_while_running(gateway, key, scratch):
    """R14, R29: refusals with 503 and nothing else, exits pass, `/health/status` says so, and no restart is needed."""
    library, switch = scratch / "read_only_disk.so", scratch / "switch"
    subprocess.run(["clang-19", "-shared", "-fPIC", "-O2", "-o", library, pathlib.Path(__file__).parent / "read_only_disk.c"], check=True)
    switch.write_bytes(b"0")
    gateway.kill()
    before = dict(gateway.environment)
    gateway.environment.update(LD_PRELOAD=str(library), READ_ONLY_DISK=str(gateway.folder), READ_ONLY_SWITCH=str(switch))
    gateway.start()
    gateway.environment = before
    client = Client(gateway.port, key)
    status, reply = order(client, "position", quantity=7)
    check(status == 200, f"placeorder answers {status}: {reply}")
    resting = [order(client, "rest", pricetype="SL-M", trigger_price=9000)[1]["orderid"] for _ in range(RESTING)]
    check(health(gateway.port)[:2] == (200, "ok"), "all is well at first")
    flow = FlowOfOrders(gateway, key)
    wait_until(lambda: len(flow.placed) > 20, "orders flow")

    turn(switch, b"1")
    wait_until(lambda: 503 in flow.statuses, "a read-only disk refuses orders")
    wait_until(lambda: health(gateway.port)[:2] == (503, "error"), "/health/status says so")
    check(health(gateway.port)[2] is not None, "and when to ask again")
    status, reply = order(client, "never")
    check(status == 503 and reply["code"] == "NOT_RECORDED", f"an order answers {status}: {reply}")
    for order_id in resting:
        status, reply = client.call("cancelorder", strategy="full", orderid=order_id)
        check(status == 200, f"on a read-only disk a cancel answers {status}: {reply}")
        check("restart" in reply.get("message", ""), f"the answer says that a restart would forget it: {reply}")
    status, reply = client.call("closeposition", strategy="full")
    check(status == 200, f"on a read-only disk closeposition answers {status}: {reply}")
    check(net_position(client) == 0, "the position is closed in the books")
    check(not open_orders(client) & set(resting), "the cancelled orders are cancelled in the books")

    turn(switch, b"0")
    known = len(flow.placed)
    wait_until(lambda: len(flow.placed) > known + 20, "orders flow again without a restart")
    wait_until(lambda: health(gateway.port)[:2] == (200, "ok"), "/health/status is ok again")
    flow.stop()
    check(flow.statuses <= {200, 503, 504}, f"orders were answered {flow.statuses}")
    for order_id in resting:
        wait_until(lambda: journal_rows(gateway.folder, "order.cancelled", order_id) == 1, f"{order_id} is journaled")
    gateway.kill()
    gateway.start()
    client = Client(gateway.port, key)
    check(net_position(client) == 0, "the position is closed after a restart")
    still_open = open_orders(client)
    check(not still_open & set(resting), "what was cancelled stays cancelled")
    check(set(flow.placed) <= still_open, "every acknowledged order is there")
    check(all(journal_rows(gateway.folder, "order.intent", order_id) == 1 for order_id in flow.placed), "once")
    gateway.command("audit", "verify")
    print(f"  read-only: {len(flow.placed)} orders acknowledged before and after, {len(resting)} cancels meanwhile", flush=True)


def start_on_read_only(gateway, folder):
    gateway.stop()
    subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
    done = subprocess.run([gateway.binary, "serve"], env=gateway.environment, text=True, capture_output=True, timeout=30)
    check(done.returncode == 1, f"a start on a read-only disk exits with {done.returncode}")
    said = done.stderr.strip().splitlines()[-1]
    check("read-only" in said or "cannot be" in said or "writ" in said, f"it says what to do: {said}")
    subprocess.run(["mount", "-o", "remount,rw", str(folder)], check=True)
    gateway.start()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 30))
    options = parser.parse_args()
    enter_namespace()
    print(f"full disk test: {options.rounds} rounds, seed {options.seed}", flush=True)
    rng = random.Random(options.seed)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="kavach-full-"))
    # The mount goes with its namespace when this process and the gateway have ended.
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_MIB}m,mode=700", "tmpfs", str(folder)], check=True)
    gateway = None
    try:
        gateway = Gateway(os.path.abspath(options.binary), folder)
        gateway.command("setup", "--username", "full", "--email", "full@example.com", "--password-stdin",
                        input="correct horse battery staple 7")
        key = gateway.command("apikey", "create", "--user", "full").strip()
        exit_key = gateway.command("apikey", "create", "--user", "full", "--name", "exits", "--scope", "square-off").strip()
        gateway.start()
        Client(gateway.port, key).call("funds")
        for number in range(options.rounds):
            answered = one_round(gateway, key, exit_key, rng, kills=number % 2 == 1)
            print(f"  round {number + 1}: {answered} cancels answered on a full disk", flush=True)
        with tempfile.TemporaryDirectory(prefix="kavach-read-only-") as scratch:
            read_only_while_running(gateway, key, pathlib.Path(scratch))
        start_on_read_only(gateway, folder)
        gateway.stop()
        gateway.command("audit", "verify")
    finally:
        if gateway and gateway.process and gateway.process.poll() is None:
            gateway.kill()
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
        folder.rmdir()
    print("1 passed, 0 failed")


if __name__ == "__main__":
    main()
