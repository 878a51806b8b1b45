"""The owner goes through everything that has a secret, and notes each one (R25, R27)."""
import re
import socket
import sqlite3
import threading

import totp
from gateway import OWNER, PASSWORD
from websocket import WebSocket


class Owner:
    """After `use_everything`, `secrets` has by name what must never be found anywhere."""

    def __init__(self, gateway):
        self.gateway, self.secrets = gateway, {"password": PASSWORD, "command's key": gateway.key}

    def use_everything(self):
        gateway = self.gateway
        gateway.sign_in()
        self.note_cookies()
        begun = self.ask("POST", "/auth/2fa/configure", {"action": "begin"})
        self.secrets["totp secret"] = begun["secret"]
        codes = self.ask("POST", "/auth/2fa/configure", {"action": "confirm", "code": totp.code(begun["secret"])})
        for n, code in enumerate(codes["recovery_codes"]):
            self.secrets[f"recovery code {n}"] = code
        self.refresh()
        self.ask("POST", "/auth/step-up", {"code": codes["recovery_codes"][0]})
        self.refresh()
        made = self.ask("POST", "/apikey", {"name": "kept", "scope": "trade", "retrievable": True})
        self.key, self.key_id = made["api_key"], made["id"]
        self.secrets["retrievable key"] = self.key
        self.ask("POST", f"/apikey/{self.key_id}/reveal", {})
        signs = self.ask("POST", "/apikey", {"name": "signs", "scope": "trade"})
        self.secrets["signing key"] = signs["api_key"]
        self.secrets["signing secret"] = self.ask("POST", f"/apikey/{signs['id']}/signing", {})["signing_secret"]
        self.secrets["mail password"] = "lantern-of-the-mail-server-77"
        mail = MailServer()
        self.ask("POST", "/settings/api/smtp", {"host": "127.0.0.1", "port": mail.port, "username": "mailer", "from": "a@example.invalid",
                                                "password": self.secrets["mail password"], "security": "none"})
        self.ask("POST", "/auth/reset-password", {"username_or_email": OWNER})
        self.secrets["reset token"] = re.search(r"token=([\w-]{43})", mail.letter()).group(1)
        self.trade()
        self.note_masters()

    def trade(self):
        """The key in the body, in a header and over the WebSocket."""
        gateway = self.gateway
        order = {"strategy": "drill", "exchange": "NSE", "symbol": "SBIN", "action": "BUY", "quantity": 1,
                 "pricetype": "MARKET", "product": "MIS"}
        for answer in (gateway.api("placeorder", key=self.key, **order), gateway.api("funds", key=self.key),
                       gateway.request("POST", "/api/v1/orderbook", {}, headers={"X-API-KEY": self.key})):
            if answer.status != 200:
                raise RuntimeError(f"the key does not trade: {answer.status} {answer.text[:200]}")
        stream = WebSocket(gateway.port)
        stream.send('{"action":"authenticate","api_key":"%s"}' % self.key)
        heard = stream.hear()
        if b"success" not in heard:
            raise RuntimeError(f"the key does not open the stream: {heard[:200]}")
        stream.close()

    def leave(self):
        """Revokes the keys and signs out."""
        for listed in self.ask("GET", "/apikey")["keys"]:
            answer = self.gateway.console("DELETE", f"/apikey/{listed['id']}")
            if answer.status != 200:
                raise RuntimeError(f"revoke: {answer.status} {answer.text}")
        self.ask("POST", "/auth/logout", {})

    def ask(self, method, path, body=None):
        answer = self.gateway.console(method, path, body)
        self.note_cookies()
        if answer.status != 200:
            raise RuntimeError(f"{method} {path}: {answer.status} {answer.text[:300]}")
        return answer.json.get("data", {})

    def refresh(self):
        self.gateway.csrf = self.gateway.console("GET", "/auth/csrf-token").json["csrf_token"]
        self.note_cookies()

    def note_cookies(self):
        for name, value in self.gateway.jar.items():
            if value and "session" in name and value not in self.secrets.values():
                self.secrets[f"{name} cookie {len(self.secrets)}"] = value

    def note_masters(self):
        for line in (self.gateway.folder / "secrets.env").read_text().splitlines():
            name, _, value = line.partition("=")
            if value:
                self.secrets[name] = value


class MailServer:
    """Takes one letter (RFC 5321) and shows it."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(15)
        self.port = self.listener.getsockname()[1]
        self.text = ""
        self.thread = threading.Thread(target=self.take)
        self.thread.start()

    def take(self):
        client, _ = self.listener.accept()
        with client, client.makefile("rwb", buffering=0) as line:
            line.write(b"220 mail.example.invalid\r\n")
            writing = False
            while heard := line.readline().decode(errors="replace"):
                if writing:
                    self.text += heard
                    writing = heard != ".\r\n"
                    if not writing:
                        line.write(b"250 kept\r\n")
                elif heard.upper().startswith("EHLO"):
                    line.write(b"250-mail.example.invalid\r\n250 AUTH PLAIN\r\n")
                elif heard.upper().startswith("AUTH"):
                    line.write(b"334 \r\n")
                    line.readline()
                    line.write(b"235 welcome\r\n")
                elif heard.upper().startswith("DATA"):
                    writing = True
                    line.write(b"354 go on\r\n")
                elif heard.upper().startswith("QUIT"):
                    line.write(b"221 goodbye\r\n")
                    return
                else:
                    line.write(b"250 so be it\r\n")

    def letter(self):
        self.thread.join(timeout=20)
        self.listener.close()
        # Lines may be folded (quoted-printable).
        return self.text.replace("=\r\n", "").replace("=3D", "=")


def dump(database):
    """Every value of every table, as SQLite's own dump has it."""
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    connection.text_factory = lambda text: text.decode(errors="replace")
    try:
        return "\n".join(connection.iterdump()).encode()
    finally:
        connection.close()
