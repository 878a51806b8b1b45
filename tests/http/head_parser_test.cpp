#include "http/head_parser.h"

#include <gtest/gtest.h>

#include "malformed_requests.h"

namespace kavach::http {
namespace {

HeadParser::State parse(HeadParser& parser, std::string_view bytes) { return parser.parse(bytes); }

TEST(HeadParser, R21_RefusesEveryMalformedHead) {
  const ServerLimits limits;
  const auto cases = malformed_heads();
  EXPECT_GE(cases.size(), 60U);
  for (const auto& attack : cases) {
    HeadParser parser{limits};
    EXPECT_EQ(parse(parser, attack.bytes), HeadParser::State::Refused) << attack.name;
    EXPECT_EQ(parser.refusal().status, attack.status) << attack.name;
    EXPECT_EQ(parser.refusal().reason, attack.reason) << attack.name;
  }
}

TEST(HeadParser, R21_DecidesTheSameWhereverTheBytesAreCut) {
  const ServerLimits limits;
  for (const auto& attack : malformed_heads()) {
    HeadParser parser{limits};
    auto state = HeadParser::State::NeedsMore;
    for (std::size_t end = 1; end <= attack.bytes.size() && state == HeadParser::State::NeedsMore; ++end) {
      state = parser.parse(std::string_view{attack.bytes}.substr(0, end));
    }
    EXPECT_EQ(state, HeadParser::State::Refused) << attack.name;
    EXPECT_EQ(parser.refusal().reason, attack.reason) << attack.name;
  }
}

TEST(HeadParser, ReadsAWholeHeadAndStopsAtItsEnd) {
  const ServerLimits limits;
  HeadParser parser{limits};
  const std::string head =
      "POST /a%20b/%E2%82%B9?x=1%2F2&y HTTP/1.1\r\nHost: localhost:5000\r\nX-Empty:\r\nX-Padded: \t v \t\r\n"
      "Content-Length: 12\r\nConnection: keep-alive\r\n\r\n";
  ASSERT_EQ(parser.parse(head + "the body"), HeadParser::State::Done);
  EXPECT_EQ(parser.bytes(), head.size());
  const auto& parsed = parser.result();
  EXPECT_EQ(parsed.head.method, Method::Post);
  EXPECT_EQ(parsed.head.path, "/a b/₹");
  EXPECT_EQ(parsed.head.query, "x=1%2F2&y");
  EXPECT_EQ(parsed.head.header("x-padded"), "v");
  EXPECT_EQ(parsed.head.header_count("X-EMPTY"), 1U);
  EXPECT_EQ(parsed.framing, BodyFraming::Length);
  EXPECT_EQ(parsed.content_length, 12U);
  EXPECT_TRUE(parsed.keep_alive);
}

TEST(HeadParser, AcceptsWhatStrictnessMustNotBreak) {
  const ServerLimits limits;
  const std::vector<std::string> good{
      "GET / HTTP/1.0\r\n\r\n",
      "GET //double//slash HTTP/1.1\r\nHost: [::1]:5000\r\n\r\n",
      "GET http://LOCALHOST/x?y HTTP/1.1\r\nHost: localhost\r\n\r\n",
      "GET http://localhost HTTP/1.1\r\nHost: localhost\r\n\r\n",
      "PURGE /x HTTP/1.1\r\nHost: a_b.c-d\r\n\r\n",
      "GET /.well-known/x HTTP/1.1\r\nHost: x\r\n\r\n",
      "GET /a..b/...c HTTP/1.1\r\nHost: x\r\n\r\n",
      "GET /?q=a|b[c]{d} HTTP/1.1\r\nHost: x\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: Chunked\r\n\r\n",
      "POST / HTTP/1.1\r\nhost: x\r\ncontent-length:0\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: x\r\nX-Latin: \xE9\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n",
  };
  for (const auto& text : good) {
    HeadParser parser{limits};
    EXPECT_EQ(parser.parse(text), HeadParser::State::Done) << text << parser.refusal().reason;
  }
}

TEST(HeadParser, KeepsADoubledSlashForTheRouter) {
  const ServerLimits limits;
  HeadParser parser{limits};
  ASSERT_EQ(parser.parse("GET //api///v1/ HTTP/1.1\r\nHost: x\r\n\r\n"), HeadParser::State::Done);
  EXPECT_EQ(parser.result().head.path, "//api///v1/");
}

TEST(HeadParser, BoundsLineHeadAndCount) {
  ServerLimits limits;
  limits.request_line_bytes_max = 64;
  limits.head_bytes_max = 256;
  limits.header_count_max = 3;
  const auto refusal_of = [&](const std::string& bytes) {
    HeadParser parser{limits};
    EXPECT_EQ(parser.parse(bytes), HeadParser::State::Refused);
    return parser.refusal();
  };
  // Neither needs the end of the line: the limit is what stops an endless one.
  EXPECT_EQ(refusal_of("GET /" + std::string(100, 'a')).status, 414);
  EXPECT_EQ(refusal_of("GET / HTTP/1.1\r\nX: " + std::string(300, 'a')).status, 431);
  EXPECT_EQ(refusal_of("GET / HTTP/1.1\r\nA: 1\r\nB: 1\r\nC: 1\r\nD: 1\r\n").status, 431);
}

TEST(HeadParser, CanBeUsedAgain) {
  const ServerLimits limits;
  HeadParser parser{limits};
  ASSERT_EQ(parser.parse("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nConnection: close\r\n\r\n"),
            HeadParser::State::Done);
  parser.reset();
  ASSERT_EQ(parser.parse("GET /b HTTP/1.1\r\nHost: y\r\n\r\n"), HeadParser::State::Done);
  EXPECT_EQ(parser.result().head.headers.size(), 1U);
  EXPECT_EQ(parser.result().framing, BodyFraming::None);
  EXPECT_TRUE(parser.result().keep_alive);
}

}  // namespace
}  // namespace kavach::http
