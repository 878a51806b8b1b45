"""Five thousand connections that do nothing, slowly, from many addresses: heads and bodies that drip, replies
nobody reads, idle hoards; while the owner works (R22). Then more of them than there are descriptors.

Needs nothing but Python. `slow_clients` does the same with slowhttptest, from one address.
"""
import http.client
import json
import os
import resource
import selectors
import socket
import time

OWNER_ADDRESS = "127.9.9.9"
CROWD = 5_000
DRIP_SECONDS = 2.0


def source(n):
    """Far from the limit on connections per address."""
    return f"127.2.{n // 100 % 250}.{n % 100 + 1}"


class Crowd:
    """Slow clients that send a byte now and then, whatever becomes of them."""

    def __init__(self, port):
        self.port, self.members, self.turned_away, self.answers = port, {}, 0, {}
        self.selector = selectors.DefaultSelector()
        host = f"Host: 127.0.0.1:{port}\r\n"
        self.kinds = {
            "slow heads": (f"GET / HTTP/1.1\r\n{host}X-a: ", b"b"),
            "slow bodies": (f"POST /api/v1/funds HTTP/1.1\r\n{host}Content-Type: application/json\r\nContent-Length: 4000\r\n\r\n{{", b" "),
            "range headers": (f"GET / HTTP/1.1\r\n{host}Range: bytes=0-{','.join(f'5-{n}' for n in range(500))}\r\nX-a: ", b"b"),
            "unread replies": (f"GET / HTTP/1.1\r\n{host}\r\n", None),
            "silence": ("", None),
        }

    def gather(self, count, only=None):
        kinds = [(kind, how) for kind, how in self.kinds.items() if only in (None, kind)]
        for n in range(count):
            kind, (opening, drip) = kinds[n % len(kinds)]
            member = socket.socket()
            try:
                if kind == "unread replies":
                    member.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
                member.bind((source(n), 0))
                member.connect(("127.0.0.1", self.port))
                member.setblocking(False)
                if opening:
                    member.send(opening.encode())
            except OSError:
                self.turned_away += 1
                member.close()
                continue
            self.members[member] = (kind, drip)

    def drip(self):
        for member, (kind, byte) in list(self.members.items()):
            try:
                if byte:
                    member.send(byte)
                # Only what ended is read: whoever does not read his reply must not begin to.
                if kind != "unread replies":
                    received = member.recv(512)
                    self.answers[received[9:12]] = self.answers.get(received[9:12], 0) + 1
                    if not received:
                        raise ConnectionResetError
            except BlockingIOError:
                pass
            except OSError:
                member.close()
                del self.members[member]

    def disperse(self):
        for member in self.members:
            member.close()
        self.members = {}


class Owner:
    def __init__(self, gateway):
        self.port, self.key = gateway.port, gateway.key

    def call(self):
        """On a new connection each time: the hardest, for it needs a place."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=15, source_address=(OWNER_ADDRESS, 0))
        try:
            connection.request("POST", "/api/v1/ping", json.dumps({"apikey": self.key}), {"Content-Type": "application/json"})
            return connection.getresponse().status
        except OSError as broken:
            return type(broken).__name__
        finally:
            connection.close()

    def timed(self, seconds, meanwhile=lambda: None):
        times, failures, due = [], [], time.monotonic() + DRIP_SECONDS
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if time.monotonic() > due:
                meanwhile()
                due = time.monotonic() + DRIP_SECONDS
            started = time.monotonic()
            status = self.call()
            times.append(time.monotonic() - started)
            if status != 200:
                failures.append(status)
            time.sleep(0.005)
        times.sort()
        return times[len(times) // 2], times[int(len(times) * 0.99) - 1], failures, len(times)


def descriptors(gateway):
    return len(os.listdir(f"/proc/{gateway.process.pid}/fd"))


def resident_mib(gateway):
    with open(f"/proc/{gateway.process.pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) // 1024


def slow(gateway, findings, only=None):
    """`only`: all of one kind, so that whatever each of them takes runs out."""
    expect = findings.expect
    owner = Owner(gateway)
    owner.call()
    before = resident_mib(gateway)
    middle, idle, failures, _ = owner.timed(4)
    expect(not failures, f"idle: every call is answered {failures[:3]}")
    crowd = Crowd(gateway.port)
    crowd.gather(CROWD, only)
    held = descriptors(gateway)
    deadline = time.monotonic() + 3
    while held < CROWD and time.monotonic() < deadline:  # what the kernel has taken, the gateway takes at its turns
        time.sleep(0.05)
        held = max(held, descriptors(gateway))
    flooded_middle, tail, failures, calls = owner.timed(8, crowd.drip)
    print(f"    {CROWD} slow connections ({only or 'of every kind'}), {held} open at once: p50 {flooded_middle * 1000:.1f} ms, p99 {tail * 1000:.1f} ms "
          f"(idle {middle * 1000:.1f} and {idle * 1000:.1f}), {len(failures)} of {calls} failed, memory {before} -> {resident_mib(gateway)} MiB")
    expect(held > CROWD * 0.9, f"R22 the crowd is really there: {held} descriptors, {crowd.turned_away} turned away")
    expect(not failures, f"R22 the owner's calls are answered: {failures[:5]}")
    # Twice idle, and a few milliseconds for a machine that also runs the five thousand.
    expect(tail <= max(2 * idle, idle + 0.010), f"R22 p99 {tail * 1000:.1f} ms is at most twice {idle * 1000:.1f} ms")
    expect(resident_mib(gateway) < before + 200, f"R22 memory is bounded: {before} -> {resident_mib(gateway)} MiB")
    crowd.disperse()


def hoard(gateway, findings):
    """The gateway may hold few connections; a crowd holds more than that, and the owner still gets in."""
    expect = findings.expect
    gateway.stop()
    gateway.start(before=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (400, 400)))
    owner = Owner(gateway)
    expect(owner.call() == 200, "few descriptors: the owner is answered")
    crowd = Crowd(gateway.port)
    crowd.gather(1_000)
    crowd.drip()
    _, tail, failures, calls = owner.timed(4, crowd.drip)
    print(f"    1000 connections for {descriptors(gateway)} descriptors in use of 400: p99 {tail * 1000:.1f} ms, {len(failures)} of {calls} failed")
    expect(not failures, f"R22 hoarding cannot shut the owner out: {failures[:5]}")
    expect(descriptors(gateway) <= 400, "R22 descriptors are bounded")
    crowd.disperse()
    expect(owner.call() == 200, "and afterwards all is as before")


def idle_hoard_of_one(gateway, findings):
    """One address cannot have all places, not even by asking again and again."""
    expect = findings.expect
    held = []
    for _ in range(400):
        one = socket.socket()
        one.bind(("127.3.0.1", 0))
        try:
            one.connect(("127.0.0.1", gateway.port))
            one.settimeout(0.2)
            held.append(one)
        except OSError:
            one.close()
    time.sleep(0.3)
    alive = 0
    for one in held:
        try:
            one.settimeout(0.001)
            alive += one.recv(1) != b""
        except TimeoutError:
            alive += 1
        except OSError:
            pass
    expect(alive <= 256, f"R22 one address holds at most 256 connections: {alive}")
    for one in held:
        one.close()


def run(gateway, findings):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if hard < CROWD + 500:
        print(f"    (only {hard} descriptors are allowed here; the crowd needs {CROWD + 500})")
    # As a service manager starts it: with a low soft limit, which the gateway raises itself.
    gateway.stop()
    gateway.start(before=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (1_024, hard)))
    slow(gateway, findings)
    slow(gateway, findings, only="slow bodies")
    idle_hoard_of_one(gateway, findings)
    hoard(gateway, findings)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
