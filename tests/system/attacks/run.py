#!/usr/bin/env python3
"""Attacks a real gateway with real tools and says what held.

    tests/system/attacks/run.py BINARY [NAME …]     all attacks, or those named

Each attack has a gateway of its own. Everything stays on loopback; counts and times are bounded.
"""
import importlib
import pathlib
import sqlite3
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from gateway import Findings, Gateway, free_port  # noqa: E402

# Name, settings it needs.
ATTACKS = {
    "bans": {"LOGIN_RATE_LIMIT_MIN": "60 per minute", "DEFAULT_RATE_LIMIT": "600 per minute", "CONSOLE_RATE_LIMIT": "600 per minute"},
    "dashboard": {"DEFAULT_RATE_LIMIT": "600 per minute", "CONSOLE_RATE_LIMIT": "600 per minute", "CONSOLE_WRITE_RATE_LIMIT": "600 per minute",
                  "CONSOLE_SENSITIVE_RATE_LIMIT": "600 per minute"},
    "tokens": {"CONSOLE_RATE_LIMIT": "600 per minute", "CONSOLE_WRITE_RATE_LIMIT": "600 per minute", "CONSOLE_SENSITIVE_RATE_LIMIT": "600 per minute",
               "LOGIN_RATE_LIMIT_MIN": "60 per minute", "METRICS_ADDRESS": f"127.0.0.1:{free_port()}"},
    "rates": {"INVALID_API_KEY_THRESHOLD": "100000"},
    "second_factor": {"LOGIN_RATE_LIMIT_MIN": "600 per minute", "LOGIN_RATE_LIMIT_HOUR": "6000 per hour", "CONSOLE_RATE_LIMIT": "600 per minute",
                      "CONSOLE_WRITE_RATE_LIMIT": "600 per minute", "CONSOLE_SENSITIVE_RATE_LIMIT": "600 per minute", "FAILED_LOGIN_THRESHOLD": "5"},
    "sessions": {"LOGIN_RATE_LIMIT_MIN": "600 per minute", "LOGIN_RATE_LIMIT_HOUR": "6000 per hour", "CONSOLE_RATE_LIMIT": "600 per minute",
                 "CONSOLE_WRITE_RATE_LIMIT": "600 per minute", "CONSOLE_SENSITIVE_RATE_LIMIT": "600 per minute",
                 "INVALID_API_KEY_THRESHOLD": "1000", "MAX_SESSIONS_PER_USER": "3"},
    "browser": {"DEFAULT_RATE_LIMIT": "600 per minute"},
    "logins": {"FAILED_LOGIN_THRESHOLD": "100000"},
    "smuggling": {"AUTO_BAN_ENABLED": "false", "DEFAULT_RATE_LIMIT": "6000 per minute"},
    "headers": {"AUTO_BAN_ENABLED": "false", "DEFAULT_RATE_LIMIT": "6000 per minute"},
    "strangers": {"TRUSTED_PROXIES": "", "API_RATE_LIMIT": "10000 per second", "ORDER_RATE_LIMIT": "10000 per second",
              "METRICS_ADDRESS": f"127.0.0.1:{free_port()}"},
    "crowd": {"TRUSTED_PROXIES": "", "API_RATE_LIMIT": "10000 per second"},
    "tampering": {"API_RATE_LIMIT": "1000 per second"},
    "logs": {"API_RATE_LIMIT": "1000 per second", "AUTO_BAN_ENABLED": "false", "DEFAULT_RATE_LIMIT": "6000 per minute"},
    "metrics": {"METRICS_ADDRESS": f"127.0.0.1:{free_port()}"},
    "flood": {"AUTO_BAN_ENABLED": "false", "DEFAULT_RATE_LIMIT": "100 per minute", "IO_THREADS": "1"},
    "slow_clients": {"DEFAULT_RATE_LIMIT": "6000 per minute", "API_RATE_LIMIT": "1000 per second"},
    "canaries": {"LOGIN_RATE_LIMIT_MIN": "6000 per minute", "LOGIN_RATE_LIMIT_HOUR": "6000 per hour",
                 "RESET_RATE_LIMIT": "6000 per hour", "DEFAULT_RATE_LIMIT": "6000 per minute", "API_RATE_LIMIT": "1000 per second",
                 "CONSOLE_RATE_LIMIT": "6000 per minute", "CONSOLE_WRITE_RATE_LIMIT": "6000 per minute",
                 "CONSOLE_SENSITIVE_RATE_LIMIT": "6000 per minute", "METRICS_ADDRESS": f"127.0.0.1:{free_port()}"},
    "sockets": {"METRICS_ADDRESS": f"127.0.0.1:{free_port()}", "WEBSOCKET_PORT": str(free_port()), "DEFAULT_RATE_LIMIT": "6000 per minute",
                "CONSOLE_SENSITIVE_RATE_LIMIT": "600 per minute", "API_RATE_LIMIT": "1000 per second", "CORS_ENABLED": "true",
                "CORS_ALLOWED_ORIGINS": "https://charts.example", "WS_AUTH_GRACE_SECONDS": "5", "WS_MAX_MESSAGE_BYTES": "4096",
                "WS_MAX_CONNECTIONS_PER_USER": "4", "WS_MAX_SUBSCRIPTIONS": "20"},
    "frames": {"WEBSOCKET_PORT": str(free_port()), "AUTO_BAN_ENABLED": "false", "DEFAULT_RATE_LIMIT": "1000 per second"},
    "socket_ends": {"METRICS_ADDRESS": f"127.0.0.1:{free_port()}", "WEBSOCKET_PORT": str(free_port()), "DEFAULT_RATE_LIMIT": "6000 per minute",
                    "CONSOLE_RATE_LIMIT": "6000 per minute", "CONSOLE_WRITE_RATE_LIMIT": "600 per minute", "CONSOLE_SENSITIVE_RATE_LIMIT": "600 per minute",
                    "WS_HEARTBEAT_SECONDS": "1", "WS_IDLE_TIMEOUT_SECONDS": "3", "WS_UNSUBSCRIBED_TIMEOUT_SECONDS": "3",
                    "WS_STALLED_TIMEOUT_SECONDS": "1", "WS_MAX_CONNECTIONS_PER_USER": "100"},
    "socket_proxy": {"HOST_SERVER": "https://trade.example.com", "DEFAULT_RATE_LIMIT": "6000 per minute"},
    "memory": {"CONSOLE_SENSITIVE_RATE_LIMIT": "600 per minute"},
    "scanners": {"API_RATE_LIMIT": "1000 per second", "CONSOLE_RATE_LIMIT": "6000 per minute"},
}


def document_check(gateway, findings):
    """What the gateway has recorded is in the manual."""
    manual = (pathlib.Path(__file__).parents[3] / "docs" / "audit-events.md").read_text()
    with sqlite3.connect(gateway.folder / "kavach.db") as db:
        for (kind,) in db.execute("SELECT DISTINCT kind FROM audit_events"):
            findings.expect(f"`{kind}`" in manual, f"docs/audit-events.md describes {kind}")


def main():
    binary = pathlib.Path(sys.argv[1]).resolve()
    chosen = sys.argv[2:] or list(ATTACKS)
    broken = 0
    for name in chosen:
        print(f"== {name}", flush=True)
        started = time.monotonic()
        findings = Findings()
        with Gateway(binary, **ATTACKS[name]) as gateway:
            importlib.import_module(name).run(gateway, findings)
            findings.expect(gateway.is_alive(), "the gateway is alive afterwards")
            document_check(gateway, findings)
        print(f"   {findings.held} held, {len(findings.broken)} did not ({time.monotonic() - started:.0f} s)", flush=True)
        broken += len(findings.broken)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
