"""Secrets must not leave a trace: 200 canaries in 20 encodings, and the owner's own (R25, R31).

The canaries go wherever a client can put a secret by mistake or by malice: as keys, passwords, codes and
tokens on every route of the OpenAPI document and of docs/console-api.md, as unknown fields, in headers,
cookies, queries and path parameters, in bodies that do not parse, requests that are no HTTP, WebSocket
messages, command lines. Not in what the gateway is told to keep: names, notes, strategies, reasons. The
gateway is then killed by SIGSEGV, and everything it leaves is searched.
"""
import http.client
import json
import pathlib
import re
import secrets
import signal
import socket
import subprocess
import time

from forms import ENCODINGS, Search
from owner import Owner, dump
from websocket import WebSocket

CANARIES = 200
CREDENTIALS = ["apikey", "api_key", "password", "new_password", "current_password", "code", "token", "setup_token", "secret",
               "client_secret", "access_token", "refresh_token", "totp_secret", "credential", "unheard_of"]
HEADERS = ["Authorization", "X-API-KEY", "X-CSRF-Token", "Cookie", "Referer", "Origin", "User-Agent", "X-Request-Id",
           "X-Forwarded-User", "Accept", "Accept-Language", "If-None-Match", "Content-Type", "X-Kavach-Signature",
           "X-Kavach-Timestamp", "X-Kavach-Nonce", "Sec-WebSocket-Protocol", "X-Unheard-Of"]
KEPT = {"strategy", "client_order_id"}  # the user's own labels, which the books show


class Flock:
    """The canaries in turn, each in the next of the encodings."""

    def __init__(self):
        # As long as what they are mistaken for: keys of 64 hexadecimal digits, tokens of 43 characters.
        makers = [lambda: secrets.token_hex(32), lambda: secrets.token_urlsafe(32), lambda: "Cnry" + secrets.token_hex(10)]
        self.all = {f"canary {n}": makers[n % 3]() for n in range(CANARIES)}
        self.ways = list(ENCODINGS.values())
        self.count = 0

    def next(self):
        n = self.count
        self.count += 1
        # Another encoding for the same canary each time round.
        encode = self.ways[(n + n // CANARIES) % len(self.ways)]
        return encode(list(self.all.values())[n % CANARIES]).decode("latin-1")

    def header(self):
        return "".join(c for c in self.next() if " " < c <= "~") or "x"


def routes(gateway):
    """Method and path of everything there is."""
    found = []
    for path, methods in gateway.request("GET", "/api/v1/openapi.json").json["paths"].items():
        for method, operation in methods.items():
            schema = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
            found.append((method.upper(), path if path.startswith("/api/") else "/api/v1" + path, list(schema.get("properties", {}))))
    table = pathlib.Path(__file__).parents[3] / "docs" / "console-api.md"
    for line in table.read_text().splitlines():
        cell = line.split("|")[1] if line.startswith("| `") else ""
        for method, path in re.findall(r"`(?:(GET|POST|DELETE) )?(/[a-z0-9/_{}.-]+)", cell):
            found.append((method or "POST", path, []))
    return found


def send(gateway, *request, **options):
    try:
        return gateway.request(*request, **options)
    except (OSError, ValueError, http.client.HTTPException):
        return None


def through_routes(gateway, flock, owner):
    for method, path, fields in routes(gateway):
        path = re.sub(r"{\w+}", lambda _: re.sub(r"[^\w-]", "", flock.next()) or "x", path)
        body = {name: flock.next() for name in CREDENTIALS}
        cookie = f"session={flock.header()}; {flock.header()}={flock.header()}"
        headers = {"Cookie": cookie, "X-API-KEY": flock.header(), "Authorization": "Bearer " + flock.header()}
        query = "?apikey=" + re.sub(r"[^\w%.-]", "", flock.next()) + "&token=" + re.sub(r"[^\w%.-]", "", flock.next())
        if method == "GET":
            send(gateway, method, path + query, headers=headers)
            send(gateway, method, path + query, headers={"Cookie": gateway.cookie})
            continue
        send(gateway, method, path, body, headers=headers)
        if path != "/auth/logout":
            send(gateway, method, path + query, body, headers={"Cookie": gateway.cookie, "X-CSRF-Token": gateway.csrf})
        send(gateway, method, path, json.dumps(body)[:-9], headers={"Content-Type": "application/json"})
        if fields:
            wrong = {name: flock.next() for name in fields if name not in KEPT} | {"apikey": owner.key}
            send(gateway, method, path, wrong)


def through_paths(gateway, flock):
    """What does not exist is remembered, for the console and the bans: from addresses that may be banned for it."""
    for n in range(2 * CANARIES):
        client = f"203.0.113.{n % 250 + 1}"
        path = re.sub(r"[^\x21-\x7e]", "", flock.next())
        send(gateway, "GET", ("/%s" if n % 2 else "/api/v1/quotes/%s/x.php") % path, client=client)
        send(gateway, "GET", "/nowhere", headers={"Host": flock.header()}, client=client)
        send(gateway, "POST", "/api/v1/funds", {"apikey": flock.next()}, client=client)


def through_headers(gateway, flock):
    for name in HEADERS:
        for _ in range(3):
            send(gateway, "GET", "/auth/session-status", headers={name: flock.header()})
            send(gateway, "POST", "/api/v1/funds", {"apikey": flock.next()}, headers={name: flock.header()})
    for _ in range(4):
        send(gateway, "POST", "/auth/login", {"username": flock.next(), "password": flock.next()})
        send(gateway, "POST", "/auth/reset-password", {"username_or_email": flock.next()})
        send(gateway, "POST", "/auth/login/totp", {"code": flock.next()})


def through_sockets(gateway, flock):
    for text in ['{"action":"authenticate","api_key":"%s"}', '{"action":"%s"}', '{"apikey":"%s"', "%s",
                 '{"action":"subscribe","symbols":[{"symbol":"%s","exchange":"NSE"}]}']:
        for opcode in (1, 2, 9, 15):
            try:
                stream = WebSocket(gateway.port, f"Sec-WebSocket-Protocol: {secrets.token_hex(2)}\r\n")
                stream.send((text % json.dumps(flock.next())[1:-1])[:120], opcode)
                stream.socket.settimeout(0.2)
                stream.hear()
                stream.close()
            except OSError:
                pass


def through_rubbish(gateway, flock):
    for request in ["GET %s\r\n\r\n", "%s /x HTTP/1.1\r\nHost: h\r\n\r\n", "GET / HTTP/%s\r\n\r\n", "GET / HTTP/1.1\r\n%s\r\n\r\n",
                    "GET / HTTP/1.1\r\nHost: %s\r\n\r\n", "POST /api/v1/funds HTTP/1.1\r\nHost: h\r\nContent-Length: %s\r\n\r\n",
                    "POST /api/v1/funds HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n%s\r\n", "%s"]:
        for _ in range(3):
            gateway.raw((request % flock.next()).encode("latin-1"), timeout=0.3, half_close=True)


def through_commands(gateway, flock):
    """What a command prints for its user's terminal is not looked at, what it leaves behind is."""
    for arguments in (["serve", "--print-settings"], ["user", "list"], ["doctor"]):
        gateway.command(*arguments, check=False)
    for arguments in (["--" + flock.header()], [flock.header()], ["apikey", "revoke", flock.header()], ["restore", flock.header()],
                      ["user", "disable", flock.header()], ["audit", "verify", "--head", flock.header()]):
        gateway.command(*arguments, check=False)
    gateway.command("user", "reset-password", "ada", "--password-stdin", stdin="short\n", check=False)
    gateway.command("user", "add", "--username", "bad name!", "--email", "x", "--role", "viewer", "--password-stdin",
                    stdin=flock.next() + "\n", check=False)


def scrape(gateway):
    with socket.create_connection(("127.0.0.1", int(gateway.settings["METRICS_ADDRESS"].split(":")[1])), timeout=5) as metrics:
        metrics.sendall(b"GET /metrics HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
        return b"".join(iter(lambda: metrics.recv(65536), b""))


def exports(gateway):
    paths = [f"/{what}/export?format={form}" for what in ("traffic", "latency", "audit") for form in ("csv", "jsonl")]
    paths += ["/traffic/api/logs?limit=500", "/logs/api/lines?limit=500", "/audit/api/events?limit=500", "/security/api/data",
              "/settings/api/data", "/keys/api/data", "/connections/api/list", "/health/check", "/apikey"]
    for path in paths:
        answer = gateway.console("GET", path)
        yield path, answer.status, answer.text.encode()


def left_behind(folder):
    for file in sorted(folder.rglob("*")):
        # secrets.env is where the masters belong; a backup is sealed, and checked by its own tests.
        if file.is_file() and file.name != "secrets.env":
            yield str(file.relative_to(folder)), file.read_bytes()


def run(gateway, findings):
    expect = findings.expect
    owner = Owner(gateway)
    owner.use_everything()
    flock = Flock()
    through_routes(gateway, flock, owner)
    through_headers(gateway, flock)
    through_paths(gateway, flock)
    through_sockets(gateway, flock)
    through_rubbish(gateway, flock)
    through_commands(gateway, flock)
    expect(flock.count >= CANARIES * 5, f"every canary was sent in several encodings ({flock.count} times)")
    expect(gateway.is_alive(), "the gateway lives through all of it")
    owner.trade()
    owner.refresh()

    time.sleep(1.0)  # records are written in batches
    search = Search(flock.all | owner.secrets)
    seen = {"/metrics": scrape(gateway)}
    for path, status, text in exports(gateway):
        expect(status == 200, f"{path} answers {status}")
        seen[path] = text
    seen["dump of the database"] = dump(gateway.folder / "kavach.db")
    expect(b"apikey.created" in seen["dump of the database"], "the dump has what happened (the search works)")

    gateway.process.send_signal(signal.SIGSEGV)
    gateway.process.wait(timeout=10)
    expect(gateway.process.returncode == -signal.SIGSEGV, "the gateway dies of SIGSEGV")
    for folder in (gateway.folder, pathlib.Path.cwd(), pathlib.Path("/tmp")):
        cores = [str(file) for file in folder.glob("core*") if file.is_file() and file.stat().st_mtime > time.time() - 60]
        expect(not cores, f"no core file is left: {cores}")
    seen |= dict(left_behind(gateway.folder))
    expect("kavach.db" in seen and "serve.log" in seen, f"the files were read: {list(seen)}")
    for place, data in seen.items():
        leaks = search.find(data)
        expect(not leaks, f"R31 nothing is found in {place}: {sorted(leaks)[:6]} ({len(leaks)})")
    gateway.start()
    expect(subprocess.run([gateway.binary, "audit", "verify"], env=gateway.environment(), capture_output=True).returncode == 0,
           "the audit chain verifies afterwards")
