"""kavach import-openalgo on installs that Python's argon2-cffi and cryptography made (docs/backup.md)."""
import pathlib
import random
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time

import totp
from folders import Bare, digest
from make_openalgo_database import API_KEY, PASSWORD, PEPPER, SALT, TOTP

LIMITS = {"CONSOLE_SENSITIVE_RATE_LIMIT": "600 per minute"}
MAKER = pathlib.Path(__file__).parents[1] / "make_openalgo_database.py"


class Install:
    def __init__(self, *flags):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="openalgo-"))
        # Debian's Python has its argon2 and cryptography; another one in PATH may not.
        subprocess.run(["/usr/bin/python3", MAKER, self.folder, *flags], check=True)

    def arguments(self, *more):
        return ["import-openalgo", "--database", str(self.folder / "openalgo.db"), "--logs", str(self.folder / "logs.db"),
                "--env", str(self.folder / ".env"), *more]


def counts(gateway):
    database = sqlite3.connect(f"file:{gateway.folder}/kavach.db?mode=ro", uri=True)
    found = {table: database.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0]
             for table in ("users", "api_keys", "user_totp", "mail_settings", "guard_bans", "guard_settings")}
    database.close()
    return found


def sign_in(gateway, findings, what):
    """The old password, then the old authenticator's code."""
    gateway.owner_address, gateway.jar, gateway.csrf = "198.51.100.200", {}, ""
    gateway.csrf = gateway.console("GET", "/auth/csrf-token").json["csrf_token"]
    wrong = gateway.console("POST", "/auth/login", {"username": "asha", "password": PASSWORD[:-1] + "x"})
    findings.expect(wrong.status == 401, f"{what}: another password does not")
    answer = gateway.console("POST", "/auth/login", {"username": "asha", "password": PASSWORD})
    findings.expect(answer.status == 200 and answer.json["data"].get("totp_required"), f"{what}: the same password signs in: {answer.text[:200]}")
    answer = gateway.console("POST", "/auth/login/totp", {"code": totp.code(TOTP)})
    findings.expect(answer.status == 200, f"{what}: the same authenticator works: {answer.text[:200]}")


def trade(gateway, findings, what):
    order = {"strategy": "moved", "exchange": "NSE", "symbol": "SBIN", "action": "BUY", "quantity": 1, "pricetype": "MARKET", "product": "MIS"}
    answer = gateway.api("placeorder", key=API_KEY, **order)
    findings.expect(answer.status == 200 and answer.json["orderid"], f"{what}: the same API key trades: {answer.text[:200]}")
    findings.expect(gateway.api("placeorder", key=API_KEY[:-1] + "0", **order).status == 403, f"{what}: another key does not")


def whole(binary, findings, flags, what):
    install = Install(*flags)
    source = digest(install.folder)
    with Bare(binary, **LIMITS) as gateway:
        shutil.rmtree(gateway.folder)
        done = gateway.run(*install.arguments("--dry-run"))
        findings.expect(done.returncode == 0 and not gateway.folder.exists(), f"{what}: a dry run makes no data folder: {done.stderr}")
        gateway.folder.mkdir(mode=0o700, exist_ok=True)
        gateway.run("user", "list")
        before = digest(gateway.folder)
        done = gateway.run(*install.arguments("--dry-run"))
        findings.expect(done.returncode == 0 and "would be taken over: user asha" in done.stdout, f"{what}: a dry run says what it would do: {done.stdout} {done.stderr}")
        findings.expect(digest(gateway.folder) == before, f"{what}: a dry run changes nothing")

        done = gateway.run(*install.arguments())
        findings.expect(done.returncode == 0 and "\ntaken over: user asha" in done.stdout, f"{what}: imported: {done.stderr}")
        findings.expect("reading" in done.stdout and "checking 4 users and 2 API keys" in done.stdout and "writing" in done.stdout,
                        f"{what}: progress is shown")
        for left in ("broker logins", "login attempts", "user ab", "user werk", "API key of ravi", "semi-automatic", "ban of 203.0.113.9"):
            findings.expect(f"not taken over: " in done.stdout and left in done.stdout.split("not taken over", 1)[1], f"{what}: what is left out is said: {left}")
        spoken = done.stdout + done.stderr
        findings.expect(not any(secret in spoken for secret in (API_KEY, PASSWORD, PEPPER, SALT, TOTP, "mail-password", "broker-token")),
                        f"{what}: no secret is shown")
        first = counts(gateway)
        findings.expect(first["users"] == 2 and first["api_keys"] == 1 and first["guard_bans"] == 2 and first["mail_settings"] == 1, f"{what}: {first}")

        gateway.start()
        done = gateway.run(*install.arguments())
        findings.expect(done.returncode == 1 and "Stop it" in done.stderr, f"{what}: not under a running gateway")
        trade(gateway, findings, what)
        sign_in(gateway, findings, what)
        security = gateway.security()
        findings.expect({ban["network"] for ban in security["bans"]} == {"203.0.113.7", "203.0.113.8"}, f"{what}: bans came over: {security['bans']}")
        findings.expect(gateway.request("GET", "/health/status", client="203.0.113.7").status == 403, f"{what}: and are in force")
        findings.expect(security["settings"]["not_found_threshold"] == 30 and security["settings"]["invalid_api_key_threshold"] == 15
                        and security["settings"]["repeat_offender_limit"] == 4, f"{what}: thresholds came over")
        findings.expect(gateway.console("GET", "/settings/api/data").json["data"]["smtp"]["password_set"], f"{what}: mail came over")
        findings.expect(gateway.console("GET", "/auth/session-status").json["data"]["mode"] == "analyze", f"{what}: the mode came over")
        gateway.stop()

        done = gateway.run(*install.arguments())
        findings.expect(done.returncode == 0 and counts(gateway) == first, f"{what}: a second import adds nothing: {counts(gateway)}")
        gateway.start()
        trade(gateway, findings, what + ", imported twice")
        said = gateway.command("keys", "rotate")
        findings.expect("rotated; " in said, f"{what}: the secrets rotate afterwards: {said}")
        trade(gateway, findings, what + ", rotated")
        gateway.stop()
    findings.expect(digest(install.folder) == source, f"{what}: the install itself is as it was")
    shutil.rmtree(install.folder)


def broken(binary, findings):
    """A database that cannot be read whole is not taken over in part."""
    install = Install()
    good = (install.folder / "openalgo.db").read_bytes()
    middle = len(good) // 2 // 4096 * 4096
    cases = {"cut": good[:middle], "no database": b"nothing of the kind" * 500, "empty": b"",
             "pages overwritten": good[:4096] + b"\xff" * (len(good) - 4096)}
    with Bare(binary) as gateway:
        gateway.run("user", "list")
        before = digest(gateway.folder)
        for what, data in cases.items():
            (install.folder / "openalgo.db").write_bytes(data)
            done = gateway.run(*install.arguments())
            findings.expect(done.returncode == 1 and done.stderr.startswith("kavach: "), f"{what}: refused: {done.returncode} {done.stderr[:200]}")
            findings.expect(digest(gateway.folder) == before, f"{what}: nothing was taken over")
        (install.folder / "openalgo.db").write_bytes(good)
        for missing in ("openalgo.db", ".env"):
            (install.folder / missing).rename(install.folder / "aside")
            done = gateway.run(*install.arguments())
            findings.expect(done.returncode == 1 and digest(gateway.folder) == before, f"without {missing}: refused, nothing changed: {done.stderr[:200]}")
            (install.folder / "aside").rename(install.folder / missing)
        interrupted(gateway, install, findings)
    shutil.rmtree(install.folder)


def interrupted(gateway, install, findings):
    """Killed at any moment, there is everything or nothing; and the next import makes it good."""
    rng = random.Random(5)
    for n in range(8):
        gateway.empty()
        gateway.run("user", "list")
        running = subprocess.Popen([gateway.binary, *install.arguments()], env=gateway.environment(),
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(rng.uniform(0.0, 0.6))
        running.send_signal(signal.SIGKILL)
        running.wait()
        users = counts(gateway)["users"]
        findings.expect(users in (0, 2), f"kill {n}: {users} users are half an import")
        done = gateway.run(*install.arguments())
        findings.expect(done.returncode == 0 and counts(gateway)["api_keys"] == 1, f"kill {n}: the next import finishes: {done.stderr}")


def run(binary, findings):
    whole(binary, findings, [], "with FERNET_SALT")
    whole(binary, findings, ["--old"], "with the literal salt")
    broken(binary, findings)
