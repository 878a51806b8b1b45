"""What the attacks on the WebSocket share: both doors, who knocks, and the counters."""
import re
import urllib.request

from websocket import WebSocket

ORDER = {"strategy": "drill", "exchange": "NSE", "symbol": "SBIN", "action": "BUY", "quantity": 1, "pricetype": "MARKET",
         "product": "MIS"}
PASSWORD = "nine grey herons by the weir"


class Door:
    """The SDKs' port, which takes any path, or /ws beside the REST API."""

    def __init__(self, name, port, path):
        self.name, self.port, self.path = name, port, path

    def knock(self, client="198.51.100.10", **options):
        return WebSocket(self.port, path=self.path, client=client, **options)

    def enter(self, key, client="198.51.100.10", **options):
        """Signed in with a key; raises when the key does not open."""
        stream = self.knock(client, **options)
        answer = stream.ask(action="authenticate", api_key=key)
        if answer.get("status") != "success":
            raise RuntimeError(f"{self.name}: {answer}")
        return stream


def both(gateway):
    return [Door("port 8765", int(gateway.settings["WEBSOCKET_PORT"]), "/any/path"), Door("/ws", gateway.port, "/ws")]


def add_user(gateway, username, role):
    """Their key; a running gateway knows both within a second."""
    gateway.command("user", "add", "--username", username, "--email", f"{username}@example.invalid", "--role", role, "--password-stdin",
                    stdin=PASSWORD + "\n")
    return make_key(gateway, username, "--scope", "read" if role == "viewer" else "trade")


def make_key(gateway, username="ada", *options, name="drill"):
    return gateway.command("apikey", "create", "--user", username, "--name", name, *options).strip()


def counter(gateway, series):
    text = urllib.request.urlopen(f"http://{gateway.settings['METRICS_ADDRESS']}/metrics", timeout=5).read().decode()
    found = re.search(rf"^{re.escape(series)} (\d+)", text, re.M)
    return int(found.group(1)) if found else 0


def offences(gateway, kind="websocket_abuse"):
    return counter(gateway, f'kavach_offences_total{{kind="{kind}"}}')
