#include "malformed_requests.h"

namespace kavach::http {
namespace {

using namespace std::string_literals;

/// A good request line and host, then these headers.
std::string with(const std::string& headers) {
  return "POST /api/v1/placeorder HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n";
}

std::string target(const std::string& text) {
  return "GET " + text + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
}

std::string chunked(const std::string& body) { return with("Transfer-Encoding: chunked\r\n") + body; }

void add_lengths(std::vector<MalformedRequest>& all) {
  const std::vector<MalformedRequest> lengths{
      {"both lengths", with("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), 400,
       "length_and_transfer_encoding"},
      {"both lengths, the other order", with("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"), 400,
       "length_and_transfer_encoding"},
      {"both lengths, zero", with("Content-Length: 0\r\nTransfer-Encoding: chunked\r\n"), 400,
       "length_and_transfer_encoding"},
      {"two different lengths", with("Content-Length: 5\r\nContent-Length: 6\r\n"), 400,
       "duplicate_content_length"},
      {"two equal lengths", with("Content-Length: 5\r\nContent-Length: 5\r\n"), 400,
       "duplicate_content_length"},
      {"two lengths in one", with("Content-Length: 5, 5\r\n"), 400, "content_length"},
      {"plus sign", with("Content-Length: +5\r\n"), 400, "content_length"},
      {"minus sign", with("Content-Length: -5\r\n"), 400, "content_length"},
      {"blank inside", with("Content-Length: 5 0\r\n"), 400, "content_length"},
      {"hexadecimal", with("Content-Length: 0x5\r\n"), 400, "content_length"},
      {"fraction", with("Content-Length: 5.0\r\n"), 400, "content_length"},
      {"exponent", with("Content-Length: 1e2\r\n"), 400, "content_length"},
      {"octal look", with("Content-Length: 010\r\n"), 400, "content_length"},
      {"empty length", with("Content-Length: \r\n"), 400, "content_length"},
      {"overflow", with("Content-Length: 18446744073709551621\r\n"), 400, "content_length"},
      {"quoted length", with("Content-Length: \"5\"\r\n"), 400, "content_length"},
      {"unicode digits", with("Content-Length: \xEF\xBC\x95\r\n"), 400, "content_length"},
      {"semicolon", with("Content-Length: 5;\r\n"), 400, "content_length"},
  };
  all.insert(all.end(), lengths.begin(), lengths.end());
}

void add_codings(std::vector<MalformedRequest>& all) {
  const std::vector<MalformedRequest> codings{
      {"coding identity", with("Transfer-Encoding: identity\r\n"), 400, "transfer_encoding"},
      {"coding gzip, chunked", with("Transfer-Encoding: gzip, chunked\r\n"), 400, "transfer_encoding"},
      {"coding chunked, identity", with("Transfer-Encoding: chunked, identity\r\n"), 400,
       "transfer_encoding"},
      {"coding chunked twice in one", with("Transfer-Encoding: chunked, chunked\r\n"), 400,
       "transfer_encoding"},
      {"two codings", with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 400,
       "duplicate_transfer_encoding"},
      {"second coding differs", with("Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n"), 400,
       "duplicate_transfer_encoding"},
      {"coding xchunked", with("Transfer-Encoding: xchunked\r\n"), 400, "transfer_encoding"},
      {"coding chunkedx", with("Transfer-Encoding: chunkedx\r\n"), 400, "transfer_encoding"},
      {"coding with parameter", with("Transfer-Encoding: chunked;q=1\r\n"), 400, "transfer_encoding"},
      {"coding quoted", with("Transfer-Encoding: \"chunked\"\r\n"), 400, "transfer_encoding"},
      {"coding empty", with("Transfer-Encoding:\r\n"), 400, "transfer_encoding"},
      {"coding behind a vertical tab", with("Transfer-Encoding: \x0B"s + "chunked\r\n"), 400,
       "header_value"},
      {"coding in HTTP/1.0", "POST / HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", 400,
       "transfer_encoding_in_http_1_0"},
  };
  all.insert(all.end(), codings.begin(), codings.end());
}

void add_headers(std::vector<MalformedRequest>& all) {
  const std::vector<MalformedRequest> headers{
      {"blank before the colon", with("Content-Length : 5\r\n"), 400, "header_name"},
      {"tab before the colon", with("Transfer-Encoding\t: chunked\r\n"), 400, "header_name"},
      {"blank before the name", with(" Content-Length: 5\r\n"), 400, "folded_header"},
      {"folded value", with("X-A: 1\r\n 2\r\n"), 400, "folded_header"},
      {"folded coding", with("Transfer-Encoding:\r\n chunked\r\n"), 400, "transfer_encoding"},
      {"folded with a tab", with("X-A: 1\r\n\t2\r\n"), 400, "folded_header"},
      {"no colon", with("Content-Length 5\r\n"), 400, "header_syntax"},
      {"no name", with(": 5\r\n"), 400, "header_syntax"},
      {"bare LF after a header", with("X-A: 1\nContent-Length: 5\r\n"), 400, "bare_lf"},
      {"bare LF everywhere", "GET / HTTP/1.1\nHost: x\n\n", 400, "bare_lf"},
      {"bare LF before the end", with("X-A: 1\r\n\n"), 400, "bare_lf"},
      {"bare CR in a value", with("X-A: 1\rContent-Length: 5\r\n"), 400, "header_value"},
      {"bare CR in a name", with("X\rA: 1\r\n"), 400, "header_name"},
      {"CR CR LF", with("X-A: 1\r\r\n"), 400, "header_value"},
      {"NUL in a value", with("X-A: a\0b\r\n"s), 400, "header_value"},
      {"NUL in a name", with("X\0A: 1\r\n"s), 400, "header_name"},
      {"escape in a value", with("X-A: \x1B[2J\r\n"), 400, "header_value"},
      {"DEL in a value", with("X-A: \x7F\r\n"), 400, "header_value"},
      {"non-ASCII name", with("X-\xC3\xA4: 1\r\n"), 400, "header_name"},
      {"brackets in a name", with("X[A]: 1\r\n"), 400, "header_name"},
      {"unknown expectation", with("Expect: 200-ok\r\n"), 417, "expectation"},
  };
  all.insert(all.end(), headers.begin(), headers.end());
}

void add_hosts(std::vector<MalformedRequest>& all) {
  const auto host = [](const std::string& value) {
    return "GET / HTTP/1.1\r\nHost: " + value + "\r\n\r\n";
  };
  const std::vector<MalformedRequest> hosts{
      {"no host", "GET / HTTP/1.1\r\n\r\n", 400, "missing_host"},
      {"two hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400, "duplicate_host"},
      {"the same host twice", "GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n", 400, "duplicate_host"},
      {"empty host", host(""), 400, "host"},
      {"host with user", host("admin@localhost"), 400, "host"},
      {"host with path", host("localhost/x"), 400, "host"},
      {"host list", host("a, b"), 400, "host"},
      {"host with blank", host("a b"), 400, "host"},
      {"host with bad port", host("localhost:80a"), 400, "host"},
      {"host with large port", host("localhost:65536"), 400, "host"},
      {"host with empty port", host("localhost:"), 400, "host"},
      {"host with two ports", host("localhost:1:2"), 400, "host"},
      {"host with open bracket", host("[::1"), 400, "host"},
      {"host with bad IPv6", host("[::g]"), 400, "host"},
      {"host with percent", host("local%00host"), 400, "host"},
      {"authority against host", "GET http://evil/ HTTP/1.1\r\nHost: localhost\r\n\r\n", 400,
       "host_mismatch"},
      {"authority port against host", "GET http://a:1/ HTTP/1.1\r\nHost: a:2\r\n\r\n", 400,
       "host_mismatch"},
      {"authority with user", "GET http://a@b/ HTTP/1.1\r\nHost: b\r\n\r\n", 400, "target_form"},
      {"authority empty", "GET http:///x HTTP/1.1\r\nHost: b\r\n\r\n", 400, "target_form"},
  };
  all.insert(all.end(), hosts.begin(), hosts.end());
}

void add_request_lines(std::vector<MalformedRequest>& all) {
  const std::vector<MalformedRequest> lines{
      {"HTTP/0.9", "GET /\r\n", 400, "request_line"},
      {"no target", "GET HTTP/1.1\r\nHost: x\r\n\r\n", 400, "request_line"},
      {"two blanks", "GET  / HTTP/1.1\r\nHost: x\r\n\r\n", 400, "target_form"},
      {"blank in the target", "GET /a b HTTP/1.1\r\nHost: x\r\n\r\n", 400, "target_characters"},
      {"tabs for blanks", "GET\t/\tHTTP/1.1\r\nHost: x\r\n\r\n", 400, "request_line"},
      {"blank at the end", "GET / HTTP/1.1 \r\nHost: x\r\n\r\n", 400, "http_version"},
      {"blank line first", "\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n", 400, "method"},
      {"blank first", " GET / HTTP/1.1\r\nHost: x\r\n\r\n", 400, "method"},
      {"TLS on a plain port", "\x16\x03\x01\x02\x00\x01"s, 400, "method"},
      {"PROXY protocol unasked", "PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n", 400, "http_version"},
      {"binary PROXY protocol unasked", "\r\n\r\n\0\r\nQUIT\n"s, 400, "method"},
      {"colon in the method", "G:T / HTTP/1.1\r\nHost: x\r\n\r\n", 400, "method"},
      {"endless method", std::string(40, 'G') + " / HTTP/1.1\r\nHost: x\r\n\r\n", 400, "method"},
      {"lower-case protocol", "GET / http/1.1\r\nHost: x\r\n\r\n", 400, "http_version"},
      {"version without dot", "GET / HTTP/11\r\nHost: x\r\n\r\n", 400, "http_version"},
      {"version 1.10", "GET / HTTP/1.10\r\nHost: x\r\n\r\n", 400, "http_version"},
      {"version 1.2", "GET / HTTP/1.2\r\nHost: x\r\n\r\n", 505, "http_version"},
      {"version 2.0", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "http_version"},
      {"CONNECT", "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n", 501, "connect"},
      {"asterisk", "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", 400, "target_form"},
      {"other scheme", "GET ftp://x/ HTTP/1.1\r\nHost: x\r\n\r\n", 400, "target_form"},
      {"relative target", "GET admin HTTP/1.1\r\nHost: x\r\n\r\n", 400, "target_form"},
  };
  all.insert(all.end(), lines.begin(), lines.end());
}

void add_targets(std::vector<MalformedRequest>& all) {
  const std::vector<MalformedRequest> targets{
      {"short escape", target("/a%2"), 400, "percent_encoding"},
      {"wrong escape", target("/a%zz"), 400, "percent_encoding"},
      {"IIS unicode escape", target("/%u002e"), 400, "percent_encoding"},
      {"wrong escape in the query", target("/a?b=%g0"), 400, "percent_encoding"},
      {"short escape in the query", target("/a?b=%"), 400, "percent_encoding"},
      {"encoded NUL", target("/a%00.json"), 400, "encoded_control_character"},
      {"encoded line break", target("/a%0d%0aX:1"), 400, "encoded_control_character"},
      {"encoded slash", target("/api%2fv1"), 400, "encoded_slash"},
      {"encoded backslash", target("/api%5Cv1"), 400, "encoded_slash"},
      {"backslash", target("/..\\etc"), 400, "target_characters"},
      {"dot segments", target("/static/../../etc/passwd"), 400, "dot_segment"},
      {"one dot", target("/a/./b"), 400, "dot_segment"},
      {"dots at the end", target("/a/.."), 400, "dot_segment"},
      {"encoded dots", target("/static/%2e%2e/secret"), 400, "dot_segment"},
      {"half encoded dots", target("/static/.%2E/secret"), 400, "dot_segment"},
      {"overlong dot", target("/%c0%ae%c0%ae/x"), 400, "path_not_utf8"},
      {"lone continuation byte", target("/%80"), 400, "path_not_utf8"},
      {"surrogate", target("/%ED%A0%80"), 400, "path_not_utf8"},
      {"raw non-ASCII", target("/\xC3\xA4"), 400, "target_characters"},
      {"fragment", target("/a#b"), 400, "target_characters"},
      {"angle bracket in the query", target("/a?b=<script>"), 400, "target_characters"},
      {"control character", target("/a\x01"), 400, "target_characters"},
  };
  all.insert(all.end(), targets.begin(), targets.end());
}

}  // namespace

std::vector<MalformedRequest> malformed_heads() {
  std::vector<MalformedRequest> all;
  add_lengths(all);
  add_codings(all);
  add_headers(all);
  add_hosts(all);
  add_request_lines(all);
  add_targets(all);
  return all;
}

std::vector<MalformedRequest> malformed_bodies() {
  return {
      {"size not hexadecimal", chunked("G\r\n"), 400, "chunk_size"},
      {"size with prefix", chunked("0x5\r\nhello\r\n0\r\n\r\n"), 400, "chunk_size"},
      {"size with sign", chunked("+5\r\nhello\r\n0\r\n\r\n"), 400, "chunk_size"},
      {"negative size", chunked("-1\r\n"), 400, "chunk_size"},
      {"size with blank", chunked("5 \r\nhello\r\n0\r\n\r\n"), 400, "chunk_size"},
      {"blank before the size", chunked(" 5\r\nhello\r\n0\r\n\r\n"), 400, "chunk_size"},
      {"empty size", chunked("\r\nhello"), 400, "chunk_size"},
      {"size overflow", chunked("fffffffff\r\n"), 400, "chunk_size"},
      {"size of sixteen digits", chunked("ffffffffffffffff\r\n"), 400, "chunk_size"},
      {"extension", chunked("5;a=b\r\nhello\r\n0\r\n\r\n"), 400, "chunk_size"},
      {"extension with line break", chunked("5;\nhello\r\n0\r\n\r\n"), 400, "chunk_size"},
      {"size ended by LF", chunked("5\nhello\r\n0\r\n\r\n"), 400, "chunk_size"},
      {"size ended by CR alone", chunked("5\rhello\r\n0\r\n\r\n"), 400, "chunk_size"},
      {"chunk longer than said", chunked("4\r\nhello\r\n0\r\n\r\n"), 400, "chunk_end"},
      {"chunk ended by LF", chunked("5\r\nhello\n0\r\n\r\n"), 400, "chunk_end"},
      {"trailer", chunked("0\r\nContent-Length: 5\r\n\r\n"), 400, "trailer"},
      {"last chunk ended by LF", chunked("0\r\n\n"), 400, "trailer"},
      {"smuggled request behind the last chunk", chunked("0\r\nGET /x HTTP/1.1\r\n"), 400, "trailer"},
  };
}

}  // namespace kavach::http
