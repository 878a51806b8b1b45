"""What a hostile page or a rebound name can do: Host, Origin, CSRF, CORS, headers (R23)."""


def run(gateway, findings):
    expect = findings.expect
    gateway.sign_in()
    host = f"127.0.0.1:{gateway.port}"
    for name in ["evil.example", f"evil.example:{gateway.port}", "127.0.0.1.evil.example", "localhost.evil.example", "169.254.169.254", "*"]:
        expect(gateway.request("GET", "/health/status", headers={"Host": name}).status in (400, 421), f"R23 Host {name} is refused")

    session = {"Cookie": gateway.cookie}
    write = {"ip_address": "198.51.100.99", "reason": "forged", "duration_hours": 24, "permanent": False}

    def forged(headers):
        return gateway.request("POST", "/security/ban", write, headers={**session, **headers}, client=gateway.owner_address).status

    expect(forged({}) == 403, "R23 no token, no change")
    expect(forged({"X-CSRF-Token": "0" * 64}) == 403, "R23 a made-up token is refused")
    expect(forged({"X-CSRF-Token": gateway.csrf, "Origin": "https://evil.example"}) == 403, "R23 another origin is refused even with the token")
    expect(forged({"X-CSRF-Token": gateway.csrf, "Origin": "null"}) == 403, "R23 a sandboxed frame is refused")
    expect(forged({"X-CSRF-Token": gateway.csrf, "Sec-Fetch-Site": "cross-site"}) == 403, "R23 cross-site is refused")
    expect(forged({"X-CSRF-Token": gateway.csrf, "Sec-Fetch-Site": "same-site"}) == 403, "R23 same-site is refused")
    expect(forged({"X-CSRF-Token": gateway.csrf, "Origin": f"http://{host}", "Sec-Fetch-Site": "same-origin"}) == 200, "our own page may")

    for origin in ["https://evil.example", "null", f"http://{host}.evil.example"]:
        answer = gateway.request("OPTIONS", "/api/v1/funds", headers={"Origin": origin, "Access-Control-Request-Method": "POST"})
        expect("access-control-allow-origin" not in answer.headers, f"R23 no CORS for {origin}")
        answer = gateway.request("GET", "/health/status", headers={"Origin": origin})
        expect("access-control-allow-origin" not in answer.headers, f"R23 no CORS on a reply for {origin}")

    for method, path in [("GET", "/"), ("GET", "/nope"), ("GET", "/api/v1/nope"), ("GET", "/health/status"), ("DELETE", "/health/status"), ("POST", "/auth/login")]:
        answer = gateway.request(method, path)
        for header, must in [("content-security-policy", "frame-ancestors 'none'"), ("x-content-type-options", "nosniff"),
                             ("referrer-policy", ""), ("permissions-policy", "camera=()"), ("cross-origin-opener-policy", "same-origin"),
                             ("cross-origin-resource-policy", "same-origin"), ("x-request-id", "")]:
            expect(must in answer.headers.get(header, "absent" if must else header) and header in answer.headers,
                   f"R23 {method} {path} carries {header}")
        policy = answer.headers.get("content-security-policy", "")
        expect("unsafe-inline" not in policy and "unsafe-eval" not in policy, f"R23 {path}: no unsafe sources")
        if path != "/":
            expect("no-store" in answer.headers.get("cache-control", ""), f"R23 {path} stays out of caches")
