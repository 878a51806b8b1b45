"""Who may listen, at both doors of the WebSocket: strangers, foreign pages, keys that do not fit, borrowed sessions, broken
messages, too much of everything, and users who listen for each other's orders (R38)."""
import json
import time

import doors
from websocket import CLOSE, PING, TEXT, Refused, frame

SUBSCRIBE = {"action": "subscribe", "mode": 1, "symbols": [{"symbol": "SBIN", "exchange": "NSE"}]}
NEEDS_SOMEBODY = [SUBSCRIBE, {"action": "subscribe_orders"}, {"action": "unsubscribe_orders"}, {"action": "unsubscribe_all"},
                  {"action": "get_broker_info"}]


def refused_with(knock):
    """The status instead of 101; 0 when the door opened."""
    try:
        knock().close()
        return 0
    except Refused as refusal:
        return refusal.status


class Keys:
    def __init__(self, gateway):
        self.ada = gateway.key
        self.bob = doors.add_user(gateway, "bob", "trader")
        self.eve = doors.add_user(gateway, "eve", "viewer")
        self.reader = doors.make_key(gateway, "ada", "--scope", "read", name="reader")
        self.bound = doors.make_key(gateway, "ada", "--allow", "192.0.2.0/24", name="bound")
        self.revoked = doors.make_key(gateway, name="revoked")
        gateway.command("apikey", "revoke", "revoked")
        signed = gateway.console("POST", "/apikey", {"name": "signs", "scope": "trade"}).json["data"]
        gateway.console("POST", f"/apikey/{signed['id']}/signing", {})
        self.signed = signed["api_key"]
        time.sleep(1)  # what a command did is known to a running gateway within a second


def foreign_pages(gateway, door, expect):
    before = doors.offences(gateway)
    for name, headers in {"a foreign page": "Origin: https://evil.example\r\n", "a page without an origin": "Origin: null\r\n",
                          "our name in another": f"Origin: {gateway.origin}.evil.example\r\n", "an empty origin": "Origin: \r\n",
                          "two origins": f"Origin: {gateway.origin}\r\nOrigin: https://evil.example\r\n"}.items():
        status = refused_with(lambda: door.knock("203.0.113.1", headers=headers))
        expect(status == 403, f"R38 {door.name}: {name} is refused ({status})")
    expect(doors.offences(gateway) == before + 5, f"{door.name}: each counts as an offence")
    for origin in (gateway.origin, "https://charts.example"):
        status = refused_with(lambda: door.knock(headers=f"Origin: {origin}\r\n"))
        expect(status == 0, f"{door.name}: {origin} may connect ({status})")
    status = refused_with(lambda: door.knock("203.0.113.1", host="evil.example"))
    expect(status == 421, f"R38 {door.name}: a rebound name is refused ({status})")


def borrowed_sessions(gateway, door, expect):
    cookie = f"Cookie: {gateway.cookie}\r\n"
    attempts = {"without an Origin": cookie, "of a page that brings keys": cookie + "Origin: https://charts.example\r\n",
                "from another site": cookie + f"Origin: {gateway.origin}\r\nSec-Fetch-Site: cross-site\r\n"}
    if door.port == gateway.port:
        ours = door.knock(headers=cookie + f"Origin: {gateway.origin}\r\n")
        expect(ours.answer()["user_id"] == "ada", f"{door.name}: our own page needs no key")
        ours.close()
    else:
        attempts["of another port"] = cookie + f"Origin: {gateway.origin}\r\n"
    for name, headers in attempts.items():
        borrowed = door.knock(headers=headers)
        said = borrowed.ask(action="subscribe_orders")
        expect(said.get("code") == "NOT_AUTHENTICATED", f"R38 {door.name}: a session {name} is nobody's ({said})")
        borrowed.close()
    status = refused_with(lambda: door.knock("203.0.113.2", headers=cookie + "Origin: https://evil.example\r\n"))
    expect(status == 403, f"R38 {door.name}: a foreign page gains nothing by the cookie ({status})")


def keys_that_do_not_fit(gateway, door, keys, expect):
    texts = {keys.revoked: "Invalid API key", "f" * 64: "Invalid API key", "": "API key is required",
             keys.bound: "This API key may not be used from your address",
             keys.signed: "This API key works only with signed requests"}
    for key, text in texts.items():
        stream = door.knock("203.0.113.3")
        said = stream.ask(action="authenticate", api_key=key)
        expect(said == {"status": "error", "code": "AUTHENTICATION_ERROR", "message": text}, f"R38 {door.name}: {text}: {said}")
        expect(stream.ask(**SUBSCRIBE)["code"] == "NOT_AUTHENTICATED", f"R38 {door.name}: {text}: and it stays nobody")
        stream.close()
    within = door.enter(keys.bound, "192.0.2.7")
    within.close()
    for key in (keys.reader, keys.eve):
        reader = door.enter(key)
        expect(reader.ask(**SUBSCRIBE)["status"] == "success", f"{door.name}: who only reads may watch")
        expect(reader.find(lambda message: message["type"] == "market_data") is not None, f"{door.name}: and sees prices")
        reader.close()
    # A second key on one socket cannot turn it into somebody else's.
    stream = door.enter(keys.ada)
    said = stream.ask(action="authenticate", api_key=keys.bob)
    expect(said["message"] == "This connection belongs to another user; open a new one", f"R38 {door.name}: a socket keeps its user: {said}")
    stream.close()


def guessing(gateway, door, number, expect):
    """At a door with ten tries a day; one that guesses loses its other connections too."""
    attacker = f"203.0.113.{10 + number}"
    other = door.knock(attacker)
    stream = door.knock(attacker)
    answers = [stream.ask(action="authenticate", api_key="e" * 64) for _ in range(10)]
    expect(all(said["message"] == "Invalid API key" for said in answers if said), f"R17 {door.name}: wrong keys are told so")
    expect(stream.until_closed(1) == 4403, f"R38 {door.name}: the tenth wrong key ends the connection ({stream.close_code})")
    expect(other.until_closed(1) == 4403, f"R38 {door.name}: and the address's others ({other.close_code})")
    status = refused_with(lambda: door.knock(attacker))
    expect(status == 403, f"R17 {door.name}: and closes the door ({status})")


MANY = [{"symbol": f"S{n}", "exchange": "NSE"} for n in range(21)]
BROKEN_MESSAGES = {
    "no JSON": ("{", "INVALID_JSON"),
    "nothing": ("", "INVALID_JSON"),
    "two values": ('{"action":"ping"}{"action":"ping"}', "INVALID_JSON"),
    "too deep": ('{"action":' + '{"a":' * 8 + "1" + "}" * 9, "INVALID_JSON"),
    "a list": ("[]", "SERVER_ERROR"),
    "too many fields": (json.dumps({"action": "ping", **{f"f{n}": n for n in range(40)}}), "SERVER_ERROR"),
    "an unknown action": ('{"action":"shutdown"}', "INVALID_ACTION"),
    "an action in other case": ('{"action":"Authenticate"}', "INVALID_ACTION"),
    "no action": ("{}", "INVALID_ACTION"),
    "symbols that are texts": ('{"action":"subscribe","symbols":["SBIN"]}', "SERVER_ERROR"),
    "too many symbols": (json.dumps({"action": "subscribe", "symbols": MANY}), "INVALID_PARAMETERS"),
    "an endless key": ('{"action":"authenticate","api_key":"%s"}' % ("k" * 300), "AUTHENTICATION_ERROR"),
}
BROKEN_FRAMES = {
    "too large": (frame(TEXT, " " * 5_000), 1009),
    "too large by its own word": (b"\x81\xff" + (2**62).to_bytes(8, "big") + b"mask", 1009),
    "too large in pieces": (frame(0x01, " " * 3_000) + frame(0x80, " " * 3_000), 1009),
    "not UTF-8": (frame(TEXT, b"\xff"), 1007),
    "unmasked": (frame(TEXT, "{}", masked=False), 1002),
    "reserved bit": (frame(0xC1, "{}"), 1002),
    "unknown opcode": (frame(0x83, "{}"), 1002),
    "close code nobody may send": (frame(CLOSE, b"\x03\xed"), 1002),
    "a flood of pings": (frame(PING) * 100, 1008),
}


def broken_messages(gateway, door, number, expect):
    """Each is answered by name and counted; twenty end the connection, fifty close the door."""
    attacker = f"203.0.113.{20 + number}"
    before = doors.offences(gateway)
    stream = door.knock(attacker)
    for name, (text, code) in BROKEN_MESSAGES.items():
        stream.send(text)
        said = stream.answer()
        expect(said and said.get("code") == code and said["status"] == "error", f"R38 {door.name}: {name} is called {code}: {said}")
    counted = doors.offences(gateway) - before
    expect(counted == len(BROKEN_MESSAGES), f"R38 {door.name}: each counts: {counted} of {len(BROKEN_MESSAGES)}")
    for _ in range(20 - len(BROKEN_MESSAGES)):
        stream.send("{")
    expect(stream.until_closed() == 1008 and stream.close_reason == "too many invalid messages",
           f"R38 {door.name}: twenty are enough ({stream.close_code} {stream.close_reason})")
    before = doors.offences(gateway)
    for name, (data, code) in BROKEN_FRAMES.items():
        stream = door.knock(attacker)
        stream.raw(data)
        expect(stream.until_closed() == code, f"R38 {door.name}: {name} closes with {code}: {stream.close_code}")
        expect(not [said for said in stream.seen if said["status"] != "error"], f"R38 {door.name}: {name} gets nothing else")
    counted = doors.offences(gateway) - before
    expect(counted == len(BROKEN_FRAMES), f"R38 {door.name}: broken frames count: {counted} of {len(BROKEN_FRAMES)}")
    friend = door.enter(gateway.key, attacker)
    friend.say(action="subscribe_orders")
    for _ in range(2):
        stream = door.knock(attacker)
        for _ in range(20):
            stream.send("{")
        stream.until_closed()
    status = refused_with(lambda: door.knock(attacker))
    expect(status == 403, f"R38 {door.name}: fifty close the door ({status})")
    expect(friend.until_closed(1.5) == 4403 and friend.close_reason == "address banned",
           f"R38 {door.name}: also for whoever had a key ({friend.close_code} {friend.close_reason})")


def too_much(gateway, door, number, keys, expect):
    flood = door.enter(keys.bob, f"203.0.113.{30 + number}")
    before = doors.offences(gateway)
    flood.raw(frame(TEXT, '{"action":"ping"}') * 51)
    expect(flood.until_closed() == 4429 and flood.close_reason == "too many messages", f"R38 {door.name}: 51 messages in a second: {flood.close_code}")
    expect(doors.offences(gateway) == before + 1, f"R38 {door.name}: a flood is an offence")

    watcher = door.enter(keys.bob)
    symbols = [{"symbol": row["symbol"], "exchange": "NSE"} for row in gateway.api("instruments", exchange="NSE").json["data"][:20]]
    expect(watcher.ask(action="subscribe", mode=1, symbols=symbols)["status"] == "success", f"{door.name}: as many subscriptions as allowed")
    said = watcher.ask(action="subscribe", mode=2, symbols=symbols[:1])
    expect(said["subscriptions"][0].get("message") == "Maximum of 20 subscriptions reached", f"R38 {door.name}: and not one more: {said}")
    watcher.close()

    crowd = [door.knock("203.0.113.40") for _ in range(50)]
    status = refused_with(lambda: door.knock("203.0.113.40"))
    expect(status == 429, f"R38 {door.name}: an address has fifty connections ({status})")
    expect(refused_with(lambda: door.knock("203.0.113.41")) == 0, f"R38 {door.name}: its neighbour has his own")
    for member in crowd:
        member.close()

    # From many addresses: what one user may hold is counted by user.
    held = [door.enter(keys.eve, f"198.51.100.{100 + n}") for n in range(4)]
    one_more = door.knock("198.51.100.150")
    said = one_more.ask(action="authenticate", api_key=keys.eve)
    expect(said["message"] == "Too many connections of this user; close one first" and one_more.until_closed() == 4429,
           f"R38 {door.name}: a user has four connections: {said} {one_more.close_code}")
    door.enter(keys.bob).close()
    for stream in held:
        stream.close()


def nobody_hears_another(gateway, keys, expect):
    """Three users, all listening at both doors, two of them trading."""
    listeners = {}
    for name in ("ada", "bob", "eve"):
        listeners[name] = [door.enter(getattr(keys, name)) for door in doors.both(gateway)]
        for stream in listeners[name]:
            stream.ask(action="subscribe_orders")
    page = doors.both(gateway)[1].knock(headers=f"Cookie: {gateway.cookie}\r\nOrigin: {gateway.origin}\r\n")
    page.answer()
    page.ask(action="subscribe_orders")
    listeners["ada"].append(page)
    silent = doors.both(gateway)[0].enter(keys.ada)  # signed in, and never asked for order updates
    placed = {name: [gateway.api("placeorder", key=getattr(keys, name), **doors.ORDER).json["orderid"] for _ in range(4)] for name in ("ada", "bob")}
    placed["eve"] = []
    refused = gateway.api("placeorder", key=keys.eve, **doors.ORDER)
    expect(refused.status == 403, f"a viewer places no order ({refused.status})")
    for name, streams in listeners.items():
        for stream in streams:
            for order in placed[name]:
                told = stream.find(lambda said: said.get("orderid") == order and said["order_status"] == "complete")
                expect(told is not None and told["user_id"] == name, f"{name} hears of {order}")
    for name, streams in {**listeners, "nobody": [silent]}.items():
        for stream in streams:
            stream.ask(action="ping")
            heard = {said["orderid"] for said in stream.seen if said.get("type") == "order_update"}
            expect(heard == set(placed.get(name, [])), f"R38 {name} hears of nobody else's orders: {heard - set(placed.get(name, []))}")
            expect(all("market_data" != said.get("type") for said in stream.seen), f"R38 {name} gets no price without asking")
            stream.close()


def run(gateway, findings):
    expect = findings.expect
    gateway.sign_in()
    strangers = []
    for door in doors.both(gateway):
        silent, loud = door.knock("203.0.113.5"), door.knock("203.0.113.6")
        for message in NEEDS_SOMEBODY:
            said = loud.ask(**message)
            expect(said == {"status": "error", "code": "NOT_AUTHENTICATED", "message": "You must authenticate first"},
                   f"R38 {door.name}: {message['action']} needs somebody: {said}")
        expect(loud.ask(action="ping")["type"] == "pong", f"{door.name}: a ping is answered to anybody")
        strangers.append((door, time.monotonic(), silent, loud))
    keys = Keys(gateway)
    nobody_hears_another(gateway, keys, expect)
    for door, _, silent, loud in strangers:
        for stream, heard in ((silent, 0), (loud, len(NEEDS_SOMEBODY) + 1)):
            code = stream.until_closed(8)
            expect((code, stream.close_reason) == (4401, "auth timeout"), f"R38 {door.name}: the grace ends ({code} {stream.close_reason})")
            expect(len(stream.seen) == heard, f"R38 {door.name}: meanwhile prices and orders went by, and a stranger heard of none: {stream.seen}")
    for number, door in enumerate(doors.both(gateway)):
        foreign_pages(gateway, door, expect)
        borrowed_sessions(gateway, door, expect)
        keys_that_do_not_fit(gateway, door, keys, expect)
        guessing(gateway, door, number, expect)
        broken_messages(gateway, door, number, expect)
        too_much(gateway, door, number, keys, expect)
