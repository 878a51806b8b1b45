"""A flood of strangers, many times what the gateway can serve, from many addresses: what is shed, who is not,
and what the operator is told. Bounded in connections and seconds; bench/under_flood.py has the figures.
"""
import http.client
import json
import re
import socket
import sqlite3
import threading
import time
import urllib.request

OWNER_ADDRESS = "127.9.9.9"
THREADS, SOCKETS_EACH, SECONDS = 4, 48, 7


class Flood:
    """Heaps of requests on each of many connections; a connection that is cut is made anew."""

    def __init__(self, port):
        self.port, self.stop, self.sent, self.refused = port, threading.Event(), 0, 0
        body = json.dumps({"apikey": "f" * 64})
        one = f"POST /api/v1/funds HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"
        self.heap, self.heap_size = (one * 50).encode(), 50
        self.threads = [threading.Thread(target=self.run, args=(n,)) for n in range(THREADS)]

    def connect(self, n):
        member = socket.socket()
        try:
            member.bind((f"127.4.{n % 200}.{n // 200 + 1}", 0))
            member.connect(("127.0.0.1", self.port))
            member.setblocking(False)
            return member
        except OSError:
            member.close()
            return None

    def run(self, thread):
        members = [None] * SOCKETS_EACH
        while not self.stop.is_set():
            for n, member in enumerate(members):
                if member is None:
                    members[n] = self.connect(thread * SOCKETS_EACH + n)
                    self.refused += members[n] is None
                    continue
                try:
                    if member.send(self.heap) == len(self.heap):
                        self.sent += self.heap_size
                        while member.recv(65536):
                            pass
                    raise ConnectionResetError  # what follows half a heap would be no request
                except BlockingIOError:
                    pass
                except OSError:
                    member.close()
                    members[n] = None
        for member in filter(None, members):
            member.close()

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        for thread in self.threads:
            thread.join()


class Metrics:
    def __init__(self, gateway):
        self.url = f"http://{gateway.settings['METRICS_ADDRESS']}/metrics"

    def value(self, series):
        text = urllib.request.urlopen(self.url, timeout=10).read().decode()
        found = re.search(rf"^{re.escape(series)} (\d+)", text, re.M)
        return int(found.group(1)) if found else 0


def owner_call(gateway, resource, **fields):
    connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=20, source_address=(OWNER_ADDRESS, 0))
    try:
        connection.request("POST", f"/api/v1/{resource}", json.dumps({"apikey": gateway.key, **fields}), {"Content-Type": "application/json"})
        return connection.getresponse().status
    except OSError as broken:
        return type(broken).__name__
    finally:
        connection.close()


def shadowed(gateway, metrics, expect):
    """Counted, not enforced: the level rises, and nobody is refused."""
    gateway.sign_in()
    changed = gateway.console("POST", "/security/settings", {"shadow_load_shedding": True})
    expect(changed.status == 200, f"shedding goes into shadow ({changed.status})")
    before = metrics.value('kavach_refusals_total{token="overloaded"}'), metrics.value("kavach_connections_refused")
    with Flood(gateway.port):
        time.sleep(3)
    after = metrics.value('kavach_refusals_total{token="overloaded"}'), metrics.value("kavach_connections_refused")
    expect(after == before, f"in shadow nobody is refused: {before} -> {after}")
    expect(metrics.value('kavach_shadow_refusals_total{token="overloaded"}') > 0, "and all are counted")


def run(gateway, findings):
    expect = findings.expect
    metrics = Metrics(gateway)
    expect(owner_call(gateway, "ping") == 200, "the owner has shown himself at his address")
    shed = 'kavach_refusals_total{token="overloaded"}'
    highest, times, answers = 0, [], []
    with Flood(gateway.port) as flood:
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            started = time.monotonic()
            answers.append(owner_call(gateway, "cancelallorder", strategy="drill"))
            times.append(time.monotonic() - started)
            answers.append(owner_call(gateway, "closeposition", strategy="drill"))
            highest = max(highest, metrics.value("kavach_load_level"))
    times.sort()
    print(f"    {flood.sent // SECONDS} requests a second sent, level up to {highest}, {metrics.value(shed)} answered 503, "
          f"{metrics.value('kavach_connections_refused')} connections refused; the owner's cancels: p50 {times[len(times) // 2] * 1000:.1f} ms, "
          f"p99 {times[int(len(times) * 0.99) - 1] * 1000:.1f} ms of {len(times)}")
    expect(highest >= 2 and metrics.value(shed) > 0, f"load is shed: level {highest}, {metrics.value(shed)} refused")
    expect(metrics.value("kavach_connections_refused") > 0, "strangers are refused at the door")
    expect(set(answers) == {200}, f"the owner's cancels and closes are all answered: {[a for a in answers if a != 200][:5]}")
    deadline = time.monotonic() + 20
    while metrics.value("kavach_load_level") > 0 and time.monotonic() < deadline:
        time.sleep(0.1)
    expect(metrics.value("kavach_load_level") == 0, "afterwards everybody is served again")
    expect(gateway.request("GET", "/health/status").status == 200, "and so are strangers")
    with sqlite3.connect(f"file:{gateway.folder}/kavach.db?mode=ro", uri=True) as database:
        told = database.execute("SELECT * FROM audit_events WHERE kind = 'flood.detected'").fetchall()
    expect(len(told) == 1, f"the audit log tells of one flood: {len(told)}")
    expect(told and "127.4." in str(told[0]) and OWNER_ADDRESS not in str(told[0]), f"and names who sent it: {told[:1]}")
    shadowed(gateway, metrics, expect)
