"""The WebSocket behind nginx with the configuration that deploy/nginx.conf recommends: everything works, and what an attacker
behind it earns hits him and not nginx (R15, R38).

nginx learns who its client is from a PROXY header, so that one loopback can be many addresses.
"""
import pathlib
import re
import socket
import ssl
import subprocess
import tempfile
import time

import doors
from gateway import free_port
from websocket import Refused, WebSocket

HOST = "trade.example.com"
ROOT = pathlib.Path(__file__).resolve().parents[3]


class Nginx:
    def __init__(self, gateway):
        self.folder = tempfile.TemporaryDirectory(prefix="kavach-nginx-")
        self.port = free_port()
        here = pathlib.Path(self.folder.name)
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                        "-subj", f"/CN={HOST}", "-keyout", here / "key.pem", "-out", here / "cert.pem"], check=True, capture_output=True)
        site = (ROOT / "deploy/nginx.conf").read_text()
        changes = [(r"listen 443 ssl;", f"listen 127.0.0.1:{self.port} ssl proxy_protocol;"), (r"\n *listen \[::\]:443 ssl;", ""),
                   (r"ssl_certificate  .*;", f"ssl_certificate {here}/cert.pem;"), (r"ssl_certificate_key .*;", f"ssl_certificate_key {here}/key.pem;"),
                   (r"proxy_pass .*;", f"proxy_pass http://127.0.0.1:{gateway.port};")]
        for pattern, text in changes:
            site, count = re.subn(pattern, text, site)
            assert count == 1, pattern
        temporary = "".join(f"{kind}_temp_path {here}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        (here / "nginx.conf").write_text(f"daemon off; pid {here}/pid; error_log {here}/error.log; events {{}}\n"
                                         f"http {{ access_log off; {temporary}\n"
                                         f"set_real_ip_from 127.0.0.1; real_ip_header proxy_protocol;\n{site}}}\n")
        self.process = subprocess.Popen(["nginx", "-c", here / "nginx.conf", "-p", here, "-e", here / "error.log"])

    def __enter__(self):
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return self
            except OSError:
                time.sleep(0.02)
        raise RuntimeError("nginx does not answer")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=10)
        self.folder.cleanup()

    def knock(self, client, headers=""):
        """A TLS connection from `client`, upgraded."""
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=5)
        plain.sendall(f"PROXY TCP4 {client} 127.0.0.1 40000 {self.port}\r\n".encode())
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return WebSocket(self.port, headers, host=HOST, connection=context.wrap_socket(plain, server_hostname=HOST))


def works(gateway, nginx, expect):
    owner = nginx.knock("203.0.113.60")
    expect(owner.ask(action="authenticate", api_key=gateway.key)["status"] == "success", "behind nginx a key opens the socket")
    owner.ask(action="subscribe", mode=3, symbols=[{"symbol": "SBIN", "exchange": "NSE"}])
    price = owner.find(lambda said: said.get("type") == "market_data")
    expect(price and price["data"]["ltp"] > 0, f"behind nginx prices arrive: {price}")
    owner.ask(action="subscribe_orders")
    order = gateway.api("placeorder", **doors.ORDER).json["orderid"]
    told = owner.find(lambda said: said.get("orderid") == order and said["order_status"] == "complete")
    expect(told is not None, "behind nginx order updates arrive")
    page = nginx.knock("203.0.113.61", f"Cookie: {gateway.cookie}\r\nOrigin: https://{HOST}\r\n")
    expect(page.answer().get("user_id") == "ada", "behind nginx our own page needs no key")
    page.close()
    try:
        nginx.knock("203.0.113.62", f"Cookie: {gateway.cookie}\r\nOrigin: https://evil.example\r\n")
        expect(False, "R38 behind nginx a foreign page is refused")
    except Refused as refusal:
        expect(refusal.status == 403, f"R38 behind nginx a foreign page is refused ({refusal.status})")
    return owner


def bans(gateway, nginx, owner, expect):
    """The attacker also claims to be the owner's address; nginx replaces what he says."""
    attacker = "203.0.113.66"
    stream = nginx.knock(attacker, "X-Forwarded-For: 203.0.113.60\r\n")
    for _ in range(10):
        stream.say(action="authenticate", api_key="e" * 64)
    expect(stream.until_closed(3) == 4403 and stream.close_reason == "address banned",
           f"R17 behind nginx guessing ends the socket ({stream.close_code} {stream.close_reason})")
    try:
        nginx.knock(attacker)
        expect(False, "R17 behind nginx the banned stay outside")
    except Refused as refusal:
        expect(refusal.status == 403 and "banned" in refusal.answer, f"R17 behind nginx the banned stay outside ({refusal.status})")
    expect(gateway.request("GET", "/health/status", client=attacker).status == 403, "R15 it is the attacker's address that is banned")
    expect(owner.ask(action="ping")["type"] == "pong", "R15 behind nginx the owner's socket stays")
    nginx.knock("203.0.113.60").close()
    expect(gateway.request("GET", "/health/status").status == 200, "R19 nginx itself is not banned")


def run(gateway, findings):
    gateway.sign_in()
    with Nginx(gateway) as nginx:
        owner = works(gateway, nginx, findings.expect)
        bans(gateway, nginx, owner, findings.expect)
        gateway.command("ban", "203.0.113.60", "--for", "24h", "--reason", "drill")
        since = time.monotonic()
        code = owner.until_closed(3)
        took = time.monotonic() - since
        findings.expect(code == 4403 and took <= 1, f"R38 behind nginx a ban ends the socket within a second ({code}, {took:.2f} s)")
