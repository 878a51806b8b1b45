// The request head, whole and cut into two pieces: the verdict must be the same, and what is accepted
// must hold what handlers rely on.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/text.h"
#include "expect.h"
#include "http/head_parser.h"

using kavach::fuzz::expect;
using kavach::http::HeadParser;

namespace {

void check_accepted(const HeadParser& parser, kavach::http::ParsedHead& parsed, std::string_view input) {
  expect(parser.bytes() <= input.size(), "the head lies inside the input");
  expect(input.substr(0, parser.bytes()).ends_with("\r\n\r\n"), "the head ends with an empty line");
  const auto& head = parsed.head;
  expect(head.path.starts_with('/'), "the path starts with a slash");
  expect(kavach::is_valid_utf8(head.path), "the path is UTF-8");
  expect(head.path.find('\0') == std::string::npos, "the path has no NUL");
  expect((head.path + "/").find("/../") == std::string::npos, "the path has no dot segments");
  for (const auto& header : head.headers) {
    expect(header.value.find_first_of("\r\n") == std::string::npos, "no header has a line break");
  }
  expect(head.header_count("Content-Length") <= 1, "one length");
  expect(head.header_count("Content-Length") + head.header_count("Transfer-Encoding") <= 1, "one framing");
  expect(head.header_count("Host") <= 1, "one host");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view all{reinterpret_cast<const char*>(data), size};
  const std::size_t cut = data[0] % size;
  const std::string_view input = all.substr(1);
  const kavach::http::ServerLimits limits;

  HeadParser whole{limits};
  const auto verdict = whole.parse(input);
  if (verdict == HeadParser::State::Done) check_accepted(whole, whole.result(), input);

  HeadParser pieces{limits};
  auto again = pieces.parse(input.substr(0, cut));
  if (again == HeadParser::State::NeedsMore) again = pieces.parse(input);
  expect(again == verdict, "the verdict does not depend on how the bytes arrive");
  if (verdict == HeadParser::State::Refused) {
    expect(pieces.refusal().reason == whole.refusal().reason, "nor does its reason");
  }
  return 0;
}
