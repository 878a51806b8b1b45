#!/usr/bin/env python3
"""Makes an OpenAlgo install to import from: openalgo.db, logs.db and .env in the folder given.

Hashes and tokens come from argon2-cffi and cryptography, as that gateway's own do, so a test of the import
against them is a test against independent implementations. `--old` leaves FERNET_SALT out, as installs did
before they had one.
"""
import base64
import datetime
import pathlib
import sqlite3
import sys

from argon2 import PasswordHasher
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

PEPPER = "a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f90"
SALT = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
PASSWORD = "Correct-Horse-7-Battery"
API_KEY = "5f1d3c9b7a2e4f6081a3c5e7092b4d6f8193a5b7c9d1e3f50718293a4b5c6d7e"
TOTP = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def fernet(salt):
    kdf = PBKDF2HMAC(algorithm=hashes.SHA256(), length=32, salt=salt, iterations=100000)
    return Fernet(base64.urlsafe_b64encode(kdf.derive(PEPPER.encode())))


def seal(cipher, text):
    return cipher.encrypt(text.encode()).decode()


def utc(hours):
    at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=hours)
    return at.strftime("%Y-%m-%d %H:%M:%S.%f")


def main(folder, old):
    hasher = PasswordHasher()
    cipher = fernet(b"openalgo_static_salt" if old else bytes.fromhex(SALT))
    mail_cipher = fernet(b"smtp-openalgo-salt")
    db = sqlite3.connect(folder / "openalgo.db")
    db.executescript("""
        CREATE TABLE users (id INTEGER PRIMARY KEY, username VARCHAR(80) UNIQUE NOT NULL, email VARCHAR(120) UNIQUE
            NOT NULL, password_hash VARCHAR(255) NOT NULL, totp_secret VARCHAR(32) NOT NULL, is_admin BOOLEAN);
        CREATE TABLE api_keys (id INTEGER PRIMARY KEY, user_id VARCHAR UNIQUE NOT NULL, api_key_hash TEXT NOT NULL,
            api_key_encrypted TEXT NOT NULL, created_at DATETIME, order_mode VARCHAR(20));
        CREATE TABLE auth (id INTEGER PRIMARY KEY, name VARCHAR(255) UNIQUE NOT NULL, auth TEXT NOT NULL,
            feed_token TEXT, broker VARCHAR(20) NOT NULL, user_id VARCHAR(255), is_revoked BOOLEAN);
        CREATE TABLE settings (id INTEGER PRIMARY KEY, analyze_mode BOOLEAN, smtp_server VARCHAR(255), smtp_port INTEGER,
            smtp_username VARCHAR(255), smtp_password_encrypted TEXT, smtp_use_tls BOOLEAN, smtp_from_email VARCHAR(255),
            security_404_threshold INTEGER, security_404_ban_duration INTEGER, security_api_threshold INTEGER,
            security_api_ban_duration INTEGER, security_repeat_offender_limit INTEGER);
        CREATE TABLE login_attempts (id INTEGER PRIMARY KEY, username VARCHAR(255) NOT NULL, ip_address VARCHAR(45),
            status VARCHAR(20) NOT NULL, timestamp DATETIME);
    """)
    db.executemany("INSERT INTO users VALUES (?, ?, ?, ?, ?, ?)", [
        (1, "asha", "asha@example.com", hasher.hash(PASSWORD + PEPPER), TOTP, 1),
        (2, "ravi", "ravi@example.com", hasher.hash("Another-Password-9" + PEPPER), TOTP, 0),
        (3, "ab", "not an address", hasher.hash("x" + PEPPER), TOTP, 0),
        (4, "werk", "werk@example.com", "pbkdf2:sha256:600000$abc$def", TOTP, 0),
    ])
    db.executemany("INSERT INTO api_keys VALUES (?, ?, ?, ?, ?, ?)", [
        (1, "asha", hasher.hash(API_KEY + PEPPER), seal(cipher, API_KEY), utc(-100), "semi_auto"),
        (2, "ravi", hasher.hash("one key" + PEPPER), seal(cipher, "another key"), utc(-100), "auto"),
    ])
    db.execute("INSERT INTO auth VALUES (1, 'asha', ?, NULL, 'zerodha', 'AB1234', 0)", (seal(cipher, "broker-token"),))
    db.execute("INSERT INTO settings VALUES (1, 1, 'smtp.example.com', 587, 'asha@example.com', ?, 1, 'asha@example.com', "
               "30, 48, 15, 0, 4)", (seal(mail_cipher, "mail-password"),))
    db.execute("INSERT INTO login_attempts VALUES (1, 'asha', '192.0.2.9', 'failed', ?)", (utc(-5),))
    db.commit()
    db.close()

    logs = sqlite3.connect(folder / "logs.db")
    logs.execute("CREATE TABLE ip_bans (id INTEGER PRIMARY KEY, ip_address VARCHAR(50) UNIQUE NOT NULL, ban_reason "
                 "VARCHAR(200), ban_count INTEGER, banned_at DATETIME, expires_at DATETIME, is_permanent BOOLEAN, "
                 "created_by VARCHAR(50))")
    logs.executemany("INSERT INTO ip_bans VALUES (?, ?, ?, ?, ?, ?, ?, ?)", [
        (1, "203.0.113.7", "scanning", 3, utc(-10), None, 1, "system"),
        (2, "203.0.113.8", "404s", 1, utc(-10), utc(20), 0, "manual"),
        (3, "203.0.113.9", "over", 1, utc(-30), utc(-6), 0, "manual"),
        (4, "127.0.0.1", "mistake", 1, utc(-1), None, 1, "manual"),
    ])
    logs.commit()
    logs.close()

    lines = ["# Broker", "BROKER_API_KEY = 'YOUR_BROKER_API_KEY'", "this line is no setting", f"API_KEY_PEPPER = '{PEPPER}'"]
    if not old:
        lines.append(f"FERNET_SALT = '{SALT}'")
    (folder / ".env").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), "--old" in sys.argv)
