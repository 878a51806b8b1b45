"""slowhttptest against a gateway in use: slow headers, slow bodies, range headers, slow reading (R22).

Bounded to 5,000 connections and twenty seconds each, through the trusted proxy's address, which has no limit
of its own. The owner's calls are timed before and meanwhile.
"""
import pathlib
import subprocess
import tempfile
import time

CONNECTIONS, SECONDS = 5_000, 20


def timed_calls(gateway, seconds):
    times, failures = [], 0
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        started = time.monotonic()
        try:
            failures += gateway.api("ping").status != 200
        except OSError:
            failures += 1
        times.append(time.monotonic() - started)
        time.sleep(0.02)
    times.sort()
    return times[int(len(times) * 0.99) - 1], failures, len(times)


def run(gateway, findings):
    expect = findings.expect
    idle, failures, _ = timed_calls(gateway, 5)
    expect(failures == 0, "idle: every call is answered")
    url = f"http://127.0.0.1:{gateway.port}"
    attacks = {
        "slow headers (-H)": ["-H", "-i", "5", "-u", url + "/health/status"],
        "slow bodies (-B)": ["-B", "-i", "5", "-s", "8192", "-u", url + "/api/v1/funds", "-t", "POST"],
        "range headers (-R)": ["-R", "-a", "10", "-b", "3000", "-u", url + "/"],
        "slow reading (-X)": ["-X", "-w", "16", "-y", "32", "-n", "5", "-z", "32", "-k", "3", "-u", url + "/"],
    }
    with tempfile.TemporaryDirectory() as folder:
        for name, options in attacks.items():
            attack = subprocess.Popen(["slowhttptest", "-c", str(CONNECTIONS), "-r", "1000", "-l", str(SECONDS), "-p", "3",
                                       "-o", str(pathlib.Path(folder) / "report"), *options],
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=folder)
            time.sleep(6)
            tail, failures, calls = timed_calls(gateway, SECONDS - 10)
            attack.wait(timeout=120)
            print(f"    {name}: p99 {tail * 1000:.1f} ms (idle {idle * 1000:.1f} ms), {failures} of {calls} failed")
            expect(failures == 0, f"R22 {name}: the owner's calls are answered")
            # Twice idle, and a few milliseconds for a machine that also runs the attack.
            expect(tail <= max(2 * idle, idle + 0.010), f"R22 {name}: p99 {tail * 1000:.1f} ms against {idle * 1000:.1f} ms idle")
            expect(gateway.is_alive(), f"R22 {name}: the gateway lives")
