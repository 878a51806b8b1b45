// One message of a WebSocket client: what is accepted is within its bounds, and what is sent back of it
// makes valid JSON.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/json.h"
#include "core/text.h"
#include "expect.h"
#include "stream/command.h"
#include "stream/replies.h"

using kavach::fuzz::expect;

namespace {

constexpr std::size_t kSymbolsMax = 8;

void expect_reply(const std::string& text) {
  expect(kavach::is_valid_utf8(text), "a reply is UTF-8");
  const auto parsed = kavach::parse_json(text);
  expect(parsed && parsed->is_object(), "a reply is a JSON object");
}

void expect_bounds(const std::vector<kavach::stream::SymbolEntry>& entries) {
  expect(entries.size() <= kSymbolsMax, "the number of symbols is bounded");
  for (const auto& entry : entries) {
    expect(!entry.symbol.empty() && entry.symbol.size() <= 64, "a symbol is bounded");
    expect(!entry.exchange.empty() && entry.exchange.size() <= 16, "an exchange is bounded");
    const int mode = static_cast<int>(entry.mode);
    expect(mode >= 1 && mode <= 3, "a mode is one of three");
    if (!entry.mode_error.empty()) expect_reply(kavach::stream::error_reply("INVALID_MODE", entry.mode_error));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kavach::stream;
  const std::string_view input{reinterpret_cast<const char*>(data), size};
  const auto command = parse_command(input, {.symbols_max = kSymbolsMax});
  if (!command) {
    expect(!command.error().code.empty(), "an error has a code");
    expect_reply(error_reply(command.error().code, command.error().message));
    return 0;
  }
  expect_reply(orders_reply(true, command->request_id));
  if (const auto* ping = std::get_if<Ping>(&command->what)) expect_reply(pong_reply(*ping, 0));
  if (const auto* subscribe = std::get_if<Subscribe>(&command->what)) expect_bounds(subscribe->symbols);
  if (const auto* unsubscribe = std::get_if<Unsubscribe>(&command->what)) expect_bounds(unsubscribe->symbols);
  return 0;
}
