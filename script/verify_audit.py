#!/usr/bin/env python3
"""Checks an audit export without the gateway: hashes, chain, sealed segments, inclusion proofs, signed head.

    verify_audit.py EXPORT [--heads FILE] [--kept FILE] [--key HEX]... [--part]

EXPORT  JSON lines, or CSV together with --heads (the segments and signed head as JSON lines)
--kept  a head or whole export that was kept elsewhere: finds a cut-off or rewritten chain
--key   a signing key to believe; without it every signature is only checked against the key beside it
--part  the export covers a range of time, so that records before and after it may be missing

Exits 1 and names the first bad record. Written from docs/audit-events.md alone; needs Python 3 and its
`cryptography` package, and shares no code with the gateway.
"""
import argparse
import csv
import hashlib
import json
import struct
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

GENESIS = "0" * 64


class Bad(Exception):
    pass


def sha256(data):
    return hashlib.sha256(data).digest()


def record_hash(record):
    parts = [b"kavach.audit.record.v1\0", struct.pack(">qq", record["seq"], record["at_us"])]
    for name in ("prev_hash", "kind", "actor", "address", "request_id", "body"):
        text = record[name].encode()
        parts += [struct.pack(">I", len(text)), text]
    return sha256(b"".join(parts)).hex()


def leaf(record):
    return sha256(b"\0" + record["hash"].encode())


def node(left, right):
    return sha256(b"\1" + left + right)


def merkle_root(leaves):
    if not leaves:
        return sha256(b"")
    while len(leaves) > 1:
        level = [node(a, b) for a, b in zip(leaves[::2], leaves[1::2])]
        if len(leaves) % 2:
            level.append(leaves[-1])
        leaves = level
    return leaves[0]


def included(value, index, size, path, root):
    if index >= size:
        return False
    last = size - 1
    for sibling in path:
        if last == 0:
            return False
        if index % 2 or index == last:
            value = node(sibling, value)
            while index % 2 == 0 and index:
                index >>= 1
                last >>= 1
        else:
            value = node(value, sibling)
        index >>= 1
        last >>= 1
    return last == 0 and value == root


def segment_text(segment):
    return (f"kavach audit segment v1\nnumber {segment['number']}\nday {segment['day']}\n"
            f"first {segment['first_seq']}\nlast {segment['last_seq']}\n"
            f"first-prev-hash {segment['first_prev_hash']}\nlast-hash {segment['last_hash']}\n"
            f"root {segment['root']}\nprevious {segment['previous']}\n"
            f"sealed-at-us {segment['sealed_at_us']}\n").encode()


def head_text(head):
    return f"kavach audit head v1\nseq {head['seq']}\nhash {head['hash']}\nat-us {head['at_us']}\n".encode()


def check_signature(what, text, public_key, signature, keys):
    if keys and public_key not in keys:
        raise Bad(f"{what} is signed with an unknown key {public_key}")
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key)).verify(bytes.fromhex(signature), text)
    except (InvalidSignature, ValueError):
        raise Bad(f"the signature of {what} is wrong")


def read_lines(path):
    records, segments, head = [], [], None
    with open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                item = json.loads(line)
                kind = item["type"]
            except (ValueError, KeyError, TypeError):
                raise Bad(f"line {number} of {path} is not part of an audit export")
            if kind == "record":
                records.append(item)
            elif kind == "segment":
                segments.append(item)
            elif kind == "head":
                head = item
    return records, segments, head


def read_csv(path):
    records = []
    with open(path, encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            # An apostrophe in front disarms formulas; taking one away restores the text.
            item = {name: text[1:] if text.startswith("'") else text for name, text in row.items()}
            item["seq"], item["at_us"] = int(item["seq"]), int(item["at_us"])
            if item["segment"]:
                item["segment"], item["leaf_index"] = int(item["segment"]), int(item["leaf_index"])
                item["proof"] = item["proof"].split()
            else:
                del item["segment"], item["proof"]
            records.append(item)
    return records


def check_chain(records, part):
    expected = records[0]["seq"] if part and records else 1
    previous = records[0]["prev_hash"] if part and records else GENESIS
    for record in records:
        seq = record["seq"]
        if seq > expected:
            raise Bad(f"record {expected} is missing")
        if seq < expected:
            raise Bad(f"record {seq} is not in its place")
        if record["hash"] != record_hash(record):
            raise Bad(f"record {seq} was changed")
        if record["prev_hash"] != previous:
            raise Bad(f"record {seq} does not follow the one before it")
        previous, expected = record["hash"], seq + 1


def check_segments(segments, records, keys, part):
    by_seq = {record["seq"]: record for record in records}
    digest, next_first = GENESIS, 1
    for number, segment in enumerate(segments, 1):
        name = f"segment {segment['number']}"
        if segment["number"] != number or segment["previous"] != digest or segment["first_seq"] != next_first:
            raise Bad(f"{name} does not follow the one before it (first record {segment['first_seq']})")
        check_signature(name, segment_text(segment), segment["public_key"], segment["signature"], keys)
        digest = sha256(segment_text(segment)).hex()
        next_first = segment["last_seq"] + 1
        wanted = range(segment["first_seq"], segment["last_seq"] + 1)
        inside = [by_seq[seq] for seq in wanted if seq in by_seq]
        if len(inside) == len(wanted):
            root = merkle_root([leaf(record) for record in inside])
            if root.hex() != segment["root"] or inside[-1]["hash"] != segment["last_hash"]:
                raise Bad(f"the records of {name} are not those that were sealed "
                          f"(first record {segment['first_seq']})")
        elif not part:
            raise Bad(f"record {next(seq for seq in wanted if seq not in by_seq)} is missing, {name} has it")


def check_proofs(segments, records):
    by_number = {segment["number"]: segment for segment in segments}
    count = 0
    for record in records:
        if "segment" not in record:
            continue
        segment = by_number.get(record["segment"])
        if segment is None:
            raise Bad(f"record {record['seq']} names segment {record['segment']}, which is missing")
        size = segment["last_seq"] - segment["first_seq"] + 1
        path = [bytes.fromhex(text) for text in record["proof"]]
        if not included(leaf(record), record["leaf_index"], size, path, bytes.fromhex(segment["root"])):
            raise Bad(f"the inclusion proof of record {record['seq']} is wrong")
        count += 1
    return count


def check_head(head, records, keys, part):
    check_signature("the head", head_text(head), head["public_key"], head["signature"], keys)
    last = records[-1]["seq"] if records else 0
    if last < head["seq"] and not part:
        raise Bad(f"record {last + 1} is missing: the signed head is at {head['seq']}")
    if last == head["seq"] and records and records[-1]["hash"] != head["hash"]:
        raise Bad(f"record {last} is not the one that the head names")


def check_kept(path, records, keys):
    _, _, kept = read_lines(path)
    if kept is None:
        raise Bad(f"{path} has no signed head")
    check_signature("the kept head", head_text(kept), kept["public_key"], kept["signature"], keys)
    if kept["seq"] == 0:
        return
    match = next((record for record in records if record["seq"] == kept["seq"]), None)
    if match is None:
        raise Bad(f"record {kept['seq']} of the kept head is missing: the chain was cut off or rolled back")
    if match["hash"] != kept["hash"]:
        raise Bad(f"record {kept['seq']} differs from the kept head: the chain was rewritten")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("export")
    parser.add_argument("--heads")
    parser.add_argument("--kept")
    parser.add_argument("--key", action="append", default=[])
    parser.add_argument("--part", action="store_true")
    wanted = parser.parse_args()
    try:
        if wanted.export.endswith(".csv"):
            records, segments, head = read_csv(wanted.export), [], None
        else:
            records, segments, head = read_lines(wanted.export)
        if wanted.heads:
            _, segments, head = read_lines(wanted.heads)
        if head is None:
            raise Bad("there is no signed head: give the whole export, or --heads")
        check_chain(records, wanted.part)
        check_segments(segments, records, wanted.key, wanted.part)
        proofs = check_proofs(segments, records)
        check_head(head, records, wanted.key, wanted.part)
        if wanted.kept:
            check_kept(wanted.kept, records, wanted.key)
    except (Bad, OSError) as problem:
        print(f"NOT intact: {problem}")
        return 1
    print(f"intact: {len(records)} records, {len(segments)} segments, {proofs} inclusion proofs, head at {head['seq']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
