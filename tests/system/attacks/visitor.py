"""A browser of its own: an address, a cookie jar and the steps of a login; and the authenticator app beside it."""
import time

import totp
from gateway import OWNER, PASSWORD
from websocket import WebSocket


class Visitor:
    def __init__(self, gateway, address, jar=None, headers=None):
        self.gateway, self.address, self.jar, self.csrf = gateway, address, dict(jar or {}), ""
        self.headers = headers or {}

    @property
    def cookies(self):
        return "; ".join(f"{name}={value}" for name, value in self.jar.items())

    def send(self, method, path, body=None):
        answer = self.gateway.request(method, path, body, client=self.address,
                                      headers={**self.headers, "Cookie": self.cookies, "X-CSRF-Token": self.csrf})
        for name, value in answer.cookies.items():
            if value:
                self.jar[name] = value
            else:
                self.jar.pop(name, None)
        return answer

    def post(self, path, body=None):
        return self.send("POST", path, body or {})

    def data(self, method, path, body=None):
        answer = self.send(method, path, body)
        if answer.status != 200:
            raise RuntimeError(f"{method} {path}: {answer.status} {answer.text[:300]}")
        return answer.json.get("data", {})

    def fetch_token(self):
        self.csrf = self.send("GET", "/auth/csrf-token").json.get("csrf_token", "")

    def offer_password(self, password=PASSWORD, username=OWNER):
        self.fetch_token()
        return self.post("/auth/login", {"username": username, "password": password})

    def offer_code(self, code):
        return self.post("/auth/login/totp", {"code": code})

    def sign_in(self, code=None, **credentials):
        """With the password, and the code where one is asked for; ready to change things."""
        answer = self.offer_password(**credentials)
        if answer.status == 200 and code:
            answer = self.offer_code(code)
        if answer.status != 200:
            raise RuntimeError(f"login: {answer.status} {answer.text}")
        self.fetch_token()
        return self

    def is_in(self):
        return self.send("GET", "/auth/session-status").status == 200

    def cookie(self, what):
        """`session`, `pending`, `device` …, whatever stands before it."""
        return next((value for name, value in self.jar.items() if name.endswith("kavach_" + what)), "")

    def stolen(self, address):
        """The thief of this browser's session, who has nothing else of it."""
        session = {name: value for name, value in self.jar.items() if name.endswith("kavach_session")}
        return Visitor(self.gateway, address, session, self.headers)

    def open_stream(self):
        """A WebSocket as the console's own page opens it."""
        return WebSocket(self.gateway.port, f"Origin: {self.gateway.origin}\r\nCookie: {self.cookies}\r\n"
                                            f"X-Forwarded-For: {self.address}\r\n")

    def enrol(self):
        """(the app, the recovery codes)"""
        app = Authenticator(self.data("POST", "/auth/2fa/configure", {"action": "begin"})["secret"])
        codes = self.data("POST", "/auth/2fa/configure", {"action": "confirm", "code": app.next()})["recovery_codes"]
        self.fetch_token()
        return app, codes


class Authenticator:
    """Gives each code once, the earliest that the gateway still takes; waits when all of them are used."""

    def __init__(self, secret):
        self.secret, self.used = secret, 0

    def next(self):
        while True:
            now = time.time()
            left = 30 - now % 30
            step = max(self.used + 1, int(now // 30) - 1)
            if left > 2 and step <= int(now // 30) + 1:
                self.used = step
                return totp.code(self.secret, step * 30)
            time.sleep(left + 0.05)

    def wrong(self):
        soon = [totp.code(self.secret, time.time() + 30 * n) for n in range(-3, 4)]
        return next(code for code in (f"{n:06d}" for n in range(8)) if code not in soon)
