"""The backup's container, written anew from its description in src/app/backup_file.h."""
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

HEADER, CHUNK, TAG = 48, 64 * 1024, 16


def hkdf(key, salt, info):
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=salt, info=info).derive(key)


def cipher_of(app_key, header):
    return AESGCM(hkdf(hkdf(app_key.encode(), b"kavach key ring 1", b"backup"), header[16:48], b"kavach backup file 1"))


def nonce(number, last):
    return bytes(7) + number.to_bytes(4, "big") + bytes([last])


def unseal(app_key, data):
    header, body = data[:HEADER], data[HEADER:]
    cipher, plain = cipher_of(app_key, header), b""
    pieces = [body[at:at + CHUNK + TAG] for at in range(0, len(body), CHUNK + TAG)]
    for number, piece in enumerate(pieces):
        plain += cipher.decrypt(nonce(number, number == len(pieces) - 1), piece, header)
    return plain


def seal(app_key, header, plain):
    cipher = cipher_of(app_key, header)
    pieces = [plain[at:at + CHUNK] for at in range(0, len(plain), CHUNK)]
    return header + b"".join(cipher.encrypt(nonce(number, number == len(pieces) - 1), piece, header)
                             for number, piece in enumerate(pieces))
