"""Guessing and repeating second factors (R6, R7, R17).

Three codes of a million are right at a time: the present one, the one before and the one after. What an attacker may try:

    who has               is let through                                      tries a day    chance a day
    the password          5, then waits from 30 s to 4 h                      18             1 in 18,500
    and a known browser   5, then waits from 30 s to 15 min                   104            1 in 3,200
    a stolen session      as the first, for a step-up                         18             1 in 18,500
    nothing (a reset)     3, then waits from 10 min to 6 h                    11             1 in 30,300

per account and whatever number of addresses, which are banned one after the other on top of it. A reset that is guessed gives a
password, not a session: the next code has to be guessed as well. Recovery codes have 60 bits: ten of them, 18 tries, one in 6e15.
"""
import signal
import sqlite3

from bans import is_banned, wait_until
from gateway import PASSWORD
from visitor import Visitor

DAY = 86_400
OWNER_ADDRESS = "198.51.100.200"


def tries(seconds, free, wait, wait_max):
    at = wait
    count = free
    while at <= seconds:
        count += 1
        wait = min(2 * wait, wait_max)
        at += wait
    return count


def arithmetic(expect):
    for who, rule, said in [("has the password", (5, 30, 4 * 3600), 18), ("has the password and a known browser", (5, 30, 900), 104),
                            ("has nothing", (9, 600, 6 * 3600), 17)]:
        allowed = tries(DAY, *rule)
        expect(allowed == said, f"R7 who {who} has {said} tries a day: {allowed}")
        expect(allowed * 3 / 1_000_000 < 1 / 3_000, f"R7 and less than one chance in 3,000: {allowed}")


def refused_codes(gateway, purpose):
    with sqlite3.connect(f"file:{gateway.folder}/kavach.db?mode=ro", uri=True) as database:
        rows = database.execute("SELECT body FROM audit_events WHERE kind = 'second_factor.refused'").fetchall()
    return sum(f'"{purpose}"' in body for (body,) in rows)


def one_pending_login(gateway, owner, app, codes, expect):
    """From many addresses on one pending login, then on fresh ones."""
    pending = Visitor(gateway, "203.0.113.1")
    expect(pending.offer_password().json["data"].get("totp_required"), "R6 the password alone leaves a login pending")
    expect(not pending.is_in(), "R6 and opens nothing")
    shared = [Visitor(gateway, f"203.0.113.{n + 1}", pending.jar) for n in range(6)]
    for visitor in shared:
        visitor.fetch_token()
    statuses = [visitor.offer_code(app.wrong()).status for visitor in shared[:5]]
    expect(statuses == [401] * 5, f"R6 five guesses on a pending login are judged: {statuses}")
    expect(shared[5].offer_code(codes[9]).status == 401 and not shared[5].is_in(), "R6 the sixth is not, were it right")
    answers = []
    for n in range(6):
        fresh = Visitor(gateway, f"203.0.113.{n + 20}")
        if fresh.offer_password().status == 200:
            answers.append(fresh.offer_code(app.wrong()))
    expect([answer.status for answer in answers] == [429] * 6, f"R7 fresh logins from fresh addresses do not help: {[a.status for a in answers]}")
    expect(all(1 <= int(answer.headers["retry-after"]) <= 30 for answer in answers), "R7 and are told for how long")
    wait_until(lambda: refused_codes(gateway, "login") >= 5)
    expect(refused_codes(gateway, "login") == 5, f"R6 five guesses were judged in all: {refused_codes(gateway, 'login')}")

    known = Visitor(gateway, OWNER_ADDRESS, {name: value for name, value in owner.jar.items() if "device" in name})
    first = known.offer_password()
    answer = known.offer_code(app.next())
    expect(first.status == answer.status == 200 and known.is_in(), f"R7 the owner gets in from his browser meanwhile: {first.status}, {answer.status}")
    known.fetch_token()
    return known


def one_address(gateway, app, expect):
    """Codes and recovery codes from one address, until it is banned."""
    address = "203.0.113.60"
    for n in range(5):
        guesser = Visitor(gateway, address)
        guesser.offer_password()
        answer = guesser.offer_code("aaaa-bbbb-ccc" + "defgh"[n] if n < 4 else app.wrong())
        expect(answer.status == 401, f"R6 a guessed recovery code is refused like any other: {answer.status}")
        expect(is_banned(gateway, address) == (n == 4), f"R17 the fifth wrong code bans, not number {n + 1}")
    expect(Visitor(gateway, address).send("GET", "/auth/csrf-token").status == 403, "R17 a banned guesser does not even get the form")


def step_up(gateway, owner, app, codes, expect):
    """With a stolen session, which has no fresh proof."""
    address = "203.0.113.70"
    thief = owner.stolen(address)
    thief.fetch_token()
    expect(thief.is_in(), "the stolen session works at all")
    expect(thief.post("/auth/step-up", {"password": PASSWORD}).status == 400, "R8 the password is no proof beside a second factor")
    statuses = [thief.post("/auth/step-up", {"code": app.wrong()}).status for _ in range(5)]
    expect(statuses == [400] * 5, f"R8 five wrong codes are judged and refused: {statuses}")
    expect(is_banned(gateway, address), "R17 they ban the thief's address")
    elsewhere = owner.stolen("203.0.113.71")
    elsewhere.fetch_token()
    answer = elsewhere.post("/auth/step-up", {"code": app.wrong()})
    expect(answer.status == 429, f"R7 the next address does not help: {answer.status}")
    answer = owner.post("/auth/step-up", {"code": codes[0]})
    expect(answer.status == 200, f"R7 the owner steps up from his browser meanwhile: {answer.status} {answer.text}")
    expect(not elsewhere.is_in(), "R3 and the stolen identifier is dead with that")
    owner.fetch_token()
    again = owner.post("/auth/step-up", {"code": codes[0]})
    expect(again.status == 400, f"R6 a recovery code that was used is refused: {again.status}")


def enrolment(gateway, owner, expect):
    """A session stolen while an enrolment is unfinished: the confirmation answers with recovery codes."""
    owner.data("POST", "/auth/2fa/configure", {"action": "begin"})
    statuses = [owner.post("/auth/2fa/configure", {"action": "confirm", "code": "000000"}).status for _ in range(7)]
    expect(statuses == [400] * 5 + [429] * 2, f"R6 the code of an enrolment cannot be guessed either: {statuses}")


def reset(gateway, app, expect):
    for name, first in (("ada", 80), ("nobody", 100)):
        def guess(host):
            guesser = Visitor(gateway, f"203.0.113.{host}")
            guesser.fetch_token()
            return guesser.post("/auth/reset-password/confirm", {"username": name, "code": app.wrong(),
                                                                 "new_password": "nine grey herons by the weir"}).status

        statuses = [guess(first) for _ in range(5)]
        expect(statuses == [400] * 3 + [429] * 2, f"R2 R7 three guesses at a reset of {name} from one address: {statuses}")
        statuses = [guess(first + 1 + n) for n in range(8)]
        expect(statuses == [400] * 6 + [429] * 2, f"R2 R7 and nine from all: {statuses}")


def repeats(gateway, owner, app, codes, expect):
    """What was used is used up, whatever happens to the gateway right after."""
    device = {name: value for name, value in owner.jar.items() if "device" in name}

    def try_code(code, address=OWNER_ADDRESS):
        visitor = Visitor(gateway, address, device)
        visitor.offer_password()
        return visitor.offer_code(code), visitor

    code = app.next()
    first, signed_in = try_code(code)
    expect(first.status == 200, f"a code signs in: {first.status} {first.text}")
    expect(try_code(code)[0].status == 401, "R6 and not twice")
    signed_in.fetch_token()
    expect(signed_in.post("/auth/step-up", {"code": code}).status == 400, "R6 nor for another purpose")
    gateway.restart()
    expect(try_code(code)[0].status == 401, "R6 nor after a restart")
    used, signed_in = try_code(codes[1])
    gateway.stop(signal.SIGKILL)
    gateway.start()
    expect(used.status == 200 and signed_in.is_in(), f"what was acknowledged outlives kill -9: {used.status}")
    expect(try_code(codes[1])[0].status == 401, "R6 a recovery code is used up when its use is acknowledged")
    expect(try_code(code)[0].status == 401, "R6 and the code stays so")


def run(gateway, findings):
    expect = findings.expect
    arithmetic(expect)
    owner = Visitor(gateway, OWNER_ADDRESS).sign_in()
    app, codes = owner.enrol()
    owner = one_pending_login(gateway, owner, app, codes, expect)
    gateway.restart()  # forgets how many guesses there were, not who is banned
    one_address(gateway, app, expect)
    step_up(gateway, owner, app, codes, expect)
    enrolment(gateway, owner, expect)
    reset(gateway, app, expect)
    repeats(gateway, owner, app, codes, expect)
