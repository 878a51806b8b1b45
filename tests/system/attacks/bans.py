"""Earning a ban, evading it, framing somebody, and locking out the owner (R15 to R20, R40a)."""
import sqlite3
import time

ATTACKER = "203.0.113.9"
BANNED = "Access Denied: Your IP has been banned"


def is_banned(gateway, client):
    answer = gateway.request("GET", "/health/status", client=client)
    return answer.status == 403 and answer.text == BANNED


def wait_until(condition, seconds=1.0):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return condition()


def run(gateway, findings):
    expect = findings.expect
    gateway.sign_in()

    # Ten wrong keys; the same one counts each time.
    for _ in range(9):
        gateway.api("funds", client=ATTACKER, key="f" * 64)
    expect(not is_banned(gateway, ATTACKER), "R17 nine wrong keys are no ban yet")
    shown = next((s for s in gateway.security()["suspects"] if s["address"] == ATTACKER), {})
    expect(shown.get("invalid_api_keys") == 9, f"R40a the suspect's nine wrong keys are shown: {shown}")
    gateway.api("funds", client=ATTACKER, key="f" * 64)
    expect(is_banned(gateway, ATTACKER), "R17 the tenth wrong key bans")
    answer = gateway.request("POST", "/api/v1/funds", {"apikey": gateway.key}, client=ATTACKER)
    expect(answer.status == 403 and answer.text == BANNED, "a good key does not help a banned address")
    expect(answer.headers.get("content-type", "").startswith("text/plain"), "the ban answers text/plain")
    expect("x-content-type-options" in answer.headers and "x-request-id" in answer.headers,
           "R23 the refusal carries security headers and a request id")

    # Evasion: what the client writes itself.
    for name, value in [("X-Real-IP", "8.8.8.8"), ("Forwarded", "for=8.8.8.8"), ("X-Client-IP", "8.8.8.8"),
                        ("True-Client-IP", "8.8.8.8"), ("CF-Connecting-IP", "8.8.8.8")]:
        answer = gateway.request("GET", "/health/status", client=ATTACKER, headers={name: value})
        expect(answer.status in (400, 403), f"R15 {name} does not lift the ban ({answer.status})")
    answer = gateway.request("GET", "/health/status", headers={"X-Forwarded-For": f"8.8.8.8, {ATTACKER}"})
    expect(answer.status == 403, "R15 addresses to the left of the proxy's are not believed")
    answer = gateway.request("GET", "/health/status", headers={"X-Forwarded-For": f"::ffff:{ATTACKER}"})
    expect(answer.status == 403, "R15 the IPv4-mapped form is the same address")

    # Framing: the victim's address on the left.
    for _ in range(12):
        gateway.request("POST", "/api/v1/funds", {"apikey": "e" * 64},
                        headers={"X-Forwarded-For": f"198.51.100.77, 203.0.113.{10 + _ % 2}"})
    expect(not is_banned(gateway, "198.51.100.77"), "R15 nobody is framed by a spoofed header")

    # Distinct unknown paths, and paths only scanners want.
    scanner = "203.0.113.20"
    for n in range(19):
        gateway.request("GET", f"/unknown-{n}", client=scanner)
        gateway.request("GET", "/favicon.ico", client=scanner)
    expect(not is_banned(gateway, scanner), "R17 nineteen unknown paths are no ban")
    gateway.request("GET", "/unknown-19", client=scanner)
    expect(is_banned(gateway, scanner), "R17 the twentieth unknown path bans")
    for path in ["/.env", "/.git/config", "/wp-login.php", "/phpmyadmin/index.php"]:
        gateway.request("GET", path, client="203.0.113.21")
    expect(is_banned(gateway, "203.0.113.21"), "scanner paths count more")

    # IPv6: the offender is his /64.
    for n in range(10):
        gateway.api("funds", client=f"2001:db8:1:2::{n + 1:x}", key="f" * 64)
    expect(is_banned(gateway, "2001:db8:1:2:ffff::1"), "R15 an IPv6 attacker is banned as his /64")
    expect(not is_banned(gateway, "2001:db8:1:3::1"), "R15 and not his neighbour")

    # The owner stays.
    for _ in range(30):
        gateway.request("POST", "/api/v1/funds", {"apikey": "f" * 64})
    expect(gateway.request("GET", "/health/status").status == 200, "R19 loopback and the proxy are never banned")
    expect(gateway.api("funds").status == 200, "R20 the owner's key works through all of it")

    # The command line is in force within a second.
    gateway.command("ban", "198.51.100.5", "--for", "24h", "--reason", "drill")
    expect(wait_until(lambda: is_banned(gateway, "198.51.100.5")), "kavach ban is in force within a second")
    gateway.command("unban", "198.51.100.5")
    expect(wait_until(lambda: not is_banned(gateway, "198.51.100.5")), "kavach unban is in force within a second")
    gateway.command("unban", ATTACKER)
    expect(wait_until(lambda: not is_banned(gateway, ATTACKER)), "an automatic ban is lifted locally")

    # Numbers against the database.
    time.sleep(1.5)
    data = gateway.security()
    database = sqlite3.connect(f"file:{gateway.folder}/kavach.db?mode=ro", uri=True)
    stored = database.execute("SELECT COUNT(*) FROM guard_bans").fetchone()[0]
    expect(data["totals"]["bans"] == stored == len(data["bans"]), f"R40a bans shown {data['totals']['bans']} = stored {stored}")
    attempts = database.execute("SELECT subject FROM guard_attempts WHERE kind = 'key_digest'").fetchall()
    expect(attempts and all("f" * 16 not in row[0] and "e" * 16 not in row[0] for row in attempts), "attempted keys are kept as digests only")

    # Over a restart.
    for _ in range(9):
        gateway.api("funds", client="203.0.113.30", key="f" * 64)
    gateway.restart()
    expect(is_banned(gateway, scanner), "R18 bans survive a restart")
    gateway.api("funds", client="203.0.113.30", key="f" * 64)
    expect(is_banned(gateway, "203.0.113.30"), "R17 the window survives a restart")

    # The console asks before it locks its user out.
    gateway.sign_in()
    me = gateway.owner_address
    asked = gateway.console("POST", "/security/ban", {"ip_address": me, "reason": "x", "duration_hours": 24, "permanent": False})
    expect(asked.status == 409 and asked.json["data"]["reason"] == "confirm_required", f"R19 banning oneself asks ({asked.status})")
    for never in ["127.0.0.1", "127.0.0.0/8", "0.0.0.0/0", "::/0"]:
        refused = gateway.console("POST", "/security/ban", {"ip_address": never, "permanent": True, "confirm": True})
        expect(refused.status == 400, f"R19 {never} cannot be banned ({refused.status})")
    typed = gateway.console("POST", "/security/settings", {"auto_ban_enabled": "false"})
    expect(typed.status == 400, f'R40a the string "false" is refused ({typed.status})')
