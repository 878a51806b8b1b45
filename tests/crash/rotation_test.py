#!/usr/bin/env python3
"""Rotates the master secrets of a gateway that trades, and kills it while it does.

    rotation_test.py path/to/kavach [--kills N] [--seed S]

First a rotation beside a trading gateway, asked for by the command and once by the console: no order is
refused, nobody is signed out. Then kills: the gateway dies at a random instant of a rotation, and the
command that rotates a stopped folder dies at every one of its writes (a preloaded library counts them).
After every start each secret opens: API key, its retrievable copy, session, second factor, password,
mailed setting. The seed is printed.
"""
import argparse
import http.client
import json
import pathlib
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "system" / "attacks"))
import totp  # noqa: E402
from gateway import Gateway  # noqa: E402

# Ends the process at its Nth write, before or after it has happened, like a kill from outside would.
KILLER = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>
static long left(void) {
  static long count = -1;
  if (count < 0) { const char* text = getenv("KILL_AT_WRITE"); count = text ? atol(text) : 0; }
  return count > 0 ? --count : -1;
}
#define DIE_IF_DUE() do { if (left() == 0) kill(getpid(), SIGKILL); } while (0)
ssize_t write(int fd, const void* data, size_t size) {
  ssize_t (*real)(int, const void*, size_t) = dlsym(RTLD_NEXT, "write");
  if (fd > 2) DIE_IF_DUE();
  return real(fd, data, size);
}
ssize_t pwrite64(int fd, const void* data, size_t size, off64_t at) {
  ssize_t (*real)(int, const void*, size_t, off64_t) = dlsym(RTLD_NEXT, "pwrite64");
  DIE_IF_DUE();
  return real(fd, data, size, at);
}
int rename(const char* from, const char* to) {
  int (*real)(const char*, const char*) = dlsym(RTLD_NEXT, "rename");
  DIE_IF_DUE();
  return real(from, to);
}
int fsync(int fd) {
  int (*real)(int) = dlsym(RTLD_NEXT, "fsync");
  DIE_IF_DUE();
  return real(fd);
}
int fdatasync(int fd) {
  int (*real)(int) = dlsym(RTLD_NEXT, "fdatasync");
  DIE_IF_DUE();
  return real(fd);
}
"""


def check(holds, what):
    if not holds:
        sys.exit("ROTATION TEST FAILED: " + what)


class Orders:
    """Somebody who trades all the while; every refusal is kept."""

    def __init__(self, gateway):
        self.gateway, self.placed, self.refused, self.stopping = gateway, 0, [], False
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.gateway.port, timeout=20)
        while not self.stopping:
            body = {"apikey": self.gateway.key, "strategy": "rotation", "exchange": "NSE", "symbol": "SBIN",
                    "action": "BUY" if self.placed % 2 else "SELL", "quantity": 1, "pricetype": "MARKET", "product": "MIS"}
            try:
                connection.request("POST", "/api/v1/placeorder", json.dumps(body), {"Content-Type": "application/json"})
                reply = connection.getresponse()
                text = reply.read()
                if reply.status == 200:
                    self.placed += 1
                else:
                    self.refused.append((reply.status, text[:200]))
            except (OSError, http.client.HTTPException):
                return  # killed
            time.sleep(0.02)

    def stop(self):
        self.stopping = True
        self.thread.join()


class Vault:
    """A gateway with one of every secret, and the proof that each is still good."""

    def __init__(self, gateway):
        self.gateway = gateway
        gateway.sign_in()
        begun = gateway.console("POST", "/auth/2fa/configure", {"action": "begin"}).json["data"]
        confirmed = gateway.console("POST", "/auth/2fa/configure", {"action": "confirm", "code": totp.code(begun["secret"])}).json["data"]
        self.recovery = confirmed["recovery_codes"]
        gateway.csrf = gateway.console("GET", "/auth/csrf-token").json["csrf_token"]
        self.ask(gateway.console("POST", "/auth/step-up", {"code": self.recovery.pop()}), "step-up")
        gateway.csrf = gateway.console("GET", "/auth/csrf-token").json["csrf_token"]
        made = self.ask(gateway.console("POST", "/apikey", {"name": "kept", "scope": "trade", "retrievable": True}), "a retrievable key")
        self.kept, self.kept_id = made["data"]["api_key"], made["data"]["id"]
        self.ask(gateway.console("POST", "/settings/api/smtp", {
            "host": "127.0.0.1", "port": 9, "username": "u", "password": "mail-password-of-the-test",
            "from": "a@example.invalid", "security": "none"}), "mail settings")

    def ask(self, answer, what):
        check(answer.status == 200, f"{what}: {answer.status} {answer.text[:300]}")
        return answer.json

    def prove(self, when, second_factor=False):
        gateway = self.gateway
        for key in (gateway.key, self.kept):
            answer = gateway.api("funds", key=key)
            check(answer.status == 200, f"{when}: an API key is refused: {answer.status} {answer.text[:200]}")
        answer = gateway.console("GET", "/auth/session-status")
        check(answer.status == 200, f"{when}: the session has ended: {answer.status} {answer.text[:200]}")
        if second_factor:
            gateway.csrf = gateway.console("GET", "/auth/csrf-token").json["csrf_token"]
            self.ask(gateway.console("POST", "/auth/step-up", {"code": self.recovery.pop()}), f"{when}: a recovery code")
            gateway.csrf = gateway.console("GET", "/auth/csrf-token").json["csrf_token"]
            shown = self.ask(gateway.console("POST", f"/apikey/{self.kept_id}/reveal", {}), f"{when}: the kept copy")
            check(self.kept in json.dumps(shown), f"{when}: the kept copy is another key")

    def older_ids(self):
        """Key ids that stored values still name, besides the current ones."""
        listed = self.gateway.command("keys", "list")
        current = re.search(r"FERNET_SALT\s+([0-9a-f]{8})", listed).group(1)
        database = sqlite3.connect(f"file:{self.gateway.folder}/kavach.db?mode=ro", uri=True)
        sealed = [row[0] for query in ("SELECT sealed_secret FROM user_totp", "SELECT sealed_copy FROM api_keys",
                                       "SELECT signing_secret FROM api_keys", "SELECT sealed_password FROM mail_settings")
                  for row in database.execute(query) if row[0]]
        database.close()
        check(sealed, "nothing is sealed: the test proves nothing")
        return {value.split(".")[0] for value in sealed} - {current}


def rotate_while_trading(gateway, vault):
    orders = Orders(gateway)
    time.sleep(0.3)
    said = gateway.command("keys", "rotate")
    check("rotated; " in said, f"keys rotate says {said!r}")
    vault.prove("after a rotation by command", second_factor=True)
    answer = gateway.console("POST", "/keys/api/rotate", {"which": "all"})
    check(answer.status == 409 and answer.json["data"]["reason"] == "confirm_required", f"no confirmation was asked: {answer.text}")
    vault.ask(gateway.console("POST", "/keys/api/rotate", {"which": "all", "confirm": True}), "the console's rotation")
    deadline = time.monotonic() + 20
    while gateway.console("GET", "/keys/api/data").json["data"]["rotation"]["state"] == "running":
        check(time.monotonic() < deadline, "the console's rotation does not end")
        time.sleep(0.2)
    time.sleep(0.5)
    orders.stop()
    check(not orders.refused, f"orders were refused meanwhile: {orders.refused[:3]}")
    check(orders.placed > 20, f"only {orders.placed} orders were placed")
    vault.prove("after two rotations", second_factor=True)
    check(not vault.older_ids(), f"values are left under older keys: {vault.older_ids()}")
    gateway.restart()
    vault.prove("after a restart", second_factor=True)
    print(f"  two rotations beside {orders.placed} orders, none refused", flush=True)


def kill_the_gateway(gateway, vault, rng, kills):
    for n in range(kills):
        asking = subprocess.Popen([gateway.binary, "keys", "rotate"], env=gateway.environment(),
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(rng.uniform(0.05, 3.0))
        asking.kill()
        asking.wait()
        gateway.stop(signal.SIGKILL)
        gateway.start()
        vault.prove(f"gateway kill {n + 1}")
        said = gateway.command("keys", "rotate", "--only", "field")
        check("finished; " in said or "rotated; " in said, f"keys rotate says {said!r}")
        check(not vault.older_ids(), f"kill {n + 1}: values are left under older keys")
    vault.prove("after the kills", second_factor=True)
    print(f"  the gateway was killed {kills} times", flush=True)


def kill_the_command(gateway, vault, scratch):
    source, library = scratch / "killer.c", scratch / "killer.so"
    source.write_text(KILLER)
    subprocess.run(["clang-19", "-shared", "-fPIC", "-O1", "-o", library, source], check=True)
    gateway.stop()
    kept = scratch / "kept"
    shutil.copytree(gateway.folder, kept)
    nth = 0
    while True:
        nth += 1
        shutil.rmtree(gateway.folder)
        shutil.copytree(kept, gateway.folder)
        done = subprocess.run([gateway.binary, "keys", "rotate"], capture_output=True, text=True,
                              env={**gateway.environment(), "LD_PRELOAD": str(library), "KILL_AT_WRITE": str(nth)})
        if done.returncode == 0:
            break
        check(done.returncode == -signal.SIGKILL, f"write {nth}: {done.stderr}")
        check(nth < 400, "the command never ends")
        said = gateway.command("keys", "rotate", "--only", "field")
        check("finished; " in said or "rotated; " in said, f"write {nth}: keys rotate says {said!r}")
        check(not vault.older_ids(), f"write {nth}: values are left under older keys")
        if nth % 8 == 0:
            gateway.start()
            vault.prove(f"command killed at write {nth}")
            gateway.stop()
    gateway.start()
    vault.prove("after the killed commands", second_factor=True)
    check(nth > 10, f"the command was killed at {nth - 1} writes only: the library does not work")
    print(f"  the command was killed at each of its {nth - 1} writes", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("--kills", type=int, default=6)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 30))
    options = parser.parse_args()
    print(f"rotation test: seed {options.seed}", flush=True)
    rng = random.Random(options.seed)
    limits = {"API_RATE_LIMIT": "10000 per second", "ORDER_RATE_LIMIT": "10000 per second",
              "CONSOLE_RATE_LIMIT": "6000 per minute", "CONSOLE_WRITE_RATE_LIMIT": "6000 per minute",
              "CONSOLE_SENSITIVE_RATE_LIMIT": "6000 per minute", "DEFAULT_RATE_LIMIT": "6000 per minute",
              "DISABLE_SESSION_EXPIRY": "true"}
    with tempfile.TemporaryDirectory() as scratch, Gateway(pathlib.Path(options.binary).resolve(), **limits) as gateway:
        vault = Vault(gateway)
        vault.prove("before", second_factor=True)
        rotate_while_trading(gateway, vault)
        kill_the_gateway(gateway, vault, rng, options.kills)
        kill_the_command(gateway, vault, pathlib.Path(scratch))
        check(gateway.is_alive(), "the gateway is alive afterwards")
    print("1 passed, 0 failed")


if __name__ == "__main__":
    main()
