"""Requests that two parsers may read differently (R21): each gets one refusal and a closed connection.

The second request of each case would be the smuggled one; it must never be answered.
"""

SMUGGLED = "GET /health/status HTTP/1.1\r\nHost: {host}\r\n\r\n"


def cases(host):
    start = f"POST /api/v1/funds HTTP/1.1\r\nHost: {host}\r\n"
    get = f"GET /health/status HTTP/1.1\r\nHost: {host}\r\n"
    chunked = start + "Transfer-Encoding: chunked\r\n\r\n"
    zero = "0\r\n\r\n"
    return {
        # Two lengths.
        "CL and TE": start + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n" + zero,
        "TE and CL": start + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n" + zero,
        "two different lengths": start + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
        "two lengths in one header": start + "Content-Length: 5, 6\r\n\r\nhello!",
        "the same length twice in one header": start + "Content-Length: 5, 5\r\n\r\nhello",
        # Strange lengths.
        "negative length": start + "Content-Length: -1\r\n\r\n",
        "plus length": start + "Content-Length: +5\r\n\r\nhello",
        "hexadecimal length": start + "Content-Length: 0x5\r\n\r\nhello",
        "length with a space inside": start + "Content-Length: 5 5\r\n\r\nhello",
        "empty length": start + "Content-Length:\r\n\r\n",
        "length with text": start + "Content-Length: five\r\n\r\nhello",
        "length that overflows": start + "Content-Length: 99999999999999999999999999\r\n\r\n",
        "length 2^64": start + "Content-Length: 18446744073709551616\r\n\r\n",
        "decimal length": start + "Content-Length: 5.0\r\n\r\nhello",
        # Strange transfer codings.
        "TE identity": start + "Transfer-Encoding: identity\r\n\r\n",
        "TE gzip": start + "Transfer-Encoding: gzip\r\n\r\n",
        "TE gzip, chunked": start + "Transfer-Encoding: gzip, chunked\r\n\r\n" + zero,
        "TE chunked twice": start + "Transfer-Encoding: chunked, chunked\r\n\r\n" + zero,
        "TE in two headers": start + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n" + zero,
        "TE xchunked": start + "Transfer-Encoding: xchunked\r\n\r\n" + zero,
        "TE chunked with a tab": start + "Transfer-Encoding:\tchunked\x0b\r\n\r\n" + zero,
        "TE quoted": start + 'Transfer-Encoding: "chunked"\r\n\r\n' + zero,
        "TE with a parameter": start + "Transfer-Encoding: chunked;q=1\r\n\r\n" + zero,
        "TE empty": start + "Transfer-Encoding:\r\n\r\n",
        "TE in HTTP/1.0": f"POST /api/v1/funds HTTP/1.0\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\n\r\n" + zero,
        # Names and whitespace.
        "space before the colon": start + "Content-Length : 5\r\n\r\nhello",
        "tab before the colon": start + "Transfer-Encoding\t: chunked\r\n\r\n" + zero,
        "folded header": start + "X-A: b\r\n Content-Length: 5\r\n\r\nhello",
        "folded transfer encoding": start + "Transfer-Encoding:\r\n chunked\r\n\r\n" + zero,
        "header without a colon": start + "Nonsense\r\n\r\n",
        "header without a name": start + ": value\r\n\r\n",
        "space in a name": start + "Content Length: 5\r\n\r\nhello",
        "leading space in the first header": f"POST /api/v1/funds HTTP/1.1\r\n Host: {host}\r\n\r\n",
        "NUL in a name": start + "Con\x00tent: 5\r\n\r\n",
        "NUL in a value": start + "X-A: a\x00b\r\n\r\n",
        "bare CR in a value": start + "X-A: a\rContent-Length: 5\r\n\r\n",
        "bare LF line ends": f"GET /health/status HTTP/1.1\nHost: {host}\n\n",
        "bare LF in the middle": get + "X-A: b\nX-C: d\r\n\r\n",
        "control character in a value": start + "X-A: \x01\r\n\r\n",
        "DEL in a value": start + "X-A: \x7f\r\n\r\n",
        "non-ASCII name": start + "X-\xc3\xa4: b\r\n\r\n",
        "parenthesis in a name": start + "X(A): b\r\n\r\n",
        # Chunks.
        "chunk size with 0x": chunked + "0x5\r\nhello\r\n" + zero,
        "negative chunk": chunked + "-5\r\nhello\r\n" + zero,
        "plus chunk": chunked + "+5\r\nhello\r\n" + zero,
        "chunk size overflows": chunked + "FFFFFFFFFFFFFFFFF\r\nhello\r\n" + zero,
        "chunk size with a space": chunked + "5 \r\nhello\r\n" + zero,
        "chunk longer than said": chunked + "4\r\nhello\r\n" + zero,
        "chunk shorter than said": chunked + "6\r\nhello\r\n" + zero,
        "chunk without line end": chunked + "5\r\nhello0\r\n\r\n",
        "chunk with bare LF": chunked + "5\nhello\n0\n\n",
        "empty chunk size": chunked + "\r\nhello\r\n" + zero,
        "chunk size in letters": chunked + "five\r\nhello\r\n" + zero,
        "huge chunk extension": chunked + "5;" + "a" * 20000 + "\r\nhello\r\n" + zero,
        "trailer that sets a length": chunked + "0\r\nContent-Length: 50\r\n\r\n",
        # Request line.
        "no version": f"GET /health/status\r\nHost: {host}\r\n\r\n",
        "HTTP/0.9": "GET /health/status\r\n\r\n",
        "HTTP/2.0": f"GET /health/status HTTP/2.0\r\nHost: {host}\r\n\r\n",
        "HTTP/1.2": f"GET /health/status HTTP/1.2\r\nHost: {host}\r\n\r\n",
        "lower-case version": f"GET /health/status http/1.1\r\nHost: {host}\r\n\r\n",
        "two spaces": f"GET  /health/status HTTP/1.1\r\nHost: {host}\r\n\r\n",
        "tab for a space": f"GET\t/health/status HTTP/1.1\r\nHost: {host}\r\n\r\n",
        "space in the path": f"GET /health/ status HTTP/1.1\r\nHost: {host}\r\n\r\n",
        "NUL in the path": f"GET /health\x00/status HTTP/1.1\r\nHost: {host}\r\n\r\n",
        "encoded NUL": f"GET /health%00/status HTTP/1.1\r\nHost: {host}\r\n\r\n",
        "broken percent": f"GET /health%zz/status HTTP/1.1\r\nHost: {host}\r\n\r\n",
        "invalid UTF-8 in the path": f"GET /%ff%fe HTTP/1.1\r\nHost: {host}\r\n\r\n",
        "overlong UTF-8": f"GET /%c0%ae%c0%ae/ HTTP/1.1\r\nHost: {host}\r\n\r\n",
        "absolute form of another host": f"GET http://evil.example/ HTTP/1.1\r\nHost: {host}\r\n\r\n",
        "authority form": f"CONNECT evil.example:443 HTTP/1.1\r\nHost: {host}\r\n\r\n",
        "method with a NUL": f"G\x00ET / HTTP/1.1\r\nHost: {host}\r\n\r\n",
        "HTTP/2 preface": "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "TLS to a plain port": "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        # Host.
        "no Host": "GET /health/status HTTP/1.1\r\n\r\n",
        "two Hosts": get + f"Host: {host}\r\n\r\n",
        "two different Hosts": get + "Host: evil.example\r\n\r\n",
        "Host with a path": "GET /health/status HTTP/1.1\r\nHost: 127.0.0.1/evil\r\n\r\n",
        "Host with a user": "GET /health/status HTTP/1.1\r\nHost: a@127.0.0.1\r\n\r\n",
        # Size.
        "a line that never ends": "GET /" + "a" * 20000 + f" HTTP/1.1\r\nHost: {host}\r\n\r\n",
        "one enormous header": get + "X-A: " + "a" * 70000 + "\r\n\r\n",
        "a thousand headers": get + "".join(f"X-{n}: a\r\n" for n in range(1000)) + "\r\n",
    }


def run(gateway, findings):
    expect = findings.expect
    host = f"127.0.0.1:{gateway.port}"
    corpus = cases(host)
    expect(len(corpus) >= 60, f"{len(corpus)} cases")
    for name, attack in corpus.items():
        received, closed = gateway.raw((attack + SMUGGLED.format(host=host)).encode("latin-1"))
        first = received.split(b"\r\n", 1)[0].decode(errors="replace")
        parts = first.split(" ")
        status = int(parts[1]) if len(parts) > 1 and parts[1].isdigit() else 0
        replies = received.count(b"HTTP/1.1 ")
        expect(closed, f"R21 {name}: the connection is closed ({first})")
        expect(replies <= 1, f"R21 {name}: one answer at most, got {replies}")
        expect(status == 0 or 400 <= status < 600 and status != 500, f"R21 {name}: refused ({first})")
    expect(gateway.request("GET", "/health/status").status == 200, "the gateway still answers")
