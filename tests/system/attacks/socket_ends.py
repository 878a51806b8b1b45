"""How a WebSocket ends, at both doors: within a second of whatever takes its right away, with the documented code; when its
client is silent, idle or does not read; and not when it only answers late (R38, R39)."""
import concurrent.futures
import threading
import time

import doors
from websocket import CLOSE, PING, PONG, frame

SOON = 1.0  # after what takes the right away has been acknowledged


class Room:
    """Sockets at both doors that listen for orders, and what became of them."""

    def __init__(self, gateway, expect):
        self.gateway, self.expect = gateway, expect
        self.doors, self.everybody, self.is_over = doors.both(gateway), [], threading.Event()

    def __enter__(self):
        self.breathing = threading.Thread(target=self.breathe)
        self.breathing.start()
        return self

    def __exit__(self, *_):
        self.is_over.set()
        self.breathing.join()

    def breathe(self):
        """Nobody here shall be taken for silent while another is tried."""
        while not self.is_over.wait(0.5):
            for stream in list(self.everybody):
                if stream.close_code is None:
                    stream.raw(frame(PONG))

    def with_key(self, key, client="198.51.100.10"):
        return [self.listening(door, door.enter(key, client)) for door in self.doors]

    def with_session(self, headers, client="198.51.100.10"):
        """Only at the console's own port, where its page has its origin."""
        door = self.doors[1]
        stream = door.knock(client, headers=f"Cookie: {headers['Cookie']}\r\nOrigin: {self.gateway.origin}\r\n")
        stream.answer()
        return [self.listening(door, stream)]

    def listening(self, door, stream):
        stream.ask(action="subscribe_orders")
        stream.name = door.name
        self.everybody.append(stream)
        return stream

    def ended(self, streams, by, since, reason="access ended"):
        for stream in streams:
            code = stream.until_closed(SOON + 2)
            took = time.monotonic() - since
            self.expect((code, stream.close_reason) == (4403, reason), f"R38 {stream.name}, {by}: 4403 {reason}: {code} {stream.close_reason}")
            self.expect(took <= SOON, f"R38 {stream.name}, {by}: within a second: {took:.2f} s")

    def alive(self, streams, after):
        for stream in streams:
            said = stream.ask(action="ping")
            self.expect(said and said["type"] == "pong", f"{stream.name} outlives {after}: {said} {stream.close_code}")

    def do(self, by, streams, act, reason="access ended"):
        done = act()
        status = getattr(done, "status", 200)
        self.expect(status == 200, f"{by}: {status} {getattr(done, 'text', '')}")
        self.ended(streams, by, time.monotonic(), reason)


def key_id(gateway, name):
    return next(key["id"] for key in gateway.console("GET", "/apikey").json["data"]["keys"] if key["name"] == name)


def keys_end(gateway, room):
    bystander = room.with_key(gateway.key)
    keys = {name: doors.make_key(gateway, name=name) for name in ("revoked", "revoked by command", "regenerated", "signing")}
    time.sleep(1)
    streams = {name: room.with_key(key) for name, key in keys.items()}
    room.do("a key is revoked", streams["revoked"], lambda: gateway.console("DELETE", f"/apikey/{key_id(gateway, 'revoked')}"))
    room.do("a key is revoked by a command", streams["revoked by command"], lambda: gateway.command("apikey", "revoke", "revoked by command"))
    room.do("a key is replaced without a grace", streams["regenerated"],
            lambda: gateway.console("POST", f"/apikey/{key_id(gateway, 'regenerated')}/regenerate", {"grace_minutes": 0}))
    room.do("a key now signs its requests", streams["signing"], lambda: gateway.console("POST", f"/apikey/{key_id(gateway, 'signing')}/signing", {}))
    replaced = doors.make_key(gateway, name="with a grace")
    time.sleep(1)
    graced = room.with_key(replaced)
    gateway.console("POST", f"/apikey/{key_id(gateway, 'with a grace')}/regenerate", {"grace_minutes": 5})
    room.alive(graced, "a replacement with a grace")
    room.alive(bystander, "what happens to other keys")


def people_end(gateway, room):
    session = gateway.sign_in_as("bob", doors.PASSWORD)
    elsewhere = gateway.sign_in_as("bob", doors.PASSWORD)
    here, there = room.with_session(session), room.with_session(elsewhere)
    room.do("its session logs out", here, lambda: gateway.request("POST", "/auth/logout", {}, headers=session, client=gateway.owner_address))
    room.alive(there, "the logout of another session")
    key = doors.make_key(gateway, "bob", name="of the disabled")
    time.sleep(1)
    room.do("the account is disabled by a command", there + room.with_key(key), lambda: gateway.command("user", "disable", "bob"))
    room.alive(room.with_key(gateway.key), "somebody else's end")


def addresses_end(gateway, room):
    for by, address, act in [
            ("the console bans the address", "203.0.113.50", lambda: gateway.console(
                "POST", "/security/ban", {"ip_address": "203.0.113.50", "reason": "drill", "duration_hours": 24, "permanent": False})),
            ("a command bans the address", "203.0.113.51", lambda: gateway.command("ban", "203.0.113.51", "--for", "24h", "--reason", "drill")),
            ("a command bans the network", "2001:db8:7::1", lambda: gateway.command("ban", "2001:db8:7::/48", "--for", "24h", "--reason", "drill"))]:
        strangers = [door.knock(address) for door in room.doors]
        for door, stranger in zip(room.doors, strangers):
            stranger.name = door.name
        room.do(by, room.with_key(gateway.key, address) + strangers, act, "address banned")
    room.alive(room.with_key(gateway.key, "203.0.113.52"), "the ban of a neighbour")


SBIN = [{"symbol": "SBIN", "exchange": "NSE"}]


def answers_late(room, door):
    """Pings come every second and silence is cut after three; every answer is 1.7 seconds late."""
    late = door.enter(room.gateway.key)
    late.name, late.answers_pings = door.name, False
    late.ask(action="subscribe", mode=1, symbols=SBIN)
    due, end, first = [], time.monotonic() + 6, 0
    while time.monotonic() < end and first != CLOSE:
        try:
            first, payload = late.next_frame(0.2) or (CLOSE, b"")
            if first == PING:
                due.append((time.monotonic() + 1.7, payload))
        except TimeoutError:
            pass
        while due and due[0][0] < time.monotonic():
            late.raw(frame(PONG, due.pop(0)[1]))
    room.alive([late], "its own late answers")


def ends_idle(room, door, reason, **habits):
    """`habits` are the client's: it answers pings or not, it has subscribed or not."""
    stream = door.enter(room.gateway.key)
    stream.answers_pings = habits["answers"]
    if habits["subscribes"]:
        stream.ask(action="subscribe", mode=1, symbols=SBIN)
    code = stream.until_closed(6)
    room.expect((code, stream.close_reason) == (4409, reason), f"R38 {door.name}: 4409 {reason}: {code} {stream.close_reason}")


def stalled(gateway, room):
    """One client stops reading in the middle of a flood of prices; it is cut, and its neighbour's flow on without a pause."""
    rows = gateway.api("instruments", exchange="NSE").json["data"]
    symbols = [{"symbol": row["symbol"], "exchange": "NSE"} for row in rows[:200]]
    before = doors.counter(gateway, 'kavach_websocket_closed_total{code="4408"}')
    stuck = [door.enter(gateway.key, receive_buffer=4_096) for door in room.doors]
    live = room.doors[0].enter(gateway.key)
    for stream in [*stuck, live]:
        stream.say(action="subscribe", mode=3, symbols=symbols)
    cut, longest, heard, last, backwards = 0, 0.0, 0, time.monotonic(), []
    times, deadline = {}, time.monotonic() + 12
    while cut < len(stuck) and time.monotonic() < deadline:
        if live.find(lambda said: said.get("type") == "market_data", 3) is None:
            break
        now, said = time.monotonic(), live.seen[-1]
        heard, longest, last = heard + 1, max(longest, now - last), now
        if times.get(said["symbol"], 0) > said["data"]["timestamp"]:
            backwards.append(said["symbol"])
        times[said["symbol"]] = said["data"]["timestamp"]
        if heard % 200 == 0:
            cut = doors.counter(gateway, 'kavach_websocket_closed_total{code="4408"}') - before
            last = time.monotonic()
    room.expect(cut == len(stuck), f"R39 who does not read is cut with 4408: {cut} of {len(stuck)}")
    room.expect(live.close_code is None and heard > 500, f"R39 and its neighbour hears on: {heard} prices {live.close_code}")
    room.expect(longest < 1.0, f"R39 without a pause: {longest:.2f} s")
    room.expect(not backwards, f"R39 and nothing older than before: {backwards[:3]}")
    for stream in stuck:
        room.expect(stream.until_closed(3) in (4408, 1006), f"R39 {stream.close_code}: the connection is over")


def run(gateway, findings):
    gateway.sign_in()
    doors.add_user(gateway, "bob", "trader")
    with Room(gateway, findings.expect) as room, concurrent.futures.ThreadPoolExecutor(8) as pool:
        waits = [pool.submit(stalled, gateway, room)]
        for door in room.doors:
            waits += [pool.submit(answers_late, room, door),
                      pool.submit(ends_idle, room, door, "no answer to pings", answers=False, subscribes=True),
                      pool.submit(ends_idle, room, door, "nothing subscribed", answers=True, subscribes=False)]
        keys_end(gateway, room)
        people_end(gateway, room)
        addresses_end(gateway, room)
        for wait in waits:
            wait.result()
        streams = room.with_key(gateway.key)
        gateway.stop()
        for stream in streams:
            findings.expect(stream.until_closed(2) == 1001, f"{stream.name}: a gateway that stops says so ({stream.close_code})")
    gateway.start()
