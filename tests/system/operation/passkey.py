"""A passkey in software (WebAuthn level 2, ES256, attestation `none`), as a browser would answer for it."""
import base64
import hashlib
import json
import struct

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT_AND_VERIFIED, WITH_KEY = 0x05, 0x40


def text(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Passkey:
    """For one origin; `party` is its host as the gateway names it."""

    def __init__(self, origin, party):
        self.origin, self.party, self.uses = origin, party, 0
        self.key, self.id = ec.generate_private_key(ec.SECP256R1()), b"software-passkey-01"

    def _client(self, kind, challenge):
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}).encode()

    def _head(self, flags):
        self.uses += 1
        return hashlib.sha256(self.party.encode()).digest() + struct.pack(">BI", flags, self.uses)

    def _answer(self, **response):
        return {"id": text(self.id), "rawId": text(self.id), "type": "public-key",
                "response": {name: text(data) for name, data in response.items()}}

    def create(self, options):
        """The `credential` that registers it."""
        point = self.key.public_key().public_numbers()
        cose = (b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20" + point.x.to_bytes(32, "big")
                + b"\x22\x58\x20" + point.y.to_bytes(32, "big"))
        data = (self._head(PRESENT_AND_VERIFIED | WITH_KEY) + bytes(16) + struct.pack(">H", len(self.id)) + self.id + cose)
        attested = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58" + bytes([len(data)]) + data
        return self._answer(clientDataJSON=self._client("webauthn.create", options["challenge"]), attestationObject=attested)

    def get(self, options):
        """The `credential` that signs the challenge."""
        client, data = self._client("webauthn.get", options["challenge"]), self._head(PRESENT_AND_VERIFIED)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(clientDataJSON=client, authenticatorData=data, signature=signature)
