"""Seeded garbage in methods, paths, headers and bodies: never a 5xx, never a crash, never our insides."""
import json
import random

LEAKS = ["sqlite", "traceback", "std::", "/work", "/src/", "boost", "exception", "segmentation", ".cpp"]


def garbage(rng, longest=200):
    alphabet = rng.choice([bytes(range(256)), b"abcdef0123456789", b"%/.;?#&=\\", b"{}[]\",:0123456789eE-+", b"\r\n\t :"])
    return bytes(rng.choice(alphabet) for _ in range(rng.randrange(longest)))


def run(gateway, findings):
    expect = findings.expect
    seed = 20270629
    rng = random.Random(seed)
    host = f"127.0.0.1:{gateway.port}".encode()
    bad, leaks = [], []
    for n in range(600):
        method = rng.choice([b"GET", b"POST", b"PUT", b"DELETE", b"OPTIONS", b"TRACE", garbage(rng, 10) or b"X"])
        path = rng.choice([b"/", b"/api/v1/quotes", b"/auth/login", b"/security/api/data"]) + rng.choice([b"", b"/" + garbage(rng), b"?" + garbage(rng)])
        head = method + b" " + path + b" HTTP/1.1\r\nHost: " + host + b"\r\nX-Forwarded-For: 198.51.100." + str(n % 250).encode() + b"\r\n"
        for _ in range(rng.randrange(3)):
            head += rng.choice([b"Cookie", b"Origin", b"Content-Type", b"X-API-KEY", b"Range", b"If-None-Match", garbage(rng, 12)]) + b": " + garbage(rng) + b"\r\n"
        body = rng.choice([b"", garbage(rng), json.dumps({"apikey": garbage(rng).decode("latin-1")}).encode(), b"[" * 1000, b'{"a":' * 500])
        received, _ = gateway.raw(head + b"Content-Type: application/json\r\nConnection: close\r\nContent-Length: " + str(len(body)).encode() + b"\r\n\r\n" + body, timeout=3)
        first = received[:15]
        if first.startswith(b"HTTP/1.1 5") and not first.startswith((b"HTTP/1.1 501", b"HTTP/1.1 503", b"HTTP/1.1 505")):
            bad.append((n, received[:200]))
        text = received.decode("latin-1").lower()
        leaks += [(n, word) for word in LEAKS if word in text]
    expect(not bad, f"seed {seed}: no server error, got {bad[:3]}")
    expect(not leaks, f"seed {seed}: nothing of our insides, got {leaks[:3]}")
    expect(gateway.is_alive(), f"seed {seed}: the gateway lives")
