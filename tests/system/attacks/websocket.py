"""RFC 6455 as an attacker needs it: every bit of a frame can be wrong, and nothing is answered that was not told to be."""
import base64
import json
import os
import re
import socket
import struct
import threading
import time

TEXT, BINARY, CLOSE, PING, PONG = 0x81, 0x82, 0x88, 0x89, 0x8A


class Refused(OSError):
    """The handshake was answered with something other than 101."""

    def __init__(self, answer):
        super().__init__("no upgrade: " + answer[:100].decode(errors="replace"))
        self.answer = answer.decode(errors="replace")
        self.status = int(answer[9:12]) if answer[9:12].isdigit() else 0


def frame(first_byte, payload=b"", masked=True):
    """A client's frame. `first_byte` is FIN, the reserved bits and the opcode."""
    payload = payload.encode() if isinstance(payload, str) else payload
    size = len(payload)
    bit = 0x80 if masked else 0
    length = bytes([bit | size]) if size < 126 else bytes([bit | 126]) + struct.pack(">H", size) if size < 65_536 \
        else bytes([bit | 127]) + struct.pack(">Q", size)
    if not masked:
        return bytes([first_byte]) + length + payload
    mask = os.urandom(4)
    turned = int.from_bytes(payload, "big") ^ int.from_bytes((mask * (size // 4 + 1))[:size], "big")
    return bytes([first_byte]) + length + mask + turned.to_bytes(size, "big")


class WebSocket:
    """`client`: the address a trusted proxy would vouch for. `connection`: one that is open already."""

    def __init__(self, port, headers="", path="/ws", client=None, host=None, connection=None, receive_buffer=None):
        self.socket = connection or socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(5)
        if not connection:
            self.socket.connect(("127.0.0.1", port))
        self.speaking = threading.Lock()
        self.answers_pings, self.buffer, self.seen, self.close_code, self.close_reason = True, b"", [], None, ""
        if client:
            headers += f"X-Forwarded-For: {client}\r\n"
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall((f"GET {path} HTTP/1.1\r\nHost: {host or f'127.0.0.1:{port}'}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                             f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n{headers}\r\n").encode())
        while b"\r\n\r\n" not in self.buffer:
            piece = self.socket.recv(4096)
            if not piece:
                raise Refused(self.buffer)
            self.buffer += piece
        self.head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        if b" 101 " not in self.head.split(b"\r\n")[0]:
            length = re.search(rb"\r\nContent-Length: (\d+)", self.head, re.I)
            self.fill(int(length.group(1)) if length else 0, time.monotonic() + 5)
            self.socket.close()
            raise Refused(self.head + self.buffer)

    # Saying.

    def send(self, text, opcode=1):
        self.raw(frame(0x80 | opcode, text))

    def say(self, **message):
        self.send(json.dumps(message))

    def raw(self, data):
        try:
            with self.speaking:
                self.socket.sendall(data)
        except OSError:
            pass  # the gateway has closed; what it said first is still to be read

    # Hearing.

    def hear(self):
        """Whatever the gateway has sent so far, at least something, or nothing when it closes or is silent."""
        if self.buffer:
            heard, self.buffer = self.buffer, b""
            return heard
        try:
            return self.socket.recv(65536)
        except OSError:
            return b""

    def fill(self, count, deadline):
        while len(self.buffer) < count:
            self.socket.settimeout(max(0.001, deadline - time.monotonic()))
            piece = self.socket.recv(65536)
            if not piece:
                raise ConnectionResetError
            self.buffer += piece

    def next_frame(self, seconds=5.0):
        """(first byte, payload); None when the connection has ended. Raises TimeoutError, at a frame's boundary."""
        deadline = time.monotonic() + seconds
        try:
            self.fill(2, deadline)
            extended = {126: 2, 127: 8}.get(self.buffer[1], 0)
            self.fill(2 + extended, deadline)
            size = int.from_bytes(self.buffer[2:2 + extended], "big") if extended else self.buffer[1]
            self.fill(2 + extended + size, deadline)
        except TimeoutError:
            raise
        except OSError:
            return None
        first, payload = self.buffer[0], self.buffer[2 + extended:2 + extended + size]
        self.buffer = self.buffer[2 + extended + size:]
        return first, payload

    def read(self, seconds=5.0):
        """The next message, decoded; None when the connection is closed. Notes the close code, answers pings."""
        deadline = time.monotonic() + seconds
        while True:
            if time.monotonic() > deadline:
                raise TimeoutError
            got = self.next_frame(deadline - time.monotonic())
            if got is None:
                return None
            first, payload = got
            if first == CLOSE:
                self.close_code = int.from_bytes(payload[:2], "big") if payload else 1005
                self.close_reason = payload[2:].decode()
                self.raw(frame(CLOSE, payload[:2]))
                return None
            if first == PING and self.answers_pings:
                self.raw(frame(PONG, payload))
            if first == TEXT:
                self.seen.append(json.loads(payload))
                return self.seen[-1]

    def ask(self, **message):
        """The answer; prices and order updates that come before it are only noted."""
        self.say(**message)
        return self.answer()

    def answer(self, seconds=5.0):
        deadline = time.monotonic() + seconds
        while True:
            message = self.read(deadline - time.monotonic())
            if message is None or message.get("type") not in ("market_data", "order_update"):
                return message

    def find(self, fits, seconds=5.0):
        """The first message from now on that fits; None when the connection closes or none comes."""
        deadline = time.monotonic() + seconds
        try:
            while (message := self.read(deadline - time.monotonic())) is not None:
                if fits(message):
                    return message
        except TimeoutError:
            pass
        return None

    def until_closed(self, seconds=5.0):
        """The close code; 0 when it stays open, 1006 when it ended without one."""
        if self.close_code is None and self.find(lambda _: False, seconds) is None and self.close_code is None:
            return 1006 if self.has_ended() else 0
        return self.close_code

    def closing(self, seconds):
        """(the code of the close frame or nothing, after how many seconds); what comes before it is dropped."""
        started = time.monotonic()
        code = self.until_closed(seconds)
        return (code if self.close_code else None), time.monotonic() - started

    def has_ended(self):
        try:
            self.socket.settimeout(0.01)
            return self.socket.recv(1, socket.MSG_PEEK) == b""
        except TimeoutError:
            return False
        except OSError:
            return True

    def close(self):
        self.socket.close()
