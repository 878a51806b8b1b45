#include "http/chunked_body.h"

#include <gtest/gtest.h>

#include "malformed_requests.h"

namespace kavach::http {
namespace {

std::string_view body_of(const MalformedRequest& attack) {
  const std::string_view bytes{attack.bytes};
  return bytes.substr(bytes.find("\r\n\r\n") + 4);
}

TEST(ChunkedBody, R21_RefusesEveryMalformedBody) {
  for (const auto& attack : malformed_bodies()) {
    ChunkedBody chunks;
    std::string body;
    std::size_t consumed = 0;
    EXPECT_EQ(chunks.feed(body_of(attack), 100, body, consumed), ChunkedBody::State::Refused) << attack.name;
    EXPECT_EQ(chunks.refusal().reason, attack.reason) << attack.name;
  }
}

TEST(ChunkedBody, ReadsByteByByteAndLeavesWhatFollows) {
  const std::string_view wire = "4\r\nWiki\r\n00000005\r\npedia\r\nA\r\n0123456789\r\n0\r\n\r\nGET /";
  ChunkedBody chunks;
  std::string body;
  std::size_t used = 0;
  auto state = ChunkedBody::State::NeedsMore;
  while (state == ChunkedBody::State::NeedsMore) {
    std::size_t consumed = 0;
    state = chunks.feed(wire.substr(used, 1), 100, body, consumed);
    used += consumed;
  }
  EXPECT_EQ(state, ChunkedBody::State::Done);
  EXPECT_EQ(body, "Wikipedia0123456789");
  EXPECT_EQ(wire.substr(used), "GET /");
}

TEST(ChunkedBody, RefusesAnAnnouncedChunkBeforeReadingIt) {
  ChunkedBody chunks;
  std::string body;
  std::size_t consumed = 0;
  EXPECT_EQ(chunks.feed("5\r\nhello\r\n6\r\n", 10, body, consumed), ChunkedBody::State::Refused);
  EXPECT_EQ(chunks.refusal().status, 413);
  EXPECT_EQ(body, "hello");
}

}  // namespace
}  // namespace kavach::http
