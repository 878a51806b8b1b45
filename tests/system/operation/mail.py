"""Mail through a real SMTP server (aiosmtpd): STARTTLS, implicit TLS and a log-in, a checked certificate, and a password reset
by the link that arrives. The link is built from HOST_SERVER, whatever Host the request names."""
import datetime
import email
import ipaddress
import logging
import pathlib
import re
import ssl
import tempfile
import threading
import warnings

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gateway import OWNER, PASSWORD, Gateway, free_port

NAME, WORD = b"kavach", b"a mail password 77"
NEXT = "eleven copper kettles by dawn"


def certificate(folder, name):
    """A certificate of its own authority for 127.0.0.1; (certificate file, key file)."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.timezone.utc)
    made = (x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), True).sign(key, hashes.SHA256()))
    certificate_file, key_file = folder / f"{name}.crt", folder / f"{name}.key"
    certificate_file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return certificate_file, key_file


class Inbox:
    """Keeps what arrives; refuses one recipient."""

    def __init__(self):
        self.mails, self.arrived = [], threading.Event()

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("refused@"):
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.mails.append((envelope.rcpt_tos, session.ssl is not None,  # by STARTTLS
                           email.message_from_bytes(envelope.content)))
        self.arrived.set()
        return "250 OK"

    def next(self):
        if not self.arrived.wait(10):
            raise RuntimeError("no mail came")
        self.arrived.clear()
        return self.mails[-1]


def server(inbox, files, implicit):
    """A server that wants TLS and a log-in before anything else."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*files)

    def check(server, session, envelope, mechanism, data):
        return AuthResult(success=(data.login, data.password) == (NAME, WORD))

    tls = {"ssl_context": context} if implicit else {"tls_context": context, "require_starttls": True}
    return Controller(inbox, hostname="127.0.0.1", port=free_port(), authenticator=check, auth_required=True,
                      auth_require_tls=not implicit, **tls)


def mail_settings(port, security, password=WORD.decode()):
    return {"host": "127.0.0.1", "port": port, "username": NAME.decode(), "password": password, "from": "kavach@example.org",
            "security": security}


def deliveries(gateway, findings, inbox, port, security):
    """With this server: the right log-in delivers, everything else is said to have failed."""
    set_up = gateway.console("POST", "/settings/api/smtp", mail_settings(port, security))
    findings.expect(set_up.status == 200, f"{security}: settings are taken: {set_up.text[:200]}")
    sent = gateway.console("POST", "/settings/api/smtp/test", {"to": "desk@example.org"})
    findings.expect(sent.status == 200, f"{security}: the test mail is taken: {sent.text[:200]}")
    to, upgraded, message = inbox.next()
    findings.expect(to == ["desk@example.org"] and upgraded == (security == "starttls"), f"{security}: it arrives, encrypted")
    findings.expect(message["From"] == "Kavach <kavach@example.org>" and message["Date"] and message["Message-ID"],
                    f"{security}: its headers are whole")
    refused = gateway.console("POST", "/settings/api/smtp/test", {"to": "refused@example.org"})
    findings.expect(refused.status == 503 and "check its settings" in refused.text, f"{security}: a refused recipient is said")
    gateway.console("POST", "/settings/api/smtp", mail_settings(port, security, "not the password"))
    wrong = gateway.console("POST", "/settings/api/smtp/test", {"to": "desk@example.org"})
    findings.expect(wrong.status == 503, f"{security}: a wrong password is said: {wrong.status}")
    gateway.console("POST", "/settings/api/smtp", mail_settings(port, security))


def dead_and_foreign(gateway, findings, inbox, folder):
    gateway.console("POST", "/settings/api/smtp", mail_settings(free_port(), "starttls"))
    dead = gateway.console("POST", "/settings/api/smtp/test", {"to": "desk@example.org"})
    findings.expect(dead.status == 503, f"a server that is not there is said: {dead.status}")
    before = len(inbox.mails)
    foreign = server(inbox, certificate(folder, "foreign"), False)
    foreign.start()
    try:
        gateway.console("POST", "/settings/api/smtp", mail_settings(foreign.port, "starttls"))
        answer = gateway.console("POST", "/settings/api/smtp/test", {"to": "desk@example.org"})
    finally:
        foreign.stop()
    findings.expect(answer.status == 503 and len(inbox.mails) == before, "a server with a stranger's certificate gets neither mail nor password")


def reset(gateway, findings, inbox):
    """From another browser, which names a host of its own."""
    token = gateway.request("GET", "/auth/csrf-token")
    cookie = "; ".join(f"{name}={value}" for name, value in token.cookies.items())
    headers = {"Cookie": cookie, "X-CSRF-Token": token.json["csrf_token"]}

    def ask(path, body, **more):
        return gateway.request("POST", path, body, headers={**headers, **more})

    forged = ask("/auth/reset-password", {"username_or_email": OWNER}, Host="evil.example.net")
    findings.expect(forged.status == 421, f"another Host is misdirected: {forged.status}")
    known = ask("/auth/reset-password", {"username_or_email": OWNER}, **{"X-Forwarded-Host": "evil.example.net"})
    unknown = ask("/auth/reset-password", {"username_or_email": "nobody"})
    findings.expect((known.status, known.text) == (unknown.status, unknown.text), "R2 a request is answered alike for nobody")
    to, _, message = inbox.next()
    link = re.search(r"https?://\S+", message.get_payload(decode=True).decode()).group()
    findings.expect(to == ["ada@example.invalid"], "the link goes to the owner only")
    findings.expect(link.startswith(gateway.origin + "/reset-password#") and "evil" not in link, f"the link is HOST_SERVER's: {link[:40]}")
    secret = link.split("#", 1)[1].removeprefix("token=")
    short = ask("/auth/reset-password/confirm", {"token": secret, "new_password": "short"})
    findings.expect(short.status == 400, "a refused password leaves the link valid")
    done = ask("/auth/reset-password/confirm", {"token": secret, "new_password": NEXT})
    findings.expect(done.status == 200, f"the link sets a password: {done.text[:200]}")
    twice = ask("/auth/reset-password/confirm", {"token": secret, "new_password": PASSWORD})
    findings.expect(twice.status == 404, f"the link works once: {twice.status}")
    findings.expect(gateway.console("GET", "/auth/session-status").status == 401, "R5 the reset ended the owner's session")
    old = ask("/auth/login", {"username": OWNER, "password": PASSWORD})
    new = ask("/auth/login", {"username": OWNER, "password": NEXT})
    findings.expect((old.status, new.status) == (401, 200), f"only the new password signs in: {old.status} {new.status}")
    _, _, notice = inbox.next()
    findings.expect("New device" in notice["Subject"], "the owner is told of the new device")


def exposed(gateway, findings, inbox):
    answer = gateway.request("POST", f"/api/v1/funds?apikey={gateway.key}", {}, client="203.0.113.20")
    findings.expect(answer.status == 400, f"R12 a key in a URL is refused: {answer.status}")
    to, _, message = inbox.next()
    text = message.get_payload(decode=True).decode()
    findings.expect(to == ["ada@example.invalid"] and "203.0.113.20" in text and gateway.key not in text, "R12 its owner is told, without the key")


def run(binary, findings):
    warnings.simplefilter("ignore")  # implicit TLS is TLS, whatever aiosmtpd thinks
    logging.getLogger("mail.log").disabled = True  # the clients that give up are meant to
    with tempfile.TemporaryDirectory() as folder:
        with_server(binary, pathlib.Path(folder), findings)


def with_server(binary, folder, findings):
    ours = certificate(folder, "ours")
    inbox = Inbox()
    limits = {"CONSOLE_SENSITIVE_RATE_LIMIT": "600 per minute", "SMTP_CA_FILE": str(ours[0])}
    with Gateway(binary, **limits) as gateway:
        gateway.sign_in()
        implicit, starttls = server(inbox, ours, True), server(inbox, ours, False)
        for controller, security in ((implicit, "tls"), (starttls, "starttls")):
            controller.start()
            deliveries(gateway, findings, inbox, controller.port, security)
        dead_and_foreign(gateway, findings, inbox, folder)
        gateway.console("POST", "/settings/api/smtp", mail_settings(starttls.port, "starttls"))
        exposed(gateway, findings, inbox)
        reset(gateway, findings, inbox)
        log = (gateway.folder / "serve.log").read_text()
        findings.expect(WORD.decode() not in log, "the mail password is in no log")
        implicit.stop()
        starttls.stop()
