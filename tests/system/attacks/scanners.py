"""ffuf and wfuzz over a small word list, and sqlmap against a JSON body and a query string, all bounded."""
import json
import pathlib
import subprocess
import tempfile

WORDS = """.env .git/config .svn/entries .aws/credentials .ssh/id_rsa admin administrator login wp-login.php wp-admin
phpmyadmin backup backup.zip db.sql dump.sql config config.json config.yml settings.py .htaccess .htpasswd server-status
actuator actuator/env actuator/health metrics debug console jenkins solr api api/v2 api/v1/admin api/v1/users graphql
swagger swagger.json openapi.json robots.txt sitemap.xml favicon.ico cgi-bin/test.cgi test.php info.php shell.php
kavach.db data/kavach.db kavach.env logs/kavach.log ../etc/passwd ..%2f..%2fetc%2fpasswd %2e%2e/%2e%2e/etc/passwd
....//....//etc/passwd static/../../etc/passwd assets/../../kavach.env assets/..%5c..%5ckavach.env""".split()
# What a stranger may see.
FINE = {301, 302, 303, 308, 400, 401, 403, 404, 405, 421, 429}
PUBLIC = {"login", "robots.txt", "favicon.ico", "openapi.json"}


def ffuf(gateway, folder, findings):
    words = folder / "words"
    words.write_text("\n".join(WORDS) + "\n")
    out = folder / "ffuf.json"
    subprocess.run(["ffuf", "-s", "-u", f"http://127.0.0.1:{gateway.port}/FUZZ", "-w", str(words), "-t", "4", "-mc", "all",
                    "-H", "X-Forwarded-For: 203.0.113.60", "-o", str(out), "-of", "json"], capture_output=True, timeout=120, check=False)
    results = json.loads(out.read_text())["results"]
    found = [r for r in results if r["status"] not in FINE and r["input"]["FUZZ"] not in PUBLIC]
    findings.expect(len(results) == len(WORDS), f"ffuf tried every word ({len(results)} of {len(WORDS)})")
    findings.expect(not found, f"ffuf finds nothing a stranger may not see: {[(r['input']['FUZZ'], r['status']) for r in found]}")
    banned = gateway.request("GET", "/health/status", client="203.0.113.60").status
    findings.expect(banned == 403, f"ffuf's address is banned ({banned})")
    print(f"    ffuf: {len(results)} paths, statuses {sorted({r['status'] for r in results})}")


def wfuzz(gateway, folder, findings):
    values = folder / "values"
    values.write_text("\n".join(["a" * 5000, "%00", "%0d%0aX-Injected:%201", "<script>", "' OR 1=1--", "${jndi:ldap://x}", "{{7*7}}",
                                 "../../etc/passwd", "\\", "%s%s%n", "-1", "9" * 40, "NaN", "null"]) + "\n")
    done = subprocess.run(["wfuzz", "-z", f"file,{values}", "-t", "2", "-o", "json", "-H", "X-Forwarded-For: 203.0.113.61",
                           "-H", "X-Fuzz: FUZZ", f"http://127.0.0.1:{gateway.port}/health/status?probe=FUZZ"],
                          capture_output=True, text=True, timeout=120, check=False)
    start = done.stdout.find("[{")
    rows = json.loads(done.stdout[start:done.stdout.rfind("]") + 1]) if start >= 0 else []
    codes = sorted({row.get("code") for row in rows})
    print(f"    wfuzz: {len(rows)} values, statuses {codes}")
    findings.expect(len(rows) > 0, f"wfuzz ran: {done.stderr[-200:]}")
    findings.expect(all(row.get("code", 0) < 500 for row in rows), f"wfuzz provokes no server error: {codes}")


def sqlmap(gateway, folder, findings):
    target = f"http://127.0.0.1:{gateway.port}"
    common = ["sqlmap", "--batch", "--level", "1", "--risk", "1", "--technique", "BEU", "--threads", "1", "--flush-session", "--disable-coloring",
              "--output-dir", str(folder), "--timeout", "5", "--retries", "0", "--ignore-code", "400,401,403,404,429"]
    requests = {
        "symbol of quotes": ["-u", target + "/api/v1/quotes", "--data", json.dumps({"apikey": gateway.key, "symbol": "SBIN*", "exchange": "NSE"}),
                             "-H", "Content-Type: application/json"],
        "query of search": ["-u", target + "/api/v1/search", "--data", json.dumps({"apikey": gateway.key, "query": "SBIN*", "exchange": "NSE"}),
                            "-H", "Content-Type: application/json"],
        "filter of the traffic log": ["-u", target + "/traffic/api/logs?address=1*&route=x", "--cookie", gateway.cookie],
    }
    gateway.sign_in()
    requests["filter of the traffic log"][-1] = gateway.cookie
    for name, options in requests.items():
        done = subprocess.run([*common, *options], capture_output=True, text=True, timeout=300, check=False)
        injectable = "identified the following injection point" in done.stdout
        tested = "all tested parameters do not appear to be injectable" in done.stdout
        verdict = [line for line in done.stdout.splitlines() if "appear to be injectable" in line or "injection point" in line]
        print(f"    sqlmap, {name}: {' / '.join(verdict)[:160]}")
        findings.expect(tested and not injectable, f"sqlmap tests the {name} and finds nothing")
    findings.expect(gateway.is_alive(), "the gateway lives")


def run(gateway, findings):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        ffuf(gateway, folder, findings)
        wfuzz(gateway, folder, findings)
        sqlmap(gateway, folder, findings)
