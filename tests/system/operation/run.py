#!/usr/bin/env python3
"""What an operator does with a real gateway: where its secrets come from, backups, moving in, mail, a lost device, keys
that may less, the kill switch.

    tests/system/operation/run.py BINARY [NAME …]     all, or those named
"""
import importlib
import pathlib
import sys
import time

HERE = pathlib.Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent / "attacks")]
from gateway import Findings  # noqa: E402

ALL = ["secret_sources", "backups", "moving_in", "mail", "lost_device", "key_scopes", "kill_switch"]


def main():
    binary, broken = pathlib.Path(sys.argv[1]).resolve(), 0
    for name in sys.argv[2:] or ALL:
        print(f"== {name}", flush=True)
        started, findings = time.monotonic(), Findings()
        importlib.import_module(name).run(binary, findings)
        print(f"   {findings.held} held, {len(findings.broken)} did not ({time.monotonic() - started:.0f} s)", flush=True)
        broken += len(findings.broken)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
