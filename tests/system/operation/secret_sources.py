"""Where the master secrets may come from, and what a start refuses (R27)."""
import os
import signal
import time

from folders import Bare
from gateway import OWNER, PASSWORD

NAMES = ["APP_KEY", "API_KEY_PEPPER", "FERNET_SALT"]


def works(gateway, **settings):
    """Whether a key made under the first secrets is still good: they are the ones in use."""
    gateway.settings.update(settings)
    try:
        gateway.start()
        return gateway.api("funds").status == 200
    finally:
        gateway.stop()
        for name in settings:
            del gateway.settings[name]


def refused(gateway, what, findings, wants, **settings):
    done = gateway.run("serve", **settings)
    findings.expect(done.returncode == 1 and wants in done.stderr, f"{what}: {done.returncode} {done.stderr.strip()[:200]}")
    findings.expect("Kavach listens" not in done.stdout, f"{what}: no port was opened")


def run(binary, findings):
    expect = findings.expect
    with Bare(binary) as gateway:
        gateway.command("setup", "--username", OWNER, "--email", "ada@example.invalid", "--password-stdin", stdin=PASSWORD + "\n")
        gateway.key = gateway.command("apikey", "create", "--user", OWNER, "--name", "sources").strip()
        file = gateway.folder / "secrets.env"
        expect(file.stat().st_mode & 0o777 == 0o600, "the generated file is private")
        values = dict(line.split("=", 1) for line in file.read_text().splitlines() if "=" in line)
        expect(set(values) == set(NAMES), f"three secrets are generated: {sorted(values)}")
        expect(works(gateway), "the generated file works")

        # From now on other secrets are generated; only those from elsewhere can make the key work.
        file.unlink()
        expect(not works(gateway), "without its secrets the key is nothing (the check works)")
        expect(works(gateway, **values), "the environment works")

        elsewhere = gateway.folder / "elsewhere"
        elsewhere.mkdir(mode=0o700)
        for name in NAMES:
            for path in (elsewhere / name, elsewhere / name.lower()):
                path.write_text(values[name] + "\n")
                path.chmod(0o600)
        files = {name + "_FILE": str(elsewhere / name) for name in NAMES}
        credentials = {"CREDENTIALS_DIRECTORY": str(elsewhere)}
        expect(works(gateway, **files), "NAME_FILE works")
        expect(works(gateway, **credentials), "systemd credentials work")
        (elsewhere / "app_key").chmod(0o440)
        expect(works(gateway, **credentials), "a credential with systemd's access list works")
        shown = gateway.run("serve", "--print-settings", **credentials)
        expect("APP_KEY=********  # credential" in shown.stdout, f"its source is shown: {shown.stdout[:400]}")
        expect(not any(value in shown.stdout + shown.stderr for value in values.values()), "and never its value")
        mixed = {**{k: v for k, v in files.items() if k != "APP_KEY_FILE"}, "APP_KEY": values["APP_KEY"]}
        expect(works(gateway, **mixed), "sources can be mixed")

        # Wider modes are refused, wherever they are.
        (elsewhere / "APP_KEY").chmod(0o644)
        refused(gateway, "a NAME_FILE others can read", findings, "chmod 600", **files)
        (elsewhere / "APP_KEY").chmod(0o600)
        (elsewhere / "app_key").chmod(0o444)
        refused(gateway, "a credential others can read", findings, "can be read by others", **credentials)
        (elsewhere / "app_key").chmod(0o600)
        for mode in (0o640, 0o604, 0o660):
            file.chmod(mode)
            refused(gateway, f"secrets.env with mode {mode:o}", findings, "chmod 600")
        file.chmod(0o600)
        (gateway.folder / "kavach.env").write_text("LOG_LEVEL=info\n")
        (gateway.folder / "kavach.env").chmod(0o644)
        refused(gateway, "kavach.env others can read", findings, "chmod 600")
        (gateway.folder / "kavach.env").unlink()
        gateway.folder.chmod(0o750)
        refused(gateway, "a data folder others can enter", findings, "chmod 700")
        gateway.folder.chmod(0o700)

        # Bad values stop the start and are not echoed.
        refused(gateway, "a short secret", findings, "32 characters", APP_KEY="too-short-to-be-a-secret")
        refused(gateway, "a missing NAME_FILE", findings, "APP_KEY_FILE", APP_KEY_FILE=str(elsewhere / "nothing"))
        refused(gateway, "one secret twice", findings, "different", APP_KEY=values["APP_KEY"], API_KEY_PEPPER=values["APP_KEY"])
        done = gateway.run("serve", APP_KEY="too-short-to-be-a-secret")
        expect("too-short" not in done.stdout + done.stderr, "a refused secret is not echoed")

        replaced_elsewhere(gateway, values, elsewhere, findings)


def replaced_elsewhere(gateway, values, elsewhere, findings):
    """A secret that is not ours to rotate: refused with what to do, and followed when the operator does it."""
    gateway.settings.update({"CREDENTIALS_DIRECTORY": str(elsewhere)})
    gateway.start()
    done = gateway.run("keys", "rotate")
    findings.expect(done.returncode == 1 and "does not come from secrets.env" in done.stderr,
                    f"a rotation of a credential says what to do: {done.stderr.strip()[:200]}")
    findings.expect(gateway.api("funds").status == 200, "and the gateway goes on")
    gateway.stop(signal.SIGTERM)
    (elsewhere / "fernet_salt").write_text("b" * 64 + "\n")
    file = gateway.folder / "secrets.env"
    file.write_text(file.read_text() + f"FERNET_SALT_OLDER={values['FERNET_SALT']}\n")
    os.chmod(file, 0o600)
    gateway.start()
    deadline = time.monotonic() + 15
    while "FERNET_SALT_OLDER" in file.read_text() and time.monotonic() < deadline:
        time.sleep(0.2)
    findings.expect("FERNET_SALT_OLDER" not in file.read_text(), "what the operator replaced is followed by itself")
    findings.expect(gateway.api("funds").status == 200, "and the key goes on working")
