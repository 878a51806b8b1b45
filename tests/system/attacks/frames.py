"""The frames of RFC 6455 and RFC 7692 at both doors of a real gateway, in the chapters of the Autobahn suite (R38). A gateway
does not echo; the `_pingId` of a ping comes back, so a text that travels in one is as good as an echo. tests/http has the
same chapters in full against a server that does.
"""
import json
import struct
import zlib

import doors
from websocket import BINARY, CLOSE, PING, PONG, TEXT, frame

MORE, END, TEXT_START, BINARY_START = 0x00, 0x80, 0x01, 0x02
LARGEST = 16_384  # WS_MAX_MESSAGE_BYTES


def ask(text, size=0):
    """A message that is answered with the text, padded to a size."""
    message = json.dumps({"action": "ping", "_pingId": text}, ensure_ascii=False).encode()
    return message + b" " * (size - len(message))


def close(code, reason=b""):
    return frame(CLOSE, struct.pack(">H", code) + reason)


def cut(first, payload, step):
    parts = [payload[at:at + step] for at in range(0, len(payload), step)]
    return b"".join(frame((first & 0x7F if n == 0 else 0) | (0x80 if n == len(parts) - 1 else 0), part) for n, part in enumerate(parts))


def deflated(text):
    squeeze = zlib.compressobj(wbits=-15)
    return (squeeze.compress(text) + squeeze.flush(zlib.Z_SYNC_FLUSH))[:-4]


ALIVE = (PONG, b"alive")


def framing():
    for size in (0, 125, 126, 127, 128, 4_096, LARGEST):
        yield f"1 text of {size or 'the least'}", frame(TEXT, ask("a", size)), ["a"], 0
        yield f"1 binary of {size or 'the least'}", frame(BINARY, ask("b", size)), ["b"], 0
    yield "1 unmasked", frame(TEXT, ask("a"), masked=False), [], 1002
    yield "1 a length longer than it need be", b"\x81\xfe\x00\x05\x00\x00\x00\x00hello", [], 1002
    yield "1 a length with a sign", b"\x82\xff\x80" + b"\x00" * 11, [], 1002
    for payload in (b"", b"hi", b"\x00\xff\xfe", b"." * 125):
        yield f"2 ping of {len(payload)}", frame(PING, payload), [(PONG, payload)], 0
    yield "2 ping too long", frame(PING, b"." * 126), [], 1002
    yield "2 unsolicited pong", frame(PONG, b"x") + frame(PING, b"y"), [(PONG, b"y")], 0
    yield "2 ten pings", b"".join(frame(PING, str(n)) for n in range(10)), [(PONG, str(n).encode()) for n in range(10)], 0
    for bits in range(1, 8):
        for kind in (TEXT, BINARY, PING, CLOSE):
            yield f"3 bits {bits} on {kind:x}", frame(TEXT, ask("a")) + frame(kind | bits << 4, b"\x03\xe8") + frame(PING), ["a"], 1002
    for opcode in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15):
        yield f"4 opcode {opcode}", frame(TEXT, ask("a")) + frame(0x80 | opcode, b"x") + frame(PING), ["a"], 1002


def fragments():
    message = ask("fragment")
    yield "5 fragmented ping", frame(0x09, b"x"), [], 1002
    yield "5 fragmented pong", frame(0x0A, b"x"), [], 1002
    yield "5 fragmented close", frame(0x08, b""), [], 1002
    for step in (1, 5, 20):
        yield f"5 pieces of {step}", cut(TEXT, message, step), ["fragment"], 0
    yield "5 binary pieces", cut(BINARY, message, 7), ["fragment"], 0
    yield "5 empty pieces around", frame(TEXT_START, b"") + frame(MORE, message) + frame(END, b""), ["fragment"], 0
    yield "5 ping between", frame(TEXT_START, message[:9]) + frame(PING, b"p") + frame(END, message[9:]), [(PONG, b"p"), "fragment"], 0
    for continuation in (MORE, END):
        yield "5 continuation of nothing", frame(continuation, message), [], 1002
        yield "5 continuation after the end", cut(TEXT, message, 9) + frame(continuation, b"x"), ["fragment"], 1002
    yield "5 text inside", frame(TEXT_START, message[:9]) + frame(TEXT, message), [], 1002
    yield "5 binary inside", frame(TEXT_START, message[:9]) + frame(BINARY_START, message), [], 1002


GOOD = ["\u03ba\u1f79\u03c3\u03bc\u03b5", "\x7f", "\x80", "\u07ff", "\u0800", "\ud7ff", "\ue000", "\ufffd", "\uffff", "\U00010000", "\U0010ffff",
        *(chr(plane << 16 | 0xFFFE) for plane in range(17))]
BAD = ["edada0", "80", "bf", "80bf80", "c020", "e020", "f020", "f820", "fc20", "fe", "ff", "fefeffff", "c0af", "e080af", "f08080af", "f8808080af",
       "fc80808080af", "c1bf", "e09fbf", "f08fbfbf", "f887bfbfbf", "fc83bfbfbfbf", "c080", "e08080", "eda080", "edadbf", "edae80", "edafbf", "edb080",
       "edbe80", "edbfbf", "eda080edb080", "f4908080", "f7bfbfbf", "fbbfbfbfbf", "fdbfbfbfbfbf", "ce", "e1bd", "f0908f"]


def texts():
    for text in GOOD:
        yield f"6 valid {text!r}", frame(TEXT, ask(text)), [text], 0
        yield f"6 valid in bytes {text!r}", cut(TEXT, ask(text), 1), [text], 0
    for raw in map(bytes.fromhex, BAD):
        yield f"6 invalid {raw.hex()}", frame(TEXT, ask("a") + raw), [], 1007
        yield f"6 invalid in bytes {raw.hex()}", cut(TEXT, raw, 1), [], 1007
    yield "6 at the first bad byte", frame(TEXT, b"\xce\xba\xed\xa0" + b"a" * 100)[:12], [], 1007


def closing():
    for code in (1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999):
        yield f"7 code {code}", close(code, b"bye"), [], code
    for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535):
        yield f"7 code {code}", close(code), [], 1002
    yield "7 no code", frame(CLOSE), [], 1000
    yield "7 half a code", frame(CLOSE, b"\x03"), [], 1002
    yield "7 the longest reason", close(1000, b"r" * 123), [], 1000
    yield "7 a longer one", close(1000, b"r" * 124), [], 1002
    yield "7 a reason that is no text", close(1000, b"\xff"), [], 1007
    for name, after in (("a message", frame(TEXT, ask("b"))), ("a ping", frame(PING)), ("a close", close(1000))):
        yield f"7 {name} after it", frame(TEXT, ask("a")) + close(1000) + after, ["a"], 1000
    yield "7 between fragments", frame(TEXT_START, b"{") + close(1000) + frame(END, b"}"), [], 1000


def sizes():
    yield "9 one more than the largest", frame(TEXT, ask("a", LARGEST + 1)), [], 1009
    yield "9 more in pieces", cut(TEXT, ask("a", LARGEST + 1), 1_000), [], 1009
    yield "9 more, by its word", b"\x81\xff" + (2**62).to_bytes(8, "big") + b"mask", [], 1009
    yield "10 pieces of 1,300", cut(TEXT, ask("a", LARGEST), 1_300), ["a"], 0


def compressed():
    for size in (0, 64, 256, 1_024, 4_096, LARGEST):
        squeezed = deflated(ask("c", size))
        yield f"12 text of {size}", frame(0xC1, squeezed), ["c"], 0
        yield f"12 binary of {size}", frame(0xC2, squeezed), ["c"], 0
        yield f"12 pieces of {size}", cut(0xC1, squeezed, max(1, len(squeezed) // 5)), ["c"], 0
    yield "12 plain among them", frame(TEXT, ask("a")) + frame(0xC1, deflated(ask("b"))) + frame(TEXT, ask("c")), ["a", "b", "c"], 0
    yield "12 not compressed", frame(0xC1, b"\xff\xff\xff"), [], 1007
    yield "12 cut short", frame(0xC1, deflated(ask("a"))[:9]), [], 1007
    yield "12 no text once inflated", frame(0xC1, deflated(b"abc\xed\xa0\x80")), [], 1007
    yield "12 a bomb", frame(0xC1, deflated(b" " * 8_000_000)), [], 1009
    yield "12 the bit on a continuation", frame(0x41, deflated(ask("a"))[:9]) + frame(0xC0, b"x"), [], 1002
    yield "12 a compressed ping", frame(0xC9, b"x"), [], 1002


OFFERS = ["permessage-deflate; client_max_window_bits", "permessage-deflate; server_no_context_takeover; server_max_window_bits=9",
          "permessage-deflate; unknown, permessage-deflate; server_max_window_bits=15"]


def try_case(door, case, expect, headers=""):
    name, sent, wanted, code = case
    stream = door.knock(headers=headers)
    stream.raw(sent)
    if code == 0:
        stream.raw(frame(PING, b"alive"))
        wanted = [*wanted, ALIVE]
    heard = []
    while len(heard) < len(wanted) + 1:
        try:
            got = stream.next_frame(5 if len(heard) < len(wanted) or code else 0.002)
        except TimeoutError:
            break
        if got is None:
            break
        heard.append((got[0], got[1][:2]) if got[0] == CLOSE else json.loads(got[1])["_pingId"] if got[0] == TEXT else got)
    if code:
        wanted = [*wanted, (CLOSE, struct.pack(">H", code))]
        expect(stream.next_frame() is None, f"R38 {door.name}, {name}: nothing after the close")
    expect(heard == wanted, f"R38 {door.name}, {name}: {wanted}, got {heard}")
    stream.close()


def run(gateway, findings):
    for door in doors.both(gateway):
        cases = [case for chapter in (framing, fragments, texts, closing, sizes) for case in chapter()]
        for case in cases:
            try_case(door, case, findings.expect)
        for offer in OFFERS:
            for case in compressed():
                try_case(door, case, findings.expect, f"Sec-WebSocket-Extensions: {offer}\r\n")
        print(f"    {door.name}: {len(cases)} cases and {len(list(compressed()))} compressed ones with {len(OFFERS)} offers")
