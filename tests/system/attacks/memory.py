"""A memory image after logout, and what the process has put in force against swap and core files (R27).

The image is gdb's: the process cannot be traced by its own user, so this runs as root, or says that it
did not. The gateway's own master secrets stay in memory as long as it runs and are not looked for.
"""
import base64
import os
import re
import shutil
import subprocess
import time

from owner import Owner


def image_of(gateway):
    image = gateway.folder / "image"
    done = subprocess.run(["gdb", "-batch", "-nx", "-p", str(gateway.process.pid), "-ex", "set use-coredump-filter off",
                           "-ex", "set dump-excluded-mappings on", "-ex", f"gcore {image}"],
                          capture_output=True, text=True, timeout=120)
    if not image.exists():
        raise RuntimeError("gcore: " + done.stderr[-500:])
    data = image.read_bytes()
    image.unlink()
    return data


def check_limits(gateway, findings):
    pid = gateway.process.pid
    status = open(f"/proc/{pid}/status").read()
    limits = open(f"/proc/{pid}/limits").read()
    findings.expect(re.search(r"Max core file size\s+0\s+0", limits), "no core file, and the limit cannot be raised")
    if os.getuid() == 0:
        findings.expect(int(open(f"/proc/{pid}/coredump_filter").read(), 16) == 0, "no memory would be in a core file")
        locked = int(re.search(r"VmLck:\s+(\d+)", status).group(1))
        findings.expect(locked > 1000, f"memory is locked against swap ({locked} kB)")
    findings.expect(os.stat(f"/proc/{pid}/mem").st_uid == 0, "the process cannot be read by its own user")
    findings.expect(re.search(r"NoNewPrivs:\s+1", status), "no new privileges")


def run(gateway, findings):
    check_limits(gateway, findings)
    if os.getuid() != 0 or shutil.which("gdb") is None:
        print("   the memory image needs root and gdb: not taken", flush=True)
        return
    owner = Owner(gateway)
    owner.use_everything()
    secrets = {name: value for name, value in owner.secrets.items() if not name.isupper()}
    present = image_of(gateway)
    findings.expect(owner.secrets["APP_KEY"].encode() in present, "the image shows what is in use (the search works)")
    owner.leave()
    time.sleep(1.5)  # the usage of keys is written, the session swept
    image = image_of(gateway)
    for name, value in secrets.items():
        forms = {"text": value.encode(), "base64": base64.b64encode(value.encode()), "hex": value.encode().hex().encode()}
        if name == "totp secret":
            forms["bytes"] = base64.b32decode(value)
        for form, pattern in forms.items():
            findings.expect(pattern not in image, f"R27 {name} is not in memory after logout, as {form} ({image.count(pattern)} times)")
