"""Every refusal that can be provoked from outside, by its token in docs/defences.md: status, metric, and what
the defence does in shadow (counted there, and the request passes)."""
import pathlib
import re
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve().parents[3]
# `overloaded` takes a flood (strangers.py), `storage_unavailable` a broken disk (script/crash_tests), and a proof of
# identity only grows stale with time (tests/console).
ELSEWHERE = {"overloaded", "storage_unavailable", "step_up_required"}


def documented():
    rows = re.findall(r"^\| `(\w+)` \| (\d{3}) \|", (HERE / "docs/defences.md").read_text(), re.M)
    return {token: int(status) for token, status in rows}


class Metrics:
    def __init__(self, gateway):
        self.url = f"http://{gateway.settings['METRICS_ADDRESS']}/metrics"

    def read(self, series):
        text = urllib.request.urlopen(self.url, timeout=5).read().decode()
        return {token: int(value) for token, value in re.findall(rf'^{series}{{token="(\w+)"}} (\d+)', text, re.M)}


def provoke(gateway):
    """token: a function that earns it and answers the status."""
    session = {"Cookie": gateway.cookie}
    form = {**session, "X-CSRF-Token": gateway.csrf}
    post = lambda path, body=None, **options: gateway.request("POST", path, body, **options).status
    api = lambda key, resource="funds", client="198.51.100.200", **fields: gateway.api(resource, client=client, key=key, **fields).status
    order = {"strategy": "s", "symbol": "SBIN", "exchange": "NSE", "action": "BUY", "product": "MIS", "pricetype": "MARKET", "quantity": "1"}
    reader = gateway.command("apikey", "create", "--user", "ada", "--name", "reader", "--scope", "read").strip()
    bound = gateway.command("apikey", "create", "--user", "ada", "--name", "bound", "--allow", "192.0.2.0/24").strip()
    signed = gateway.command("apikey", "create", "--user", "ada", "--name", "signed").strip()
    gateway.command("user", "add", "--username", "eve", "--email", "eve@example.invalid", "--role", "viewer", "--password-stdin",
                    stdin="nine grey herons by the weir\n")
    time.sleep(1.2)  # a running gateway takes over what a command did within a second
    keys = gateway.console("GET", "/apikey").json["data"]["keys"]
    secret = gateway.console("POST", f"/apikey/{next(key['id'] for key in keys if key['name'] == 'signed')}/signing", {})
    assert secret.status == 200, secret.text
    eve = gateway.sign_in_as("eve", "nine grey herons by the weir")

    def often(ask, wanted, most=200):
        for _ in range(most):
            status = ask()
            if status == wanted:
                return status
        return status

    def banned():
        gateway.console("POST", "/security/ban", {"ip_address": "203.0.113.9", "reason": "x", "duration_hours": 24, "permanent": False})
        return gateway.request("GET", "/health/status", client="203.0.113.9").status

    def too_large():
        received, _ = gateway.raw(f"POST /api/v1/funds HTTP/1.1\r\nHost: 127.0.0.1:{gateway.port}\r\nContent-Length: 99999999\r\n\r\n".encode())
        return int(received[9:12])

    def broken_head():
        received, _ = gateway.raw(f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{gateway.port}\r\nbad header : x\r\n\r\n".encode())
        return int(received[9:12])

    return {
        "banned": banned,
        "ambiguous_client_address": lambda: gateway.request("GET", "/", headers={"X-Real-IP": "8.8.8.8"}, client="203.0.113.10").status,
        "misdirected_host": lambda: gateway.request("GET", "/", headers={"Host": "evil.example"}).status,
        "rate_limited": lambda: often(lambda: api(gateway.key, "ping"), 429),
        "address_rate_limited": lambda: often(lambda: gateway.request("GET", "/assets/none", client="203.0.113.11").status, 429),
        "missing_credential": lambda: gateway.request("GET", "/security/api/data").status,
        "invalid_api_key": lambda: api("f" * 64, client="203.0.113.12"),
        "key_in_query": lambda: post("/api/v1/funds?apikey=" + "f" * 64, {"apikey": "f" * 64}, client="203.0.113.12"),
        "session_expired": lambda: gateway.request("GET", "/security/api/data",
                                                   headers={"Cookie": re.sub(r"=[^;]*", "=" + "0" * 64, gateway.cookie)}).status,
        "out_of_scope": lambda: api(reader, "placeorder", **order),
        "owner_only": lambda: gateway.request("GET", "/security/api/data", headers=eve, client=gateway.owner_address).status,
        "key_address_not_allowed": lambda: api(bound, client="203.0.113.13"),
        "bad_signature": lambda: api(signed),
        "csrf": lambda: post("/security/clear-404", {"ip_address": "203.0.113.99"}, headers=session, client=gateway.owner_address),
        "cross_site": lambda: post("/security/clear-404", {"ip_address": "203.0.113.99"}, headers={**form, "Sec-Fetch-Site": "cross-site"},
                                   client=gateway.owner_address),
        "confirm_required": lambda: gateway.console("POST", "/security/ban", {"ip_address": gateway.owner_address, "permanent": False, "reason": "x",
                                                                             "duration_hours": 24}).status,
        "not_found": lambda: gateway.request("GET", "/nowhere", client="203.0.113.14").status,
        "method_not_allowed": lambda: gateway.request("DELETE", "/health/status", client="203.0.113.14").status,
        "malformed_body": lambda: post("/api/v1/funds", "{", client="203.0.113.14"),
        "malformed_request": broken_head,
        "body_too_large": too_large,
        "unsupported_upload": lambda: post("/security/bans/import?filename=bans.exe", "203.0.113.9\n", headers={**form, "Content-Type": "text/csv"},
                                           client=gateway.owner_address),
        "cors_origin": lambda: gateway.request("OPTIONS", "/api/v1/funds", client="203.0.113.14",
                                               headers={"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}).status,
    }


def refusals(gateway, metrics, expect):
    documented_tokens = documented()
    earned = provoke(gateway)
    expect(earned.keys() | ELSEWHERE == documented_tokens.keys(), f"every token of the manual is tried: {earned.keys() ^ documented_tokens.keys()}")
    for token, ask in earned.items():
        before = metrics.read("kavach_refusals_total")
        status = ask()
        expect(status == documented_tokens[token], f"{token} answers {documented_tokens[token]}: {status}")
        # The server has a finer word for what breaks HTTP (docs/http.md).
        counted = "header_name" if token == "malformed_request" else token
        after = metrics.read("kavach_refusals_total")
        rose = after.get(counted, 0) > before.get(counted, 0)
        expect(rose, f"{token} is counted: {before.get(counted, 0)} -> {after.get(counted, 0)}")


def shadows(gateway, metrics, expect):
    session = {"Cookie": gateway.cookie}

    def shadow(name, on):
        changed = gateway.console("POST", "/security/settings", {name: on})
        expect(changed.status == 200, f"{name} = {on}: {changed.status}")

    def wrong_keys(client):
        for _ in range(12):
            gateway.api("funds", client=client, key="e" * 64)
        return gateway.request("GET", "/health/status", client=client).status

    trials = {
        "shadow_ban_list": ("banned", lambda: gateway.request("GET", "/health/status", client="203.0.113.9").status, 200, 403),
        "shadow_auto_ban": ("banned", lambda: wrong_keys("203.0.113.40"), 200, None),
        "shadow_rate_limits": ("rate_limited", lambda: max(gateway.api("ping").status for _ in range(150)), 200, 429),
        "shadow_host_check": ("misdirected_host", lambda: gateway.request("GET", "/health/status", headers={"Host": "evil.example"}).status, 200, 421),
        "shadow_csrf": ("csrf", lambda: gateway.request("POST", "/security/clear-404", {"ip_address": "203.0.113.99"}, headers=session,
                                                        client=gateway.owner_address).status, 200, 403),
    }
    for name, (token, ask, passes, refused) in trials.items():
        shadow(name, True)
        before = metrics.read("kavach_shadow_refusals_total").get(token, 0)
        status = ask()
        expect(status == passes, f"{name}: the request passes ({status})")
        after = metrics.read("kavach_shadow_refusals_total").get(token, 0)
        expect(after > before, f"{name}: counted as {token} ({before} -> {after})")
        shadow(name, False)
        if refused:
            status = ask()
            expect(status == refused, f"{name} ended: refused again ({status})")
    expect(gateway.request("GET", "/health/status", client="203.0.113.40").status == 200, "what shadow counted bans nobody afterwards")


def run(gateway, findings):
    gateway.sign_in()
    metrics = Metrics(gateway)
    refusals(gateway, metrics, findings.expect)
    shadows(gateway, metrics, findings.expect)
