"""Just enough of RFC 6455 to say something to the gateway and hear it answer."""
import base64
import os
import socket
import struct
import time


class WebSocket:
    def __init__(self, port, headers=""):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=5)
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall((f"GET /ws HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                             f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n{headers}\r\n").encode())
        self.buffer = b""
        while b"\r\n\r\n" not in self.buffer:
            piece = self.socket.recv(4096)
            if not piece:
                raise OSError("no upgrade: " + self.buffer[:100].decode(errors="replace"))
            self.buffer += piece
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        if b" 101 " not in head.split(b"\r\n")[0]:
            raise OSError("no upgrade: " + head[:100].decode(errors="replace"))

    def send(self, text, opcode=1):
        data, mask = text if isinstance(text, bytes) else text.encode(), os.urandom(4)
        length = bytes([0x80 | len(data)]) if len(data) < 126 else b"\xfe" + struct.pack(">H", len(data))
        masked = bytes(b ^ mask[i % 4] for i, b in enumerate(data))
        self.socket.sendall(bytes([0x80 | opcode]) + length + mask + masked)

    def hear(self):
        """Whatever the gateway has sent so far, at least something, or nothing when it closes or is silent."""
        try:
            return self.socket.recv(65536)
        except OSError:
            return b""

    def closing(self, seconds):
        """(the code of the close frame or nothing, after how many seconds); what comes before it is dropped."""
        started = time.monotonic()
        self.socket.settimeout(seconds)
        try:
            while True:
                opcode, length = self.take(2)
                length &= 0x7F
                if length > 125:
                    length = int.from_bytes(self.take(2 if length == 126 else 8), "big")
                data = self.take(length)
                if opcode & 0x0F == 8:
                    return int.from_bytes(data[:2], "big"), time.monotonic() - started
        except OSError:
            return None, time.monotonic() - started

    def take(self, count):
        while len(self.buffer) < count:
            piece = self.socket.recv(65536)
            if not piece:
                raise OSError("closed without a close frame")
            self.buffer += piece
        taken, self.buffer = self.buffer[:count], self.buffer[count:]
        return taken

    def close(self):
        self.socket.close()
