"""Somebody who can write to the database file: every change to the audit chain is found and named."""
import hashlib
import json
import pathlib
import shutil
import sqlite3
import struct
import subprocess
import sys
import time

VERIFIER = pathlib.Path(__file__).parents[3] / "script" / "verify_audit.py"
COLUMNS = ("seq", "at_us", "kind", "actor", "address", "request_id", "body", "prev_hash", "hash")
DAY_US = 86_400_000_000


def record_hash(record):
    parts = [b"kavach.audit.record.v1\0", struct.pack(">qq", record["seq"], record["at_us"])]
    for name in ("prev_hash", "kind", "actor", "address", "request_id", "body"):
        text = record[name].encode()
        parts += [struct.pack(">I", len(text)), text]
    return hashlib.sha256(b"".join(parts)).hexdigest()


class Chain:
    """The database of a stopped gateway, open for an attacker."""

    def __init__(self, folder):
        self.db = sqlite3.connect(folder / "kavach.db")
        self.db.row_factory = sqlite3.Row

    def records(self):
        return [dict(row) for row in self.db.execute(f"SELECT {', '.join(COLUMNS)} FROM audit_events ORDER BY seq")]

    def rewrite(self, records):
        """A new chain with right hashes: what somebody does who knows the format."""
        previous = "0" * 64
        self.db.execute("DELETE FROM audit_events")
        for seq, record in enumerate(records, 1):
            record = {**record, "seq": seq, "prev_hash": previous}
            previous = record["hash"] = record_hash(record)
            self.db.execute(f"INSERT INTO audit_events ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * 9)})",
                            [record[name] for name in COLUMNS])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.db.commit()
        self.db.close()


def flip(chain):
    body = chain.db.execute("SELECT body FROM audit_events WHERE seq = 5").fetchone()[0]
    changed = body[:-2] + chr(ord(body[-2]) ^ 1) + body[-1]
    chain.db.execute("UPDATE audit_events SET body = ? WHERE seq = 5", [changed])


def delete(chain):
    chain.db.execute("DELETE FROM audit_events WHERE seq = 5")


def swap(chain):
    chain.db.execute("UPDATE audit_events SET seq = -1 WHERE seq = 5")
    chain.db.execute("UPDATE audit_events SET seq = 5 WHERE seq = 6")
    chain.db.execute("UPDATE audit_events SET seq = 6 WHERE seq = -1")


def insert(chain):
    """With a hash that is right for its place."""
    chain.db.execute("UPDATE audit_events SET seq = -seq WHERE seq >= 5")
    chain.db.execute("UPDATE audit_events SET seq = 1 - seq WHERE seq < 0")
    before = chain.records()[3]
    new = {**before, "seq": 5, "prev_hash": before["hash"], "kind": "login.succeeded"}
    new["hash"] = record_hash(new)
    chain.db.execute(f"INSERT INTO audit_events ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * 9)})",
                     [new[name] for name in COLUMNS])


def truncate(chain):
    chain.db.execute("DELETE FROM audit_events WHERE seq > (SELECT max(seq) - 2 FROM audit_events)")


def roll_back(chain):
    """A whole new chain, consistent in itself."""
    chain.rewrite(chain.records()[:-2])


def rewrite_sealed(chain):
    records = chain.records()
    records[2] = {**records[2], "actor": "nobody"}
    chain.rewrite(records)


def forge_segment(chain):
    chain.db.execute("UPDATE audit_segments SET root = ?", ["0" * 64])


def drop_segment(chain):
    chain.db.execute("DELETE FROM audit_segments")
    chain.rewrite([{**record, "actor": "nobody"} for record in chain.records()])


def export(gateway, name):
    path = gateway.folder.parent / f"{gateway.folder.name}-{name}.jsonl"
    path.write_text(gateway.command("audit", "export"))
    return path


def verify(gateway, *arguments):
    done = subprocess.run([gateway.binary, "audit", "verify", *arguments], env=gateway.environment(), text=True,
                          capture_output=True, timeout=60)
    return done.returncode, (done.stdout + done.stderr).strip()


def verify_elsewhere(path, *arguments):
    done = subprocess.run([sys.executable, VERIFIER, path, *arguments], text=True, capture_output=True, timeout=60)
    return done.returncode, (done.stdout + done.stderr).strip()


def make_sealed_chain(gateway):
    """Yesterday's records, sealed by the gateway itself, and some of today."""
    for number in range(6):
        gateway.api("placeorder", exchange="NSE", symbol="SBIN", action="BUY", quantity=number + 1, pricetype="MARKET",
                    product="MIS", strategy="audit")
    gateway.stop()
    with Chain(gateway.folder) as chain:
        chain.rewrite([{**record, "at_us": record["at_us"] - 2 * DAY_US} for record in chain.records()])
    gateway.start()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and "0 sealed" in verify(gateway)[1]:
        time.sleep(0.05)
    gateway.api("placeorder", exchange="NSE", symbol="ITC", action="BUY", quantity=1, pricetype="MARKET", product="MIS",
                strategy="audit")


def run(gateway, findings):
    make_sealed_chain(gateway)
    code, said = verify(gateway)
    findings.expect(code == 0 and "1 sealed" in said, f"an honest chain verifies: {said}")
    page = verify_page(gateway)
    findings.expect(page["intact"] and page["segments"] == 1, f"the page says so too: {page}")
    gateway.stop()
    kept = export(gateway, "kept")
    records = [json.loads(line) for line in kept.read_text().splitlines()]
    proved = [record for record in records if record["type"] == "record" and "proof" in record]
    findings.expect(len(proved) > 10, "sealed records are exported with inclusion proofs")
    findings.expect(verify_elsewhere(kept)[0] == 0, "the independent verifier accepts the honest export")

    saved = gateway.folder.parent / f"{gateway.folder.name}-saved"
    shutil.copytree(gateway.folder, saved)
    for attack, first_bad, needs_head in ((flip, 5, False), (delete, 5, False), (swap, 5, False), (insert, None, False),
                                          (truncate, None, True), (roll_back, None, True), (rewrite_sealed, None, False),
                                          (forge_segment, None, False), (drop_segment, None, True)):
        shutil.rmtree(gateway.folder)
        shutil.copytree(saved, gateway.folder)
        with Chain(gateway.folder) as chain:
            attack(chain)
        name = attack.__name__
        code, said = verify(gateway, *(["--head", str(kept)] if needs_head else []))
        findings.expect(code == 1 and "broken at record" in said, f"{name}: kavach audit verify finds it: {code} {said}")
        if first_bad:
            findings.expect(f"record {first_bad}:" in said or f"record {first_bad + 1}:" in said, f"{name}: names the first bad record: {said}")
        exported = export(gateway, "attacked")
        code, said = verify_elsewhere(exported, *(["--kept", str(kept)] if needs_head else []))
        findings.expect(code == 1, f"{name}: script/verify_audit.py finds it: {code} {said}")
        exported.unlink()

    # The gateway starts on a changed chain, so that it can be looked at, and its page names the record.
    shutil.rmtree(gateway.folder)
    shutil.copytree(saved, gateway.folder)
    with Chain(gateway.folder) as chain:
        flip(chain)
    gateway.start()
    page = verify_page(gateway)
    findings.expect(not page["intact"] and page["first_bad_sequence"] == 5, f"the page names the first bad record: {page}")
    shutil.rmtree(saved)
    kept.unlink()


def verify_page(gateway):
    gateway.sign_in()
    return gateway.console("GET", "/audit/api/verify").json["data"]
