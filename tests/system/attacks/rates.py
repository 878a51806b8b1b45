"""Floods against the limits: strangers cannot use up what belongs to the owner (R20)."""
import concurrent.futures


def run(gateway, findings):
    expect = findings.expect
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        # From the proxy's own address, which is never banned: the worst case of a shared address.
        flood = list(pool.map(lambda n: gateway.request("POST", "/api/v1/funds", {"apikey": f"{n:064x}"}).status, range(400)))
    expect(set(flood) <= {403, 429, 503}, f"the flood is refused: {sorted(set(flood))}")
    expect(flood.count(429) > 0, "R20 the flood runs into a limit")
    owner = [gateway.request("POST", "/api/v1/funds", {"apikey": gateway.key}).status for _ in range(10)]
    expect(owner == [200] * 10, f"R20 the owner behind the same address is not limited: {owner}")

    burst = [gateway.api("placeorder", strategy="s", symbol="SBIN", exchange="NSE", action="BUY", product="MIS",
                         pricetype="MARKET", quantity="1") for _ in range(15)]
    refused = [answer for answer in burst if answer.status == 429]
    expect(len(refused) >= 1, "orders run into their own limit")
    if refused:
        expect(refused[0].json == {"message": "10 per 1 second"}, f"the contract's body: {refused[0].text}")
        for header in ("retry-after", "ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"):
            expect(header in refused[0].headers, f"a 429 carries {header}")
    expect(gateway.api("funds").status == 200, "a full order bucket does not stop other calls")

    logins = [gateway.request("POST", "/auth/login", {"username": "ada", "password": f"wrong {n}"}, client="203.0.113.50").status
              for n in range(30)]
    expect(200 not in logins and (429 in logins or 403 in logins), f"password guessing is limited: {sorted(set(logins))}")
