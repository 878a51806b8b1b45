#include "http/websocket_deflate.h"

#include <gtest/gtest.h>

#include "http/websocket_frames.h"
#include "support/websocket_client.h"

namespace kavach::http {
namespace {

using namespace std::string_literals;
using Outcome = MessageInflater::Outcome;

struct Inflated {
  Outcome outcome;
  std::string text;
};

Inflated inflate(std::string_view deflated, std::size_t most = 100'000, std::size_t step = 1'000'000) {
  MessageInflater inflater;
  std::string out;
  for (; !deflated.empty(); deflated.remove_prefix(std::min(step, deflated.size()))) {
    if (const auto outcome = inflater.feed(deflated.substr(0, step), out, most); outcome != Outcome::Done) return {outcome, out};
  }
  const Outcome outcome = inflater.finish(out, most);
  return {outcome, out};
}

/// A megabyte of one letter in about a kilobyte.
std::string bomb(std::size_t megabytes) { return MessageDeflater{}.deflate(std::string(megabytes * 1'000'000, 'a')); }

TEST(WebSocketDeflate, WhatIsCompressedComesBack) {
  MessageDeflater deflater;
  for (const std::size_t size : {0U, 1U, 100U, 5'000U, 70'000U}) {
    std::string text;
    for (std::size_t i = 0; i < size; ++i) text += static_cast<char>(i * i % 251);
    const std::string deflated = deflater.deflate(text);
    for (const std::size_t step : {1'000'000U, 1U, 7U}) {
      const auto back = inflate(deflated, 100'000, step);
      EXPECT_EQ(back.outcome, Outcome::Done) << size;
      EXPECT_TRUE(back.text == text) << size;
    }
  }
}

TEST(WebSocketDeflate, NoMessageRemembersTheOneBefore) {
  MessageDeflater deflater;
  const std::string first = deflater.deflate("one price among many, one price among many");
  EXPECT_EQ(deflater.deflate("one price among many, one price among many"), first);
}

// RFC 7692, 7.2.3.
TEST(WebSocketDeflate, ReadsTheStandardsExamples) {
  EXPECT_EQ(inflate("\xf2\x48\xcd\xc9\xc9\x07\x00"s).text, "Hello");
  EXPECT_EQ(inflate("\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00"s).text, "Hello") << "a block without compression";
  EXPECT_EQ(inflate("\xf3\x48\xcd\xc9\xc9\x07\x00\x00"s).text, "Hello") << "a final block";
  EXPECT_EQ(inflate("\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00"s).text, "Hello") << "two blocks";
  const auto empty = inflate("\x00"s);
  EXPECT_EQ(empty.outcome, Outcome::Done);
  EXPECT_EQ(empty.text, "");
}

TEST(WebSocketDeflate, R38ABombStopsAtTheLimitAndNotAfterIt) {
  const auto cut = inflate(bomb(50), 16'384);
  EXPECT_EQ(cut.outcome, Outcome::TooLarge);
  EXPECT_LE(cut.text.size(), 16'384U);
  const auto fits = inflate(bomb(1), 1'000'000);
  EXPECT_EQ(fits.outcome, Outcome::Done);
  EXPECT_EQ(fits.text.size(), 1'000'000U);
}

TEST(WebSocketDeflate, R38WhatIsNotCompressedDataIsRefused) {
  EXPECT_EQ(inflate("\xff\xff\xff\xff"s).outcome, Outcome::Malformed) << "no such block";
  EXPECT_EQ(inflate("\x00\x05\x00\x00\x00Hello"s).outcome, Outcome::Malformed) << "lengths that disagree";
  const std::string whole = MessageDeflater{}.deflate("a message that is cut in its middle, in its middle");
  EXPECT_EQ(inflate(std::string_view{whole}.substr(0, whole.size() / 2)).outcome, Outcome::Malformed);
  EXPECT_EQ(inflate("\x02\x00\x00"s).outcome == Outcome::Done, false) << "a distance before the beginning, or an end in the middle";
}

// Many empty blocks stand for nothing: only the bytes on the wire can bound them.
TEST(WebSocketDeflate, R38EmptyBlocksCountTowardsTheLimitToo) {
  std::string blocks;
  for (int i = 0; i < 1'000; ++i) blocks += "\x00\x00\x00\xff\xff"s;
  FrameReader reader{true};
  std::size_t consumed = 0;
  const std::string frame = test::client_frame(0xC1, blocks);
  EXPECT_EQ(reader.feed(frame, 1'000, consumed), FrameReader::Kind::Failed);
  EXPECT_EQ(reader.code(), close_code::kTooLarge);
  EXPECT_LT(consumed, 20U) << "by its length";
}

}  // namespace
}  // namespace kavach::http
