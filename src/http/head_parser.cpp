#include "http/head_parser.h"

#include <array>
#include <utility>

#include "core/text.h"
#include "http/grammar.h"
#include "http/request_target.h"

namespace kavach::http {
namespace {

constexpr std::size_t kMethodBytesMax = 32;

Method method_of(std::string_view text) {
  constexpr std::array kKnown{Method::Get,   Method::Head,   Method::Post,   Method::Put,
                              Method::Patch, Method::Delete, Method::Options};
  for (const Method method : kKnown) {
    if (name_of(method) == text) return method;
  }
  return Method::Other;
}

std::string_view without_blanks(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace

bool HeadParser::refuse(int status, std::string_view reason) {
  refusal_ = Refusal{status, reason};
  return false;
}

void HeadParser::reset() {
  scanned_ = 0;
  line_start_ = 0;
  has_request_line_ = false;
  is_http_1_0_ = false;
  has_length_ = false;
  has_chunked_ = false;
  authority_.clear();
  host_.clear();
  has_host_ = false;
  asks_close_ = false;
  parsed_ = ParsedHead{};
}

HeadParser::State HeadParser::parse(std::string_view input) {
  // Not a method: TLS or noise on a plain port. No reason to wait for a line end.
  if (!input.empty() && !kToken.has(input.front())) {
    refuse(400, "method");
    return State::Refused;
  }
  for (;;) {
    const auto newline = input.find('\n', scanned_);
    const auto end = newline == std::string_view::npos ? input.size() : newline + 1;
    if (!has_request_line_ && end > limits_.request_line_bytes_max) {
      refuse(414, "request_line_too_long");
      return State::Refused;
    }
    if (end > limits_.head_bytes_max) {
      refuse(431, "head_too_large");
      return State::Refused;
    }
    scanned_ = end;
    if (newline == std::string_view::npos) return State::NeedsMore;
    if (newline == line_start_ || input[newline - 1] != '\r') {
      refuse(400, "bare_lf");
      return State::Refused;
    }
    const auto line = input.substr(line_start_, newline - 1 - line_start_);
    line_start_ = end;
    if (line.empty() && has_request_line_) return finish() ? State::Done : State::Refused;
    if (!take_line(line)) return State::Refused;
  }
}

bool HeadParser::take_line(std::string_view line) {
  return has_request_line_ ? take_header(line) : take_request_line(line);
}

bool HeadParser::take_request_line(std::string_view line) {
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return refuse(400, "request_line");
  const auto method = line.substr(0, first);
  const auto target = line.substr(first + 1, last - first - 1);
  if (method.size() > kMethodBytesMax || !kToken.has_all(method)) return refuse(400, "method");
  if (!take_version(line.substr(last + 1))) return false;
  if (method == "CONNECT") return refuse(501, "connect");
  auto parsed = parse_target(target);
  if (!parsed) return refuse(parsed.error().status, parsed.error().reason);
  auto& head = parsed_.head;
  head.method = method_of(method);
  head.method_text = method;
  head.path = std::move(parsed->path);
  head.query = std::move(parsed->query);
  authority_ = std::move(parsed->authority);
  has_request_line_ = true;
  return true;
}

bool HeadParser::take_version(std::string_view version) {
  if (version == "HTTP/1.1") return true;
  if (version == "HTTP/1.0") {
    is_http_1_0_ = true;
    return true;
  }
  const bool well_formed = version.size() == 8 && version.starts_with("HTTP/") &&
                           kDigits.has(version[5]) && version[6] == '.' && kDigits.has(version[7]);
  return well_formed ? refuse(505, "http_version") : refuse(400, "http_version");
}

bool HeadParser::take_header(std::string_view line) {
  if (line.front() == ' ' || line.front() == '\t') return refuse(400, "folded_header");
  const auto colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0) return refuse(400, "header_syntax");
  const auto name = line.substr(0, colon);
  const auto value = without_blanks(line.substr(colon + 1));
  if (!kToken.has_all(name)) return refuse(400, "header_name");
  if (!kFieldValue.has_all(value)) return refuse(400, "header_value");
  auto& headers = parsed_.head.headers;
  if (headers.size() == limits_.header_count_max) return refuse(431, "too_many_headers");
  if (headers.empty()) headers.reserve(8);
  headers.push_back({std::string{name}, std::string{value}});
  return note(headers.back());
}

// Acts on the headers that concern the connection. Sorted by length first: most headers concern it not.
bool HeadParser::note(const Header& header) {
  const auto is = [&](std::string_view name) { return equals_ignoring_case(header.name, name); };
  switch (header.name.size()) {
    case 4:
      if (!is("Host")) return true;
      if (std::exchange(has_host_, true)) return refuse(400, "duplicate_host");
      if (!is_valid_authority(header.value)) return refuse(400, "host");
      host_ = header.value;
      return true;
    case 6:
      if (!is("Expect")) return true;
      if (!equals_ignoring_case(header.value, "100-continue")) return refuse(417, "expectation");
      parsed_.expects_continue = true;
      return true;
    case 10: return !is("Connection") || note_connection(header.value);
    case 14: return !is("Content-Length") || note_content_length(header.value);
    case 17:
      if (!is("Transfer-Encoding")) return true;
      if (std::exchange(has_chunked_, true)) return refuse(400, "duplicate_transfer_encoding");
      if (!equals_ignoring_case(header.value, "chunked")) return refuse(400, "transfer_encoding");
      return true;
    default: return true;
  }
}

bool HeadParser::note_content_length(std::string_view value) {
  if (std::exchange(has_length_, true)) return refuse(400, "duplicate_content_length");
  // Eighteen digits fit; a leading zero is legal but read as octal by some, and sent by none.
  const bool plain = !value.empty() && value.size() <= 18 && kDigits.has_all(value) &&
                     (value.size() == 1 || value.front() != '0');
  if (!plain) return refuse(400, "content_length");
  parsed_.content_length = static_cast<std::size_t>(*parse_int(value));
  return true;
}

bool HeadParser::note_connection(std::string_view value) {
  for (const auto option : split(value, ',')) {
    if (equals_ignoring_case(without_blanks(option), "close")) asks_close_ = true;
  }
  return true;
}

bool HeadParser::finish() {
  if (has_length_ && has_chunked_) return refuse(400, "length_and_transfer_encoding");
  if (is_http_1_0_ && has_chunked_) return refuse(400, "transfer_encoding_in_http_1_0");
  if (!is_http_1_0_ && !has_host_) return refuse(400, "missing_host");
  if (!authority_.empty() && has_host_ && !equals_ignoring_case(authority_, host_)) {
    return refuse(400, "host_mismatch");
  }
  if (has_chunked_) parsed_.framing = BodyFraming::Chunked;
  if (has_length_ && parsed_.content_length > 0) parsed_.framing = BodyFraming::Length;
  // HTTP/1.0 keep-alive was never specified well enough to be safe behind a proxy.
  parsed_.is_http_1_0 = is_http_1_0_;
  parsed_.keep_alive = !is_http_1_0_ && !asks_close_;
  if (is_http_1_0_ || parsed_.framing == BodyFraming::None) parsed_.expects_continue = false;
  return true;
}

}  // namespace kavach::http
