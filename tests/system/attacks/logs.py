"""The log as its readers meet it: formats, ids, levels, the page, and what an attacker can do to it."""
import json
import os
import subprocess
import time


def lines_of(gateway):
    return (gateway.folder / "logs" / "kavach.log").read_text().splitlines()


def eventually(holds, seconds=5):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.05)
    return False


def place(gateway):
    return gateway.api("placeorder", exchange="NSE", symbol="SBIN", action="BUY", quantity=1, pricetype="MARKET",
                       product="MIS", strategy="logs")


def run(gateway, findings):
    placed = place(gateway)
    order_id, request_id = placed.json["orderid"], placed.headers["x-request-id"]
    findings.expect(eventually(lambda: any(order_id in line and request_id in line for line in lines_of(gateway))),
                    "an order's line has the request id and the order id")

    # Attackers cannot forge lines, nor fill the log.
    for number in range(400):
        gateway.request("GET", f"/nothing-{number}%22%20forged=%22yes", headers={"User-Agent": "x\ty"}, client="203.0.113.9")
        gateway.request("GET", "/nothing%0a2027-01-01T00:00:00Z%20error%20forged", client="203.0.113.9")
    refused = [line for line in lines_of(gateway) if "request.refused" in line]
    findings.expect(0 < len(refused) <= 40, f"800 hostile requests left {len(refused)} lines")
    findings.expect(not any(line.startswith("2027-01-01") for line in lines_of(gateway)), "no line was forged")
    findings.expect(not any(gateway.key in line for line in lines_of(gateway)), "the API key is not in the log")

    page(gateway, findings, request_id)
    formats_and_levels(gateway, findings)
    unwritable(gateway, findings)
    rotation(gateway, findings)


def page(gateway, findings, request_id):
    gateway.sign_in()
    data = gateway.console("GET", f"/logs/api/lines?text={request_id}").json["data"]["rows"]
    findings.expect(any(row["request_id"] == request_id for row in data), "the page finds a request by its id")
    warnings = gateway.console("GET", "/logs/api/lines?level=warning").json["data"]["rows"]
    findings.expect(all(row["level"] in ("warning", "error") for row in warnings), "the page filters by level")
    first = gateway.console("GET", "/logs/api/lines?limit=2").json["data"]
    second = gateway.console("GET", f"/logs/api/lines?limit=2&before={first['next']}").json["data"]
    findings.expect(len(second["rows"]) > 0 and second["rows"][0]["number"] < first["rows"][-1]["number"], "the page turns")


def formats_and_levels(gateway, findings):
    gateway.stop()
    (gateway.folder / "logs" / "kavach.log").unlink()
    gateway.settings.update(LOG_FORMAT="json", LOG_LEVEL="debug")
    gateway.start()
    placed = place(gateway)
    request_id = placed.headers["x-request-id"]
    findings.expect(eventually(lambda: any(request_id in line for line in lines_of(gateway))), "JSON lines are written")
    parsed = [json.loads(line) for line in lines_of(gateway)]
    findings.expect(all({"time", "level", "event"} <= line.keys() for line in parsed), "each line is one JSON object")
    findings.expect(any(line["event"] == "request.answered" for line in parsed), "LOG_LEVEL=debug shows every request")
    gateway.stop()
    (gateway.folder / "logs" / "kavach.log").unlink()
    gateway.settings.update(LOG_LEVEL="error", LOG_FORMAT="text")
    gateway.start()
    place(gateway)
    gateway.stop()
    findings.expect(all(" error " in line for line in lines_of(gateway)), "LOG_LEVEL=error shows errors alone")
    gateway.settings.update(LOG_LEVEL="loud")
    done = subprocess.run([gateway.binary, "serve"], env=gateway.environment(), text=True, capture_output=True, timeout=30)
    findings.expect(done.returncode != 0 and "LOG_LEVEL" in done.stderr, f"an unknown level stops the start: {done.stderr}")
    gateway.settings.update(LOG_LEVEL="info")


def unwritable(gateway, findings):
    blocked = gateway.folder / "blocked"
    blocked.write_text("a file where a folder should be")
    gateway.settings["LOG_DIR"] = str(blocked)
    done = subprocess.run([gateway.binary, "serve"], env=gateway.environment(), text=True, capture_output=True, timeout=30)
    findings.expect(done.returncode == 1 and "LOG_DIR" in done.stderr and done.stderr.count("\n") == 1,
                    f"an unwritable LOG_DIR stops the start in one line that says what to do: {done.stderr}")
    del gateway.settings["LOG_DIR"]


def rotation(gateway, findings):
    log = gateway.folder / "logs" / "kavach.log"
    with open(log, "ab") as full:
        full.truncate(10 * 1024 * 1024 - 10)
    gateway.start()
    for _ in range(5):
        place(gateway)
    findings.expect(eventually(lambda: (gateway.folder / "logs" / "kavach.1.log").exists()), "a full log is rotated")
    findings.expect(log.stat().st_size < 1024 * 1024, "and a new one begun")
    findings.expect(os.stat(log).st_mode & 0o077 == 0, "nobody else can read the log")
