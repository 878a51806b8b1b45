"""A denial of service in the making: one address asks for more than the gateway can do, and an event says so."""
import contextlib
import multiprocessing
import os
import socket
import sqlite3
import threading
import time

SECONDS = 10
CONNECTIONS = 200  # of each process: what waits in a closed loop is what is open, so few never overload anybody


def hammer(port, until, answered):
    head = (f"GET /auth/check-setup HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nX-Forwarded-For: 203.0.113.66\r\n\r\n" * 16).encode()
    while time.monotonic() < until:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
                while time.monotonic() < until:
                    connection.sendall(head)
                    received = connection.recv(1 << 16)
                    answered.append(received.count(b"HTTP/1.1 "))
                    if not received:
                        break
        except OSError:
            pass


def hammer_on(port, until, total):
    answered = []
    threads = [threading.Thread(target=hammer, args=(port, until, answered)) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with total.get_lock():
        total.value += sum(answered)


def put_behind_the_attackers(pid):
    """On a machine of any size: the gateway gets what its attackers leave."""
    for thread in os.listdir(f"/proc/{pid}/task"):
        os.setpriority(os.PRIO_PROCESS, int(thread), 19)


def records(gateway):
    """The flood events, how many requests are on record, and whether all have their time by stage."""
    with contextlib.closing(sqlite3.connect(gateway.folder / "kavach.db")) as db:
        events = [row[0] for row in db.execute("SELECT body FROM audit_events WHERE kind = 'flood.detected'")]
        rows, timed = db.execute("SELECT COUNT(*), SUM(duration_us >= queue_us + guard_us) FROM traffic_records").fetchone()
        counted = db.execute("SELECT COALESCE(SUM(requests), 0) FROM traffic_floods").fetchone()[0]
    return events, rows, counted, timed


def run(gateway, findings):
    gateway.sign_in()
    findings.expect(not records(gateway)[0], "nothing is called a flood in quiet times")
    put_behind_the_attackers(gateway.process.pid)
    total, until = multiprocessing.Value("q", 0), time.monotonic() + SECONDS
    attackers = [multiprocessing.Process(target=hammer_on, args=(gateway.port, until, total))
                 for _ in range((os.cpu_count() or 2) * 2)]
    for attacker in attackers:
        attacker.start()
    for attacker in attackers:
        attacker.join()
    gateway.stop()
    events, rows, counted, timed = records(gateway)
    findings.expect(len(events) == 1, f"{total.value} requests in {SECONDS} s are one flood event: {events}")
    findings.expect(all("203.0.113.66" in event for event in events), f"the event names who: {events}")
    findings.expect(rows + counted >= total.value, f"all are on record: {rows} rows and {counted} counted of {total.value}")
    findings.expect(rows <= (SECONDS + 30) * 2_000, f"rows are bounded: {rows}")
    findings.expect(timed == rows, "rows have the time by stage")
    retention(gateway, findings)


def retention(gateway, findings):
    """What is older than TRAFFIC_LOG_RETENTION_DAYS goes when the gateway starts, and every hour after that."""
    path = gateway.folder / "kavach.db"
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE traffic_records SET at_us = at_us - 31 * 86400000000 WHERE id % 2 = 0")
        old = db.total_changes
        db.commit()
        kept = db.execute("SELECT COUNT(*) FROM traffic_records WHERE id % 2 = 1").fetchone()[0]
    gateway.start()
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with contextlib.closing(sqlite3.connect(path)) as db:
            gone = db.execute("SELECT COUNT(*) FROM traffic_records WHERE at_us < (SELECT MAX(at_us) FROM traffic_records) - 30 * 86400000000").fetchone()[0] == 0
            left = db.execute("SELECT COUNT(*) FROM traffic_records").fetchone()[0]
        if gone:
            break
        time.sleep(0.2)
    findings.expect(gone and left >= kept, f"{old} records of 31 days ago are gone, {kept} of today are kept ({left})")
