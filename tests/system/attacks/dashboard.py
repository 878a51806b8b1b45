"""A scripted attack of which every step is known, and then every figure of the security page against the
database and against what was really sent (R40a)."""
import collections
import datetime
import sqlite3
import time

DAY_MICROS = 86_400_000_000


def micros(text):
    """A time of the page in the store's unit; none for none."""
    if text is None:
        return None
    moment = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return round(moment.timestamp() * 1_000_000)


def same_time(shown, stored):
    """The page shows whole seconds or less."""
    if shown is None or stored is None:
        return shown is None and stored is None
    return abs(micros(shown) - stored) <= 1_000_000


class Attack:
    """Sends, and keeps count of what was sent."""

    def __init__(self, gateway):
        self.gateway = gateway
        self.keys = collections.Counter()
        self.paths = collections.Counter()
        self.offences = collections.defaultdict(collections.Counter)
        self.total = 0

    def wrong_key(self, client, key, times=1):
        for _ in range(times):
            self.gateway.api("funds", client=client, key=key)
        self.keys[client, key] += times
        self.offences[client]["invalid_api_key"] += times
        self.total += times

    def unknown_path(self, client, path, weight=1, times=1):
        for _ in range(times):
            self.gateway.request("GET", path, client=client)
        self.paths[client, path] += times
        self.offences[client]["not_found"] += weight
        self.total += times

    def failed_login(self, client, times):
        for n in range(times):
            self.gateway.request("POST", "/auth/login", {"username": "nobody", "password": f"guess {n}"}, client=client,
                                 headers={"Sec-Fetch-Site": "same-origin", **self.login_headers(client)})
        self.offences[client]["failed_login"] += times
        self.total += times

    def login_headers(self, client):
        answer = self.gateway.request("GET", "/auth/csrf-token", client=client)
        cookie = "; ".join(f"{name}={value}" for name, value in answer.cookies.items())
        return {"Cookie": cookie, "X-CSRF-Token": answer.json["csrf_token"]}

    def forged(self, client, times):
        for _ in range(times):
            self.gateway.request("POST", "/security/clear-404", {"ip_address": "203.0.113.250"}, client=client,
                                 headers={"Cookie": self.gateway.cookie, "X-CSRF-Token": self.gateway.csrf, "Sec-Fetch-Site": "cross-site"})
        self.offences[client]["forged_csrf"] += times
        self.total += times


def stage(gateway, attack):
    for n in range(1, 6):
        attack.wrong_key(f"203.0.113.{n}", f"{n:x}" * 64, times=n)
    attack.wrong_key("203.0.113.5", "a" * 64, times=2)
    for n in range(11, 15):
        for path in range(n - 8):
            attack.unknown_path(f"203.0.113.{n}", f"/nothing-{path}", times=2)
    attack.unknown_path("203.0.113.14", "/wp-login.php", weight=5)
    attack.failed_login("203.0.113.21", 3)
    attack.forged("203.0.113.31", 4)
    for n in range(1, 4):
        attack.wrong_key(f"2001:db8:7::{n:x}", "b" * 64)
    # Two that earn their bans.
    attack.wrong_key("203.0.113.50", "c" * 64, times=10)
    for path in range(20):
        attack.unknown_path("203.0.113.51", f"/x{path}")


def manual_bans(gateway, expect):
    def ban(address, **fields):
        answer = gateway.console("POST", "/security/ban", {"ip_address": address, "reason": "drill", "permanent": False, **fields})
        expect(answer.status == 200, f"ban of {address}: {answer.status} {answer.text[:120]}")

    ban("203.0.113.101", duration_hours=24)
    ban("203.0.113.102", duration_hours=48)
    ban("203.0.113.103", duration_hours=168)
    ban("203.0.113.104", permanent=True)
    ban("198.18.4.0/24", duration_hours=24)
    gateway.command("ban", "203.0.113.105", "--for", "24h", "--reason", "by command")
    # Lifted and earned again: the history counts on.
    gateway.console("POST", "/security/unban", {"ip_address": "203.0.113.101"})
    ban("203.0.113.101", duration_hours=24)
    # Lifted, with offences since: a suspect with a past.
    gateway.console("POST", "/security/unban", {"ip_address": "203.0.113.102"})


def stored_offences(database, now):
    """What the offenders' rows say, counted by kind within the last day."""
    out = {}
    for network, offences in database.execute("SELECT network, offences FROM guard_offenders"):
        counts = collections.Counter()
        for part in filter(None, offences.split(";")):
            kind, at, weight, _ = part.split(":")
            if int(at) > now - DAY_MICROS:
                counts[kind] += int(weight)
        if counts:
            out[network] = counts
    return out


def compare_bans(data, database, now, expect):
    rows = {row[0]: row for row in database.execute(
        "SELECT network, kind, reason, ban_count, created_at, expires_at, created_by FROM guard_bans "
        "WHERE expires_at IS NULL OR expires_at > ?", (now,))}
    shown = {ban["network"]: ban for ban in data["bans"]}
    expect(shown.keys() == rows.keys(), f"R40a the bans shown are those stored: {sorted(shown.keys() ^ rows.keys())}")
    for network, (_, kind, reason, count, created, expires, creator) in rows.items():
        ban = shown.get(network, {})
        fine = (ban.get("kind"), ban.get("reason"), ban.get("count"), ban.get("created_by")) == (kind, reason, count, creator)
        expect(fine and same_time(ban["created_at"], created) and same_time(ban["expires_at"], expires), f"R40a the ban of {network}: {ban}")
    expect(data["totals"]["bans"] == len(rows), "R40a the number of bans")
    expect(data["totals"]["permanent_bans"] == sum(row[5] is None for row in rows.values()), "R40a the number of permanent bans")


def compare_suspects(data, database, attack, now, expect):
    stored = stored_offences(database, now)
    shown = {suspect["address"]: suspect for suspect in data["suspects"]}
    expect(shown.keys() == stored.keys(), f"R40a the suspects shown are those stored: {sorted(shown.keys() ^ stored.keys())}")
    named = {"invalid_api_keys": "invalid_api_key", "not_found": "not_found", "failed_logins": "failed_login"}
    sent = collections.defaultdict(collections.Counter)
    for client, counts in attack.offences.items():
        sent["2001:db8:7::/64" if client.startswith("2001:db8:7:") else client].update(counts)
    for address, counts in stored.items():
        suspect = shown.get(address, {})
        for figure, kind in named.items():
            expect(suspect.get(figure) == counts[kind], f"R40a {figure} of {address}: {suspect.get(figure)}, stored {counts[kind]}")
        other = sum(count for kind, count in counts.items() if kind not in named.values())
        expect(suspect.get("other") == other, f"R40a other offences of {address}: {suspect.get('other')}, stored {other}")
        expect(counts == sent[address], f"R40a {address} is accused of what it did: {dict(counts)}, sent {dict(sent[address])}")
        nearest = suspect["nearest"]
        expect(nearest["count"] == counts[nearest["offence"]], f"R40a nearest of {address}: {nearest}")
        expect(nearest["threshold"] == data["settings"][nearest["offence"] + "_threshold"], f"R40a threshold of {address}: {nearest}")
        shares = [count / data["settings"][kind + "_threshold"] for kind, count in counts.items()]
        expect(abs(nearest["count"] / nearest["threshold"] - max(shares)) < 1e-9, f"R40a {address} is nearest by {nearest}")
        past = database.execute("SELECT COUNT(*) FROM guard_ban_history WHERE network = ? AND action = 'ban'", (address,)).fetchone()[0]
        expect(suspect["ban_count"] == past, f"R40a former bans of {address}: {suspect['ban_count']}, stored {past}")
    expect(data["totals"]["suspects"] == len(stored), "R40a the number of suspects")


def compare_attempts(data, database, attack, expect):
    for figure, kind, subject, shown_max in [("paths", "path", "path", None), ("keys", "key_digest", "key_digest", 12)]:
        stored = {(network, text[:shown_max]): (count, last) for network, text, count, last in database.execute(
            "SELECT network, subject, attempts, last_at FROM guard_attempts WHERE kind = ?", (kind,))}
        shown = {(row["address"], row[subject]): row for row in data[figure]}
        expect(shown.keys() == stored.keys(), f"R40a {figure} shown are those stored: {sorted(shown.keys() ^ stored.keys())}")
        for key, (count, last) in stored.items():
            row = shown.get(key, {"count": None, "last_at": None})
            expect(row["count"] == count and same_time(row["last_at"], last), f"R40a {figure} {key}: {row}, stored {count}")
    sent = collections.Counter({key: count for key, count in attack.paths.items()})
    expect({(row["address"], row["path"]): row["count"] for row in data["paths"]} == dict(sent), "R40a the paths are those asked for")
    by_client = collections.Counter()
    for (client, _), count in attack.keys.items():
        by_client["2001:db8:7::/64" if client.startswith("2001:db8:7:") else client] += count
    shown = collections.Counter()
    for row in data["keys"]:
        shown[row["address"]] += row["count"]
    expect(shown == by_client, f"R40a as many wrong keys as were tried: {shown - by_client} {by_client - shown}")
    raw = "".join(row["key_digest"] for row in data["keys"])
    expect(all(len(row["key_digest"]) == 12 for row in data["keys"]) and "aaaa" not in raw and "cccc" not in raw, "R40a no key itself is shown")


def compare_history(gateway, database, expect):
    for (network,) in database.execute("SELECT DISTINCT network FROM guard_ban_history").fetchall():
        rows = database.execute("SELECT action, kind, reason, at, expires_at, actor FROM guard_ban_history WHERE network = ? ORDER BY id DESC",
                                (network,)).fetchall()
        shown = gateway.console("GET", f"/security/api/data?offender={network.replace('/', '%2F')}").json["data"]["history"]
        expect(len(shown) == len(rows), f"R40a the history of {network}: {len(shown)} shown, {len(rows)} stored")
        for line, (action, kind, reason, at, expires, actor) in zip(shown, rows):
            fine = (line["action"], line["kind"], line["reason"], line["created_by"]) == (action, kind, reason, actor)
            expect(fine and same_time(line["created_at"], at) and same_time(line["expires_at"], expires), f"R40a history of {network}: {line}")


def run(gateway, findings):
    expect = findings.expect
    gateway.sign_in()
    attack = Attack(gateway)
    stage(gateway, attack)
    manual_bans(gateway, expect)
    # Whose ban was lifted has a clean sheet and a past.
    attack.wrong_key("203.0.113.102", "d" * 64, times=2)
    # Who is banned is no suspect any more.
    for banned in ["203.0.113.50", "203.0.113.51"]:
        attack.offences.pop(banned)
    allowed = gateway.console("POST", "/security/allowlist", {"network": "198.51.100.0/28", "note": "office"})
    expect(allowed.status == 200, f"the allow list takes a network ({allowed.status})")

    # In force at once, and shown.
    changed = gateway.console("POST", "/security/settings", {"invalid_api_key_threshold": 12, "not_found_ban_hours": 36})
    expect(changed.status == 200, f"thresholds change ({changed.status})")
    attack.wrong_key("203.0.113.60", "e" * 64, times=11)
    answer = gateway.request("GET", "/health/status", client="203.0.113.60")
    expect(answer.status == 200, f"R40a eleven of twelve is no ban ({answer.status})")

    time.sleep(2.5)  # what happened is stored once a second
    now = time.time_ns() // 1000
    data = gateway.security()
    with sqlite3.connect(f"file:{gateway.folder}/kavach.db?mode=ro", uri=True) as database:
        compare_bans(data, database, now, expect)
        compare_suspects(data, database, attack, now, expect)
        compare_attempts(data, database, attack, expect)
        compare_history(gateway, database, expect)
        tally = database.execute("SELECT COALESCE(SUM(offences), 0) FROM guard_offence_tally WHERE minute > ?", (now // 60_000_000 - 1440,)).fetchone()[0]
        expect(data["totals"]["offences_24h"] == tally == attack.total,
               f"R40a offences of the day: {data['totals']['offences_24h']} shown, {tally} stored, {attack.total} committed")
        settings = dict(database.execute("SELECT name, value FROM guard_settings"))
        expect(settings == {"invalid_api_key_threshold": "12", "not_found_ban_hours": "36"}, f"R40a stored settings: {settings}")
        expect(data["settings"]["invalid_api_key_threshold"] == 12 and data["settings"]["not_found_ban_hours"] == 36, "R40a thresholds shown")
        listed = {row[0]: row[1:] for row in database.execute("SELECT network, note, source FROM guard_allow_list")}
        shown = {row["network"]: (row["note"], row["source"]) for row in data["allowlist"]}
        expect(shown == listed, f"R40a the allow list: {shown}, stored {listed}")
    expect(data["your_address"] == gateway.owner_address, f"R40a you come from {data['your_address']}")
    kinds = collections.Counter(event["kind"] for event in data["events"])
    expect(kinds["ban.created"] >= 7 and kinds["ban.removed"] >= 2, f"R40a the events tell of bans and their ends: {dict(kinds)}")
    stats = gateway.console("GET", "/security/stats").json["data"]
    expect(stats.get("bans") == data["totals"]["bans"], f"R40a the totals alone are the same: {stats}")
