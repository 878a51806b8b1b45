// A chunked body, whole and cut into two pieces.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "expect.h"
#include "http/chunked_body.h"

using kavach::fuzz::expect;
using kavach::http::ChunkedBody;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view input{reinterpret_cast<const char*>(data) + 1, size - 1};
  const std::size_t cut = data[0] % size;
  constexpr std::size_t kBodyMax = 64;

  ChunkedBody whole;
  std::string body;
  std::size_t used = 0;
  const auto verdict = whole.feed(input, kBodyMax, body, used);
  expect(used <= input.size(), "no more is used than was given");
  expect(body.size() <= kBodyMax, "the limit holds");

  ChunkedBody pieces;
  std::string again;
  std::size_t first = 0;
  std::size_t second = 0;
  auto state = pieces.feed(input.substr(0, cut), kBodyMax, again, first);
  if (state == ChunkedBody::State::NeedsMore) {
    expect(first == cut, "everything is used while more is needed");
    state = pieces.feed(input.substr(cut), kBodyMax, again, second);
  }
  expect(state == verdict, "the verdict does not depend on how the bytes arrive");
  expect(again == body, "nor does the body");
  if (verdict == ChunkedBody::State::Done) expect(first + second == used, "nor does its end");
  return 0;
}
