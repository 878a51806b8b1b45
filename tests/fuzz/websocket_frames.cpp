// A stream of client frames, whole and byte by byte, with compression agreed on and without: the same
// events must come out of both.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/text.h"
#include "expect.h"
#include "http/websocket_frames.h"

using kavach::fuzz::expect;
using kavach::http::FrameReader;

namespace {

constexpr std::size_t kMessageMax = 256;

std::string events_of(std::string_view input, std::size_t step, bool may_inflate) {
  FrameReader reader{may_inflate};
  std::string events;
  while (!input.empty()) {
    auto piece = input.substr(0, step);
    input.remove_prefix(piece.size());
    while (!piece.empty()) {
      std::size_t consumed = 0;
      const auto kind = reader.feed(piece, kMessageMax, consumed);
      expect(consumed <= piece.size(), "no more is used than was given");
      piece.remove_prefix(consumed);
      if (kind == FrameReader::Kind::NeedsMore) break;
      events.append(std::to_string(static_cast<int>(kind)));
      if (kind == FrameReader::Kind::Failed || kind == FrameReader::Kind::Close) {
        return events.append(std::to_string(reader.code()));
      }
      if (kind == FrameReader::Kind::Message) {
        expect(reader.payload().size() <= kMessageMax, "the limit holds");
        if (reader.is_text()) expect(kavach::is_valid_utf8(reader.payload()), "text is UTF-8");
      }
      if (kind != FrameReader::Kind::Fragment) events.append(reader.payload());
    }
  }
  return events;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input{reinterpret_cast<const char*>(data), size};
  for (const bool may_inflate : {false, true}) {
    expect(events_of(input, size + 1, may_inflate) == events_of(input, 1, may_inflate),
           "events do not depend on how the bytes arrive");
  }
  return 0;
}
