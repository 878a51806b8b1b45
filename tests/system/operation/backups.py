"""Backups made while trading goes on, and restored: onto a fresh folder, onto a newer version, or not at all (R28)."""
import random
import sqlite3
import threading

import sealed
from folders import Bare, digest
from gateway import Gateway

LIMITS = {"API_RATE_LIMIT": "1000 per second", "ORDER_RATE_LIMIT": "1000 per second", "CONSOLE_SENSITIVE_RATE_LIMIT": "600 per minute"}


class Trader:
    """Places orders until told to stop; the ids that were acknowledged, and every refusal."""

    def __init__(self, gateway):
        self.gateway, self.orders, self.refused, self.stopping = gateway, [], [], threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        while not self.stopping.is_set():
            answer = self.gateway.api("placeorder", strategy="backup", exchange="NSE", symbol="SBIN", action="BUY", quantity=1,
                                      pricetype="LIMIT", price=1, product="MIS")
            if answer.status == 200:
                self.orders.append(answer.json["orderid"])
            else:
                self.refused.append(answer.text[:200])
            self.stopping.wait(0.01)

    def stop(self):
        self.stopping.set()
        self.thread.join()


def app_key_of(gateway):
    return next(line.split("=", 1)[1] for line in (gateway.folder / "secrets.env").read_text().splitlines() if line.startswith("APP_KEY="))


def make(gateway, findings):
    """A backup by command and one by the console, with orders all the while."""
    gateway.sign_in()
    kept = gateway.console("POST", "/apikey", {"name": "kept", "scope": "read", "retrievable": True})
    findings.expect(kept.status == 200, f"something is sealed: {kept.text[:200]}")
    trader = Trader(gateway)
    while len(trader.orders) < 20:
        trader.stopping.wait(0.05)
    before = list(trader.orders)
    by_command = gateway.folder / "by-command"
    gateway.command("backup", str(by_command))
    made = gateway.console("POST", "/backup/api/create", {}).json["data"]
    fetched = gateway.request("GET", "/backup/api/download/" + made["name"], client=gateway.owner_address,
                              headers={"Cookie": gateway.cookie})
    trader.stopping.wait(0.3)
    trader.stop()
    findings.expect(not trader.refused, f"no order was refused while backups were made: {trader.refused[:2]}")
    findings.expect(len(trader.orders) > len(before), "orders went on being placed")
    findings.expect(fetched.status == 200 and int(fetched.headers["content-length"]) == made["bytes"], "the console's file is fetched")
    stored = (gateway.folder / "backups" / made["name"]).read_bytes()
    for name, data in {"by command": by_command.read_bytes(), "by the console": stored}.items():
        findings.expect(data[:8] == b"KAVACHB1", f"the file {name} has the header of its version")
        findings.expect(b"SQLite format" not in data and gateway.key.encode() not in data and b"SBIN" not in data,
                        f"the file {name} shows nothing")
        findings.expect(sealed.unseal(app_key_of(gateway), data).startswith(b"SQLite format 3"),
                        f"the file {name} is what src/app/backup_file.h describes")
    findings.expect(by_command.stat().st_mode & 0o777 == 0o600, "the file is private")
    done = gateway.command("backup", str(by_command), check=False)
    findings.expect(not done and by_command.read_bytes()[:8] == b"KAVACHB1", "a backup does not overwrite a file")
    return by_command.read_bytes(), before


def holds(gateway, findings, what, orders):
    answer = gateway.api("orderbook")
    findings.expect(answer.status == 200, f"{what}: the key works: {answer.status} {answer.text[:200]}")
    found = {order["orderid"] for order in answer.json["data"]["orders"]}
    findings.expect(set(orders) <= found, f"{what}: {len(set(orders) - found)} acknowledged orders are missing")
    gateway.sign_in()
    findings.expect(gateway.console("GET", "/auth/session-status").status == 200, f"{what}: the password works")
    done = gateway.run("audit", "verify") if isinstance(gateway, Bare) else None
    findings.expect(done is None or done.returncode == 0, f"{what}: the audit chain verifies")


def restored(binary, source, file, findings, what, orders):
    with Bare(binary, **LIMITS) as fresh:
        (fresh.folder / "secrets.env").write_text((source.folder / "secrets.env").read_text())
        (fresh.folder / "secrets.env").chmod(0o600)
        (fresh.folder / "the-backup").write_bytes(file)
        done = fresh.run("restore", str(fresh.folder / "the-backup"))
        if not findings.expect(done.returncode == 0, f"{what}: restored: {done.stderr.strip()}"):
            return
        fresh.key = source.key
        fresh.start()
        old_session = fresh.request("GET", "/auth/session-status", headers={"Cookie": source.cookie})
        findings.expect(old_session.status == 401, f"{what}: who was signed in then is not now")
        holds(fresh, findings, what, orders)
        fresh.stop()
        database = sqlite3.connect(fresh.folder / "kavach.db")
        rooms = {room for room, in database.execute("SELECT DISTINCT room FROM schema_migrations")}
        database.close()
        findings.expect("app" in rooms, f"{what}: the store is of this version: {rooms}")


def as_an_earlier_version_made_it(app_key, file, scratch):
    """The same backup without the tables that came later, as a version before them would have written it."""
    plain = scratch / "earlier.db"
    plain.write_bytes(sealed.unseal(app_key, file))
    database = sqlite3.connect(plain)
    database.execute("DROP TABLE key_rotations")
    database.execute("DROP TABLE kill_switch_requests")
    database.execute("DELETE FROM schema_migrations WHERE room = 'app'")
    database.commit()
    database.execute("VACUUM")
    database.close()
    return sealed.seal(app_key, file[:sealed.HEADER], plain.read_bytes())


def as_a_later_version_made_it(app_key, file, scratch):
    plain = scratch / "later.db"
    plain.write_bytes(sealed.unseal(app_key, file))
    database = sqlite3.connect(plain)
    columns = [row[1] for row in database.execute("PRAGMA table_info(schema_migrations)")]
    row = dict(zip(columns, database.execute("SELECT * FROM schema_migrations WHERE room = 'app'").fetchone()))
    row["version"] = 999
    database.execute(f"INSERT INTO schema_migrations ({','.join(row)}) VALUES ({','.join('?' * len(row))})", list(row.values()))
    database.commit()
    database.execute("VACUUM")
    database.close()
    data = sealed.seal(app_key, file[:sealed.HEADER], plain.read_bytes())
    plain.unlink()
    return data


def before_a_rotation(binary, gateway, file, findings):
    """A backup whose secrets were forgotten since: restored, with word of what they would open."""
    with Bare(binary, **LIMITS) as fresh:
        (fresh.folder / "secrets.env").write_text((gateway.folder / "secrets.env").read_text())
        (fresh.folder / "secrets.env").chmod(0o600)
        (fresh.folder / "the-backup").write_bytes(file)
        former = (fresh.folder / "secrets.env").read_text()
        said = [fresh.command("keys", "rotate", "--only", "field"), fresh.command("restore", str(fresh.folder / "the-backup"))]
        findings.expect("1 encrypted values" in said[1] and "FERNET_SALT_OLDER" in said[1], f"a restore says what it needs: {said[1]}")
        older = next(line for line in former.splitlines() if line.startswith("FERNET_SALT=")).split("=", 1)[1]
        with open(fresh.folder / "secrets.env", "a") as secrets:
            secrets.write(f"FERNET_SALT_OLDER={older}\n")
        said = fresh.command("keys", "rotate", "--only", "field")
        findings.expect("1 stored secrets were encrypted again" in said, f"and reads it once it is there: {said}")


def refuse(gateway, file, findings):
    """Whatever is wrong with a file, nothing of it is restored and nothing has changed."""
    rng = random.Random(11)
    gateway.stop()
    app_key = app_key_of(gateway)
    plain = sealed.unseal(app_key, file)
    broken = {"empty": b"", "a header alone": file[:48], "half a header": file[:20], "foreign": b"PK\x03\x04" + bytes(5000),
              "a bare database": plain, "an older format": b"KAVACHB0" + file[8:], "a newer format": b"KAVACHB9" + file[8:],
              "longer": file + b"x", "a chunk twice": file + file[48:48 + 65552], "without its last chunk": file[:48 + 65552],
              "not a database": sealed.seal(app_key, file[:48], b"this is no database" * 100),
              "a database of another program": sealed.seal(app_key, file[:48], other_database(gateway.folder)),
              "damaged pages": sealed.seal(app_key, file[:48], plain[:len(plain) // 2] + bytes(8192) + plain[len(plain) // 2 + 8192:])}
    for n in range(6):
        at = rng.randrange(len(file))
        broken[f"a bit flipped at {at}"] = file[:at] + bytes([file[at] ^ 1 << n]) + file[at + 1:]
        broken[f"cut at {at}"] = file[:at]
    broken["of a later version"] = as_a_later_version_made_it(app_key, file, gateway.folder)
    path = gateway.folder.parent / (gateway.folder.name + "-broken")
    before = digest(gateway.folder)
    for what, data in broken.items():
        path.write_bytes(data)
        done = gateway.command_result("restore", str(path))
        findings.expect(done.returncode == 1 and len(done.stderr.strip().splitlines()) == 1 and len(done.stderr) > 20,
                        f"{what}: refused with one clear line: {done.returncode} {done.stderr.strip()[:200]}")
        findings.expect("Traceback" not in done.stderr and "terminate" not in done.stderr, f"{what}: an answer, not a crash")
        findings.expect(digest(gateway.folder) == before, f"{what}: nothing has changed")
    path.write_bytes(file)
    gateway.start()
    done = gateway.command_result("restore", str(path))
    findings.expect(done.returncode == 1, "nothing is restored under a running gateway")
    path.unlink()


def other_database(folder):
    path = folder.parent / (folder.name + "-other.db")
    database = sqlite3.connect(path)
    database.execute("PRAGMA application_id = 12345")
    database.execute("CREATE TABLE users (id INTEGER)")
    database.commit()
    database.close()
    data = path.read_bytes()
    path.unlink()
    return data


class Source(Gateway):
    def command_result(self, *arguments):
        return Bare.run(self, *arguments)


def run(binary, findings):
    with Source(binary, **LIMITS) as gateway:
        file, orders = make(gateway, findings)
        restored(binary, gateway, file, findings, "onto a fresh folder", orders)
        earlier = as_an_earlier_version_made_it(app_key_of(gateway), file, gateway.folder)
        (gateway.folder / "earlier.db").unlink()
        restored(binary, gateway, earlier, findings, "of an earlier version", orders)
        before_a_rotation(binary, gateway, file, findings)
        with Bare(binary) as stranger:
            stranger.run("user", "list")
            (stranger.folder / "the-backup").write_bytes(file)
            before = digest(stranger.folder)
            done = stranger.run("restore", str(stranger.folder / "the-backup"))
            findings.expect(done.returncode == 1 and "secrets.env" in done.stderr, f"another gateway's backup: {done.stderr.strip()}")
            findings.expect(digest(stranger.folder) == before, "another gateway's backup changes nothing")
        refuse(gateway, file, findings)
        holds(gateway, findings, "after all refusals", orders)
