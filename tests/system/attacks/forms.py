"""The forms a secret can hide in, and a search for many of them at once."""
import base64
import codecs

ENCODINGS = {
    "raw": lambda s: s.encode(),
    "reversed": lambda s: s[::-1].encode(),
    "upper": lambda s: s.upper().encode(),
    "lower": lambda s: s.lower().encode(),
    "hex": lambda s: s.encode().hex().encode(),
    "HEX": lambda s: s.encode().hex().upper().encode(),
    "spaced hex": lambda s: s.encode().hex(" ").encode(),
    "base64": lambda s: base64.b64encode(s.encode()),
    "base64url": lambda s: base64.urlsafe_b64encode(s.encode()).rstrip(b"="),
    "base64 shifted": lambda s: base64.b64encode(b"x" + s.encode())[4:-4],
    "base32": lambda s: base64.b32encode(s.encode()),
    "base85": lambda s: base64.b85encode(s.encode()),
    "url": lambda s: "".join(f"%{b:02X}" for b in s.encode()).encode(),
    "double url": lambda s: "".join(f"%25{b:02x}" for b in s.encode()).encode(),
    "json": lambda s: "".join(f"\\u{ord(c):04x}" for c in s).encode(),
    "html": lambda s: "".join(f"&#{ord(c)};" for c in s).encode(),
    "c escape": lambda s: "".join(f"\\x{b:02x}" for b in s.encode()).encode(),
    "octal": lambda s: "".join(f"\\{b:03o}" for b in s.encode()).encode(),
    "utf-16": lambda s: s.encode("utf-16-le"),
    "rot13": lambda s: codecs.encode(s, "rot13").encode(),
}
PREFIX = 10  # the shortest prefix that is searched for; every form is longer


class Search:
    """`find(data)` names the secrets that are in it, in any form."""

    def __init__(self, secrets):
        self.forms = {}
        for name, secret in secrets.items():
            for encoding, encode in ENCODINGS.items():
                form = encode(secret)
                self.forms.setdefault(form[:PREFIX], []).append((form, f"{name} as {encoding}"))

    def find(self, data):
        found = set()
        prefixes = self.forms.keys()
        for at in range(len(data) - PREFIX + 1):
            head = data[at:at + PREFIX]
            if head in prefixes:
                found.update(name for form, name in self.forms[head] if data.startswith(form, at))
        return found
