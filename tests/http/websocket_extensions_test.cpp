#include "http/websocket_extensions.h"

#include <gtest/gtest.h>

namespace kavach::http {
namespace {

const std::string kTaken = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

Result<std::string> agreed(std::vector<std::string> headers) {
  RequestHead head;
  for (auto& value : headers) head.headers.push_back({"sec-websocket-extensions", std::move(value)});
  return agree_on_extensions(head);
}

TEST(WebSocketExtensions, R38NoContextIsEverKept) {
  EXPECT_EQ(*agreed({}), "");
  EXPECT_EQ(*agreed({"permessage-deflate"}), kTaken);
  EXPECT_EQ(*agreed({"permessage-deflate; client_max_window_bits"}), kTaken) << "what browsers and Node send";
  EXPECT_EQ(*agreed({"PerMessage-Deflate;client_no_context_takeover;server_no_context_takeover"}), kTaken);
}

TEST(WebSocketExtensions, TheServersWindowIsPromisedWhenAskedFor) {
  for (const char* bits : {"9", "10", "15", "\"12\""}) {
    EXPECT_EQ(*agreed({std::string{"permessage-deflate; server_max_window_bits="} + bits}), kTaken + "; server_max_window_bits=9");
  }
  EXPECT_EQ(*agreed({"permessage-deflate; server_max_window_bits=8"}), "") << "smaller than zlib can do";
}

TEST(WebSocketExtensions, R38OffersThatCannotBeAreDeclined) {
  for (const char* parameters :
       {"server_max_window_bits", "server_max_window_bits=7", "server_max_window_bits=16", "server_max_window_bits=09",
        "server_max_window_bits=1x", "server_max_window_bits=99999999999999999999", "client_max_window_bits=7",
        "client_max_window_bits=16", "client_max_window_bits=-9", "server_no_context_takeover=1",
        "client_no_context_takeover=true", "unknown", "unknown=1", "Server_Max_Window_Bits=10",
        "server_no_context_takeover; server_no_context_takeover", "client_max_window_bits; client_max_window_bits=10"}) {
    EXPECT_EQ(*agreed({std::string{"permessage-deflate; "} + parameters}), "") << parameters;
  }
}

TEST(WebSocketExtensions, TheFirstOfferThatCanBeTakenIs) {
  EXPECT_EQ(*agreed({"x-webkit-deflate-frame, permessage-deflate; mystery, permessage-deflate; server_max_window_bits=10"}),
            kTaken + "; server_max_window_bits=9");
  EXPECT_EQ(*agreed({"permessage-bzip2; level=9", "permessage-deflate"}), kTaken) << "over several headers";
}

TEST(WebSocketExtensions, R38WhatIsNoListOfExtensionsFailsTheHandshake) {
  for (const char* text : {",", ";", "permessage-deflate;", "permessage-deflate,", "permessage-deflate; =10",
                           "permessage-deflate; server_max_window_bits=", "permessage-deflate; a=\"1", "a b", "a; b=\"\"",
                           "permessage-deflate\x01", "a; b = c d"}) {
    EXPECT_FALSE(agreed({text})) << text;
  }
}

TEST(WebSocketExtensions, TheAnswerTellsWhetherCompressionWasAgreed) {
  Response answer;
  EXPECT_FALSE(agreed_on_deflate(answer));
  answer.with("Sec-WebSocket-Extensions", kTaken);
  EXPECT_TRUE(agreed_on_deflate(answer));
}

}  // namespace
}  // namespace kavach::http
