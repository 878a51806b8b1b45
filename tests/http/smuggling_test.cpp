// The tables of malformed requests against a real server: whatever is wrong, nothing that follows on
// the same connection may ever be taken for a request.

#include <gmock/gmock.h>

#include "malformed_requests.h"
#include "server_fixture.h"

namespace kavach::http {
namespace {

using SmugglingTest = ServerTest;

TEST_F(SmugglingTest, R21_EveryMalformedRequestIsRefusedAndClosed) {
  start();
  auto cases = malformed_heads();
  const auto bodies = malformed_bodies();
  cases.insert(cases.end(), bodies.begin(), bodies.end());
  EXPECT_GE(cases.size(), 60U);
  for (const auto& attack : cases) {
    auto connection = client();
    connection.send(attack.bytes + test::request_text("GET", "/smuggled"));
    const auto reply = connection.read_reply();
    EXPECT_EQ(reply.status, attack.status) << attack.name;
    EXPECT_EQ(reply.header("X-Refused"), attack.reason) << attack.name;
    EXPECT_EQ(reply.header("Connection"), "close") << attack.name;
    EXPECT_EQ(reply.header("X-Request-ID").size(), 16U) << attack.name;
    EXPECT_EQ(connection.read_to_end(), "") << attack.name;
  }
  EXPECT_EQ(handler.handled, 0);
  EXPECT_EQ(server->counters().requests_refused, cases.size());
}

TEST_F(SmugglingTest, R21_ABodyIsNeverReadAsTheNextRequest) {
  start();
  auto connection = client();
  const std::string inner = test::request_text("GET", "/inner");
  connection.send(test::request_text("POST", "/outer", inner) + test::request_text("GET", "/next"));
  EXPECT_EQ(connection.read_reply().body, "POST /outer " + inner);
  EXPECT_EQ(connection.read_reply().body, "GET /next ");
}

TEST_F(SmugglingTest, TooLargeABodyIsRefusedFromItsLengthAlone) {
  handler.body_max = 10;
  start();
  auto connection = client();
  connection.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\n");
  const auto reply = connection.read_reply();
  EXPECT_EQ(reply.status, 413);
  EXPECT_EQ(reply.header("X-Refused"), "body_too_large");
  EXPECT_EQ(handler.handled, 0);
}

TEST_F(SmugglingTest, ARefusedUploadStillGetsItsReply) {
  handler.body_max = 10;
  settings.limits.linger_bytes_max = 8 * 1024 * 1024;
  start();
  auto connection = client();
  // More than the kernel buffers: without draining, the reset would overtake the reply.
  connection.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4000000\r\n\r\n" + std::string(4'000'000, 'x'));
  EXPECT_EQ(connection.read_reply().status, 413);
}

}  // namespace
}  // namespace kavach::http
