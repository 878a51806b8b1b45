"""A real gateway for the attacks: a fresh data folder, an owner, an API key, and the means to look inside.

Attackers are told apart through a trusted proxy on loopback: `client="203.0.113.9"` sends the header
that the proxy would. What no proxy vouches for is tried by leaving it out of TRUSTED_PROXIES.
"""
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

OWNER = "ada"
PASSWORD = "granite-otter-lantern-58-quay"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Answer:
    def __init__(self, status, headers, cookies, body):
        self.status, self.headers, self.text = status, headers, body.decode(errors="replace")
        self.set_cookies = cookies
        self.cookies = dict(cookie.split(";")[0].split("=", 1) for cookie in cookies)

    @property
    def json(self):
        return json.loads(self.text)


class Gateway:
    """with Gateway(binary, NAME="value", …) as gateway: …"""

    def __init__(self, binary, **settings):
        self.binary = str(binary)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="kavach-attack-"))
        self.port = free_port()
        self.origin = f"http://127.0.0.1:{self.port}"
        self.settings = {
            "HOST_SERVER": self.origin,
            "LISTEN_PORT": str(self.port),
            "WEBSOCKET_PORT": "0",
            "TRUSTED_PROXIES": "127.0.0.1",
            "PAPER_SEED": "7",
            **settings,
        }
        self.process = None
        self.jar = {}
        self.csrf = ""

    # Life.

    def __enter__(self):
        self.command("setup", "--username", OWNER, "--email", "ada@example.invalid", "--password-stdin", stdin=PASSWORD + "\n")
        self.key = self.command("apikey", "create", "--user", OWNER, "--name", "attacks").strip()
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def environment(self):
        return {**os.environ, **self.settings, "KAVACH_DATA": str(self.folder)}

    def command(self, *arguments, stdin="", check=True):
        done = subprocess.run([self.binary, *arguments], input=stdin, text=True, capture_output=True,
                              env=self.environment(), timeout=60)
        if check and done.returncode != 0:
            raise RuntimeError(f"kavach {' '.join(arguments)}: {done.stderr.strip()}")
        return done.stdout

    def start(self, before=None):
        """`before` runs in the gateway's process before it becomes the gateway."""
        log = open(self.folder / "serve.log", "ab")
        self.process = subprocess.Popen([self.binary, "serve"], env=self.environment(), stdout=log, stderr=log, preexec_fn=before)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError("the gateway ended: " + (self.folder / "serve.log").read_text()[-2000:])
            try:
                if self.request("GET", "/health/status").status == 200:
                    return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError("the gateway does not answer")

    def stop(self, how=signal.SIGTERM):
        if self.process and self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(timeout=30)
        self.process = None

    def restart(self):
        self.stop()
        self.start()

    def is_alive(self):
        return self.process is not None and self.process.poll() is None

    # Requests.

    def request(self, method, path, body=None, headers=None, client=None, timeout=15):
        sent = {"Host": f"127.0.0.1:{self.port}", **(headers or {})}
        if client:
            sent["X-Forwarded-For"] = client
        if isinstance(body, dict):
            body, sent["Content-Type"] = json.dumps(body), "application/json"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, path, body=body, headers=sent)
            response = connection.getresponse()
            return Answer(response.status, dict((k.lower(), v) for k, v in response.getheaders()),
                          response.headers.get_all("Set-Cookie") or [], response.read())
        finally:
            connection.close()

    def api(self, resource, client="198.51.100.200", key=None, **fields):
        return self.request("POST", f"/api/v1/{resource}", {"apikey": key or self.key, **fields}, client=client)

    def raw(self, data, timeout=5, half_close=False):
        """Sends bytes as they are; (everything received, whether the gateway closed)."""
        received = b""
        with socket.create_connection(("127.0.0.1", self.port), timeout=timeout) as connection:
            try:
                connection.sendall(data)
                if half_close:
                    connection.shutdown(socket.SHUT_WR)
                while True:
                    piece = connection.recv(65536)
                    if not piece:
                        return received, True
                    received += piece
            except (socket.timeout, TimeoutError):
                return received, False
            except (ConnectionResetError, BrokenPipeError):
                return received, True

    # The owner's console.

    @property
    def cookie(self):
        return "; ".join(f"{name}={value}" for name, value in self.jar.items() if value)

    def sign_in(self, client="198.51.100.200"):
        self.owner_address = client
        self.log_in(OWNER, PASSWORD)
        self.console("POST", "/auth/step-up", {"password": PASSWORD})
        # A step-up gives the session a new token.
        self.csrf = self.console("GET", "/auth/csrf-token").json["csrf_token"]

    def log_in(self, username, password):
        self.jar, self.csrf = {}, ""
        self.csrf = self.console("GET", "/auth/csrf-token").json["csrf_token"]
        answer = self.console("POST", "/auth/login", {"username": username, "password": password})
        if answer.status != 200:
            raise RuntimeError(f"login: {answer.status} {answer.text}")
        self.csrf = self.console("GET", "/auth/csrf-token").json["csrf_token"]

    def sign_in_as(self, username, password):
        """The headers of another session, without a step-up; the owner's own stays as it is."""
        kept = self.jar, self.csrf
        self.log_in(username, password)
        headers = {"Cookie": self.cookie, "X-CSRF-Token": self.csrf}
        self.jar, self.csrf = kept
        return headers

    def console(self, method, path, body=None):
        for _ in range(4):
            answer = self.request(method, path, body, client=self.owner_address,
                                  headers={"Cookie": self.cookie, "X-CSRF-Token": self.csrf})
            if method != "GET" or answer.status != 503:
                break
            time.sleep(1)  # what can wait is put off while this machine is busy with the attack
        self.jar.update(answer.cookies)
        return answer

    def security(self):
        answer = self.console("GET", "/security/api/data")
        if answer.status != 200:
            raise RuntimeError(f"security data: {answer.status} {answer.text}")
        return answer.json["data"]


class Findings:
    """Counts what held and keeps what did not."""

    def __init__(self):
        self.held, self.broken = 0, []

    def expect(self, holds, what):
        if holds:
            self.held += 1
        else:
            self.broken.append(what)
            print(f"    NOT HELD: {what}", flush=True)
        return holds
