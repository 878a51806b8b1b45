"""Prometheus: the listener keeps to its own address, and the dashboard asks for metrics that exist."""
import http.client
import json
import pathlib
import re

ROOT = pathlib.Path(__file__).parents[3]
FUNCTIONS = {"sum", "rate", "increase", "histogram_quantile", "topk", "by", "le", "max", "min", "avg", "count", "irate",
             "time", "clamp_min", "or", "and", "on", "without", "label_replace"}


def scrape(address, path="/metrics"):
    host, port = address.rsplit(":", 1)
    connection = http.client.HTTPConnection(host, int(port), timeout=5)
    connection.request("GET", path)
    reply = connection.getresponse()
    return reply.status, reply.read().decode()


def queries():
    for panel in json.loads((ROOT / "deploy" / "grafana-dashboard.json").read_text())["panels"]:
        for target in panel.get("targets", []):
            yield panel["title"], target["expr"]


def run(gateway, findings):
    gateway.api("placeorder", exchange="NSE", symbol="SBIN", action="BUY", quantity=1, pricetype="MARKET", product="MIS",
                strategy="metrics")
    gateway.api("funds", key="0" * 64)
    gateway.request("GET", "/nothing", client="203.0.113.9")
    address = gateway.settings["METRICS_ADDRESS"]
    status, text = scrape(address)
    findings.expect(status == 200, f"the metrics listener answers {status}")
    samples = [line.split("{")[0].split(" ")[0] for line in text.splitlines() if line and not line.startswith("#")]
    described = set(re.findall(r"^# HELP (\S+)", text, re.M))
    for title, expr in queries():
        names = re.findall(r"\bkavach_[a-z0-9_]+", expr)
        findings.expect(names and all(name in samples for name in names), f"panel '{title}' asks for what exists: {expr}")
        labels = re.findall(r"by \(([^)]*)\)", expr)
        wanted = {label.strip() for group in labels for label in group.split(",")} - {"le"}
        for label in wanted:
            findings.expect(re.search(rf"^{names[0]}{{[^}}]*\b{label}=", text, re.M) is not None,
                            f"panel '{title}': {names[0]} has the label {label}")
    manual = (ROOT / "docs" / "metrics.md").read_text()
    documented = set(re.findall(r"`(kavach_[a-z0-9_]+)", manual))
    findings.expect(described <= documented, f"docs/metrics.md lacks {described - documented}")
    findings.expect(scrape(address, "/health/check")[0] == 404, "the metrics listener serves nothing else")
    findings.expect(gateway.request("GET", "/metrics").status == 404, "the public listener serves no metrics")
    findings.expect(gateway.key not in text and "ada" not in text, "metrics name no user and no key")
