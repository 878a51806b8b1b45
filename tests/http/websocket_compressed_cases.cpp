// Compression (RFC 7692): chapters 12 and 13.

#include <algorithm>
#include <cstdint>

#include "http/websocket_deflate.h"
#include "support/websocket_client.h"
#include "websocket_cases.h"

namespace kavach::http::conformance {
namespace {

using namespace std::string_literals;
using kavach::test::client_frame;
using kavach::test::close_payload;

constexpr unsigned kDeflatedBinary = 0xC2;
constexpr unsigned kDeflatedTextStart = 0x41;

/// JSON, prose, noise and repetition of many sizes.
std::vector<std::string> sample_payloads() {
  std::vector<std::string> all;
  for (const std::size_t size : {0U, 1U, 16U, 64U, 256U, 1'024U, 4'096U, 8'192U, 16'384U, 32'768U, 65'536U, 131'072U}) {
    std::string json;
    for (std::size_t i = 0; json.size() < size; ++i) json += R"({"price":)" + std::to_string(i * 7'919 % 10'007) + "},";
    all.push_back(json.substr(0, size));
    std::string noise;
    std::uint32_t state = 1;
    while (noise.size() < size) noise += static_cast<char>(' ' + (state = state * 1'664'525U + 1'013'904'223U) / 0x2C00000U % 94);
    all.push_back(noise);
    all.push_back(std::string(size, '*'));
  }
  return all;
}

}  // namespace

std::string deflated(std::string_view text) { return MessageDeflater{}.deflate(text); }

std::vector<std::string> compression_offers() {
  return {"permessage-deflate",
          "permessage-deflate; client_max_window_bits",
          "permessage-deflate; server_max_window_bits=9",
          "permessage-deflate; server_max_window_bits=15; client_max_window_bits=15",
          "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
          "permessage-deflate; server_no_context_takeover; server_max_window_bits=9",
          "permessage-deflate; server_no_context_takeover; server_max_window_bits=15",
          "permessage-deflate; unknown, permessage-deflate; server_max_window_bits=9, permessage-deflate"};
}

std::vector<Case> compressed_cases() {
  std::vector<Case> all;
  for (const auto& payload : sample_payloads()) {
    const std::string size = std::to_string(payload.size());
    all.push_back({"deflated text of " + size, client_frame(kDeflatedText, deflated(payload)), {{kText, payload}}});
    all.push_back({"deflated binary of " + size, client_frame(kDeflatedBinary, deflated(payload)), {{kBinary, payload}}});
    const std::string whole = deflated(payload);
    const std::size_t step = std::max<std::size_t>(1, whole.size() / 5);
    all.push_back({"deflated fragments of " + size, fragmented(kDeflatedText, whole, step), {{kText, payload}}});
  }
  all.push_back({"plain among deflated", client_frame(kText, "a") + client_frame(kDeflatedText, deflated("b")) + client_frame(kText, "c"),
                 {{kText, "a"}, {kText, "b"}, {kText, "c"}}});
  all.push_back({"final block", client_frame(kDeflatedText, "\xf3\x48\xcd\xc9\xc9\x07\x00\x00"s), {{kText, "Hello"}}});
  const std::string start = client_frame(kDeflatedTextStart, deflated("x").substr(0, 1));
  all.push_back({"ping between deflated fragments", start + client_frame(kPing, "p") + client_frame(kEnd, deflated("x").substr(1)),
                 {{kPong, "p"}, {kText, "x"}}});
  all.push_back({"empty last fragment", client_frame(kDeflatedTextStart, deflated("whole")) + client_frame(kEnd, ""), {{kText, "whole"}}});
  all.push_back({"the bit on a continuation", start + client_frame(0xC0, deflated("x").substr(1)), {}, 1002});
  all.push_back({"deflated ping", client_frame(0xC9, "x"), {}, 1002});
  all.push_back({"deflated pong", client_frame(0xCA, "x"), {}, 1002});
  all.push_back({"deflated close", client_frame(0xC8, close_payload(1000)), {}, 1002});
  all.push_back({"other reserved bits", client_frame(kDeflatedText | 0x20U, deflated("x")), {}, 1002});
  all.push_back({"no compressed data", client_frame(kDeflatedText, "\xff\xff\xff"s), {}, 1007});
  all.push_back({"compressed data cut short", client_frame(kDeflatedText, deflated("cut in the middle").substr(0, 9)), {}, 1007});
  all.push_back({"UTF-8 is checked after inflating", client_frame(kDeflatedText, deflated("abc\xED\xA0\x80")), {}, 1007});
  all.push_back({"character cut by the end, deflated", client_frame(kDeflatedText, deflated("a\xE2\x82")), {}, 1007});
  all.push_back({"deflated binary may be anything", client_frame(kDeflatedBinary, deflated("\xFF\xFE")), {{kBinary, "\xFF\xFE"}}});
  Case many{"two hundred deflated messages", {}, {}};
  for (int i = 0; i < 200; ++i) {
    const std::string each = R"({"n":)" + std::to_string(i) + ",\"same\":\"same\"}";
    many.sent += client_frame(kDeflatedText, deflated(each));
    many.echoed.push_back({kText, each});
  }
  all.push_back(std::move(many));
  return all;
}

}  // namespace kavach::http::conformance
