"""`kavach user reset-second-factor` beside a running gateway: the factors are gone, the sessions end, the audit chain has it."""
import json
import sqlite3
import subprocess
import time

import totp
from gateway import OWNER, PASSWORD, Gateway
from passkey import Passkey

OTHER, OTHERS_PASSWORD = "bob", "seven quiet lanterns over water"


def ask(gateway, method, path, body=None):
    answer = gateway.console(method, path, body)
    if answer.status != 200:
        raise RuntimeError(f"{method} {path}: {answer.status} {answer.text[:300]}")
    return answer.json.get("data", {})


def renewed(gateway):
    gateway.csrf = gateway.console("GET", "/auth/csrf-token").json["csrf_token"]


def enrol(gateway):
    """An authenticator app and a passkey."""
    gateway.sign_in()
    begun = ask(gateway, "POST", "/auth/2fa/configure", {"action": "begin"})
    ask(gateway, "POST", "/auth/2fa/configure", {"action": "confirm", "code": totp.code(begun["secret"])})
    renewed(gateway)
    passkey = Passkey(f"http://localhost:{gateway.port}", "localhost")
    options = ask(gateway, "POST", "/auth/passkeys/options", {})
    ask(gateway, "POST", "/auth/passkeys", {"name": "phone", "credential": passkey.create(options["publicKey"])})
    renewed(gateway)
    return passkey


def log_in(gateway):
    """From a browser of its own, with the password alone."""
    token = gateway.request("GET", "/auth/csrf-token")
    cookie = "; ".join(f"{name}={value}" for name, value in token.cookies.items())
    return gateway.request("POST", "/auth/login", {"username": OWNER, "password": PASSWORD},
                           headers={"Cookie": cookie, "X-CSRF-Token": token.json["csrf_token"]})


def passkey_opens(gateway, passkey):
    token = gateway.request("GET", "/auth/csrf-token")
    headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in token.cookies.items()),
               "X-CSRF-Token": token.json["csrf_token"]}
    options = gateway.request("POST", "/auth/login/passkey/options", {}, headers=headers).json["data"]["publicKey"]
    answer = gateway.request("POST", "/auth/login/passkey", {"credential": passkey.get(options)}, headers=headers)
    return answer.status == 200


def seconds_until_signed_out(gateway):
    began = time.monotonic()
    while time.monotonic() - began < 10:
        if gateway.console("GET", "/auth/session-status").status == 401:
            return time.monotonic() - began
        time.sleep(0.02)
    return float("inf")


def audited(gateway):
    connection = sqlite3.connect(f"file:{gateway.folder / 'kavach.db'}?mode=ro", uri=True)
    try:
        rows = connection.execute("SELECT actor, body FROM audit_events WHERE kind = 'second_factor.reset'").fetchall()
    finally:
        connection.close()
    return [(actor, json.loads(body)) for actor, body in rows]


def run(binary, findings):
    with Gateway(binary, CONSOLE_SENSITIVE_RATE_LIMIT="600 per minute", LOGIN_RATE_LIMIT_MIN="60 per minute") as gateway:
        gateway.command("user", "add", "--username", OTHER, "--email", "bob@example.invalid", "--role", "trader",
                        "--password-stdin", stdin=OTHERS_PASSWORD + "\n")
        passkey = enrol(gateway)
        bystander = gateway.sign_in_as(OTHER, OTHERS_PASSWORD)
        before = log_in(gateway)
        findings.expect(before.json["data"].get("totp_required") is True, f"R6 the password alone does not sign in: {before.text[:200]}")
        findings.expect(passkey_opens(gateway, passkey), "R6 the passkey does")

        nobody = subprocess.run([gateway.binary, "user", "reset-second-factor", "nobody"], capture_output=True, text=True,
                                env=gateway.environment(), timeout=60)
        findings.expect(nobody.returncode == 1 and "no user nobody" in nobody.stderr, f"an unknown name is said: {nobody.stderr[:200]}")
        findings.expect(gateway.console("GET", "/auth/session-status").status == 200, "and changes nothing")

        gateway.command("user", "reset-second-factor", OWNER)
        lasted = seconds_until_signed_out(gateway)
        # Noticed within half a second; the rest is what a busy machine may add.
        findings.expect(lasted < 2, f"R5 the running gateway ended the old session after {lasted:.2f} s")
        findings.expect(gateway.request("GET", "/auth/session-status", headers=bystander).status == 200, "another user's session goes on")
        findings.expect(not passkey_opens(gateway, passkey), "the lost passkey opens nothing")
        after = log_in(gateway)
        findings.expect(after.status == 200 and after.json["data"].get("username") == OWNER, f"the password alone signs in: {after.text[:200]}")
        gateway.sign_in()
        status = ask(gateway, "GET", "/auth/2fa/status")
        findings.expect((status["totp_enabled"], status["recovery_codes_left"], status["passkeys"]) == (False, 0, []),
                        f"nothing of the second factor is left: {status}")
        findings.expect(audited(gateway) == [("cli", {"username": OWNER, "totp": True, "passkeys": 1})],
                        f"R32 the act is in the audit chain: {audited(gateway)}")
        findings.expect("intact" in gateway.command("audit", "verify").lower(), "R30 and the chain verifies")
