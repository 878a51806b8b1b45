"""A crowd that signs in at once (R1): hashing is bounded, so memory is, whoever is not hashed for is told to come back, and orders
go on meanwhile. `LOGINS=10000 script/attack_tests` for the full crowd; every attempt has an address and an account of its own."""
import asyncio
import json
import os
import threading
import time

CROWD = int(os.environ.get("LOGINS", "1000"))
# One hash at a time has 64 MiB; the rest is what a connection, a request and its records need.
GROWTH_MAX_KIB = 2 * 64 * 1024 + 24 * CROWD


def resident_kib(gateway):
    with open(f"/proc/{gateway.process.pid}/status", encoding="ascii") as status:
        return int(next(line for line in status if line.startswith("VmRSS")).split()[1])


async def attempt(gateway, number, head, opened, go):
    """(status, whether Retry-After came). The body is sent when everybody is connected."""
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    body = json.dumps({"username": f"user{number}", "password": "not the password 12"}).encode()
    writer.write(head + (f"X-Forwarded-For: 10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}\r\n"
                         f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n").encode())
    opened()
    await go.wait()
    writer.write(body)
    answer = await asyncio.wait_for(reader.read(), 120)
    writer.close()
    return int(answer[9:12] or 0), b"retry-after:" in answer.lower()


async def crowd(gateway, head):
    """Everybody holds a connection before anybody sends a password."""
    go, count, everybody = asyncio.Event(), 0, asyncio.Event()

    def opened():
        nonlocal count
        count += 1
        if count == CROWD:
            everybody.set()

    tasks = [asyncio.create_task(attempt(gateway, number, head, opened, go)) for number in range(CROWD)]
    await asyncio.wait_for(everybody.wait(), 60)
    go.set()
    return await asyncio.gather(*tasks, return_exceptions=True)


def run(gateway, findings):
    token = gateway.request("GET", "/auth/csrf-token", client="198.51.100.1")
    cookie = "; ".join(f"{name}={value}" for name, value in token.cookies.items())
    head = (f"POST /auth/login HTTP/1.1\r\nHost: 127.0.0.1:{gateway.port}\r\nContent-Type: application/json\r\n"
            f"Cookie: {cookie}\r\nX-CSRF-Token: {token.json['csrf_token']}\r\n").encode()
    gateway.api("funds")
    before, peak, calls, ended = resident_kib(gateway), 0, [], threading.Event()

    def trade():
        nonlocal peak
        while not ended.is_set():
            started = time.monotonic()
            answer = gateway.api("placeorder", strategy="s", symbol="SBIN", exchange="NSE", action="BUY", product="MIS",
                                 pricetype="LIMIT", price="1", quantity="1")
            calls.append((answer.status, time.monotonic() - started))
            peak = max(peak, resident_kib(gateway))
            ended.wait(0.15)

    trader = threading.Thread(target=trade)
    trader.start()
    try:
        answers = asyncio.run(crowd(gateway, head))
    finally:
        ended.set()
        trader.join()
    peak = max(peak, resident_kib(gateway))
    broken = [answer for answer in answers if isinstance(answer, BaseException)]
    statuses = sorted({answer[0] for answer in answers if not isinstance(answer, BaseException)})
    told = [answer for answer in answers if not isinstance(answer, BaseException) and answer[0] in (429, 503)]
    hashed = sum(1 for answer in answers if not isinstance(answer, BaseException) and answer[0] == 401)
    findings.expect(len(broken) < CROWD // 20, f"nearly everybody is answered: {len(broken)} were not, {broken[:1]!r}")
    findings.expect(set(statuses) <= {401, 403, 429, 503}, f"nobody gets in: {statuses}")
    findings.expect(told and all(answer[1] for answer in told), "who is not hashed for is told when to come back")
    findings.expect(peak - before < GROWTH_MAX_KIB, f"R1 memory is bounded: {before} to {peak} KiB")
    placed = sum(1 for status, _ in calls if status == 200)
    findings.expect({status for status, _ in calls} <= {200, 503} and placed >= 0.95 * len(calls),
                    f"orders go on meanwhile: {placed} of {len(calls)} placed, the others told to come back")
    took = sorted(seconds for _, seconds in calls)
    print(f"   {CROWD} at once: {hashed} hashed, {len(told)} told to come back, {len(broken)} cut; memory {before // 1024} to {peak // 1024} MiB; "
          f"{placed} of {len(calls)} orders placed meanwhile, p50 {took[len(took) // 2] * 1000:.0f} ms, slowest {took[-1] * 1000:.0f} ms")
