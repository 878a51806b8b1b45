#!/usr/bin/env python3
"""Runs nginx and the gateway in turn on core 0 with wrk on core 1, 64 keep-alive connections, and prints
requests a second, p99 and the ratio to nginx. Then the micro-benchmarks, when they have been built."""
import argparse
import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

CONNECTIONS = 64
CORES = os.cpu_count() or 1
SERVER_CORE, CLIENT_CORE = 0, min(1, CORES - 1)

LUA = """
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
local bodies = {%s}
local count = 0
request = function()
  count = count + 1
  return wrk.format(nil, nil, nil, bodies[count %% #bodies + 1])
end
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port):
    for _ in range(2000):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.005)
    sys.exit(f"nothing listens on port {port}")


def pinned(core, *command, **options):
    return subprocess.Popen(["taskset", "-c", str(core), *command], **options)


def load(folder, port, path, bodies, seconds):
    script = folder / "request.lua"
    script.write_text(LUA % ", ".join(f"[[{body}]]" for body in bodies))
    run = subprocess.run(
        ["taskset", "-c", str(CLIENT_CORE), "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency",
         "-s", str(script), f"http://127.0.0.1:{port}{path}"], capture_output=True, text=True, check=True).stdout
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", run).group(1))
    p99 = re.search(r"99%\s+([\d.]+)(us|ms|s)", run)
    millis = float(p99.group(1)) * {"us": 0.001, "ms": 1, "s": 1000}[p99.group(2)]
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", run)
    return rate, millis, int(bad.group(1)) if bad else 0


def start_nginx(folder):
    port = free_port()
    config = folder / "nginx.conf"
    config.write_text(f"""
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log /dev/null;
events {{ worker_connections 1024; }}
http {{ access_log off; keepalive_requests 100000000;
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
  uwsgi_temp_path {folder}; scgi_temp_path {folder};
  server {{ listen 127.0.0.1:{port}; default_type application/json;
    location / {{ return 200 '{{"data":{{"ask":431.25,"bid":431.15,"high":433.9,"low":426.1,"ltp":431.2,"oi":0,"open":428.0,"prev_close":427.4,"volume":6120334}},"status":"success"}}'; }} }} }}
""")
    process = pinned(SERVER_CORE, "nginx", "-c", str(config), stderr=subprocess.DEVNULL)
    wait_for(port)
    return process, port


def start_kavach(binary, folder, **settings):
    port = free_port()
    environment = dict(os.environ, KAVACH_DATA=str(folder / "data"), LISTEN_PORT=str(port), WEBSOCKET_PORT="0",
                       API_RATE_LIMIT="10000 per second", ORDER_RATE_LIMIT="10000 per second", LOG_TO_FILE="false",
                       IO_THREADS="1", **settings)
    command = lambda *arguments, **options: subprocess.run(
        [binary, *arguments], env=environment, check=True, capture_output=True, text=True, **options).stdout
    command("setup", "--username", "bench", "--email", "bench@example.com", "--password-stdin",
            input="correct horse battery staple 7")
    keys = [command("apikey", "create", "--user", "bench", "--name", f"bench{n}").strip() for n in range(16)]
    began = time.monotonic()
    process = pinned(SERVER_CORE, binary, "serve", env=environment, stdout=subprocess.DEVNULL,
                     stderr=subprocess.DEVNULL)
    wait_for(port)
    first_answer = time.monotonic() - began
    return process, port, keys, first_answer


def present(port, keys):
    """Each key's one Argon2 verification, so that none is measured."""
    for key in keys:
        request = urllib.request.Request(f"http://127.0.0.1:{port}/api/v1/ping", json.dumps({"apikey": key}).encode(),
                                         {"Content-Type": "application/json"})
        urllib.request.urlopen(request, timeout=20).read()


def resident_kib(process):
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status).group(1))


def arguments(name, is_once):
    """Only these two are programs of Google's library; others would take its option for the folder to work in."""
    if name in ("guard_bench", "api_bench"):
        return [f"--benchmark_min_time={'0.01' if is_once else '0.3'}"]
    return ["--quick"] if name == "identity_bench" and is_once else []


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True)
    parser.add_argument("--benchmarks", required=True)
    parser.add_argument("--seconds", type=int, default=8)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        nginx, port = start_nginx(folder)
        body = json.dumps({"apikey": "0" * 64, "symbol": "SBIN", "exchange": "NSE", "strategy": "bench", "pad": "x" * 90})
        floor, floor_p99, _ = load(folder, port, "/", [body], options.seconds)
        nginx.terminate()
        nginx.wait()
        print(f"{'scenario':34} {'requests/s':>11} {'p99 ms':>8} {'of nginx':>9}")
        print(f"{'nginx, constant reply':34} {floor:11.0f} {floor_p99:8.2f} {1:9.2f}")
        gateway, port, keys, first_answer = start_kavach(options.binary, folder)
        idle = resident_kib(gateway)
        present(port, keys)
        scenarios = [
            ("ping, authenticated", "/api/v1/ping", {}),
            ("quotes, authenticated", "/api/v1/quotes", {"symbol": "SBIN", "exchange": "NSE"}),
            ("placeorder, durable", "/api/v1/placeorder",
             {"strategy": "bench", "symbol": "SBIN", "exchange": "NSE", "action": "BUY", "quantity": "1",
              "pricetype": "MARKET", "product": "MIS"}),
        ]
        for label, path, request in scenarios:
            # Many keys, because each has its own rate limit and none may be what is measured.
            # Buying and selling in turn, because an account that only buys runs out of money.
            sides = ["BUY", "SELL"] if "action" in request else [None]
            bodies = [json.dumps({"apikey": key, **request, **({"action": side} if side else {})})
                      for key in keys for side in sides]
            load(folder, port, path, bodies, 1)
            rate, p99, bad = load(folder, port, path, bodies, options.seconds)
            note = f"  ({bad} refused)" if bad else ""
            print(f"{label:34} {rate:11.0f} {p99:8.2f} {rate / floor:9.2f}{note}")
        print(f"first answer {first_answer * 1000:.0f} ms after start, idle {idle / 1024:.1f} MiB, "
              f"loaded {resident_kib(gateway) / 1024:.1f} MiB, "
              f"binary {os.path.getsize(options.binary) / 1048576:.1f} MiB")
        gateway.terminate()
        gateway.wait()
    for program in sorted(pathlib.Path(options.benchmarks).glob("*_bench")):
        print(f"\n{program.name}", flush=True)
        subprocess.run([str(program), *arguments(program.name, is_once=options.seconds == 1)], check=True)
    print("\nwebsocket_fanout", flush=True)
    once = ["--once"] if options.seconds == 1 else []
    subprocess.run([str(pathlib.Path(options.benchmarks) / "websocket_fanout"), *once], check=True)


if __name__ == "__main__":
    main()
