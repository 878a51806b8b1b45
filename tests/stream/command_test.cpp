#include "stream/command.h"

#include <gtest/gtest.h>

namespace kavach::stream {
namespace {

CommandError error_of(std::string_view text) {
  auto parsed = parse_command(text, {.symbols_max = 3});
  EXPECT_FALSE(parsed) << text;
  return parsed ? CommandError{} : parsed.error();
}

template <class What>
What accepted(std::string_view text) {
  auto parsed = parse_command(text, {.symbols_max = 3});
  EXPECT_TRUE(parsed) << text;
  return std::move(std::get<What>(parsed->what));
}

TEST(Command, ReadsEveryActionAndItsAliases) {
  EXPECT_EQ(accepted<Authenticate>(R"({"action":"authenticate","api_key":"k"})").api_key.reveal(), "k");
  EXPECT_EQ(accepted<Authenticate>(R"({"type":"auth","apikey":"k"})").api_key.reveal(), "k");
  EXPECT_EQ(accepted<Ping>(R"({"action":"ping","timestamp":17,"_pingId":"a"})").ping_id, "\"a\"");
  accepted<UnsubscribeAll>(R"({"type":"unsubscribe_all"})");
  accepted<SubscribeOrders>(R"({"action":"subscribe_orders"})");
}

TEST(Command, SubscribeTakesOneModeForAllSymbols) {
  const auto bulk = accepted<Subscribe>(
      R"({"action":"subscribe","mode":3,"symbols":[{"symbol":"INFY","exchange":"NSE"},{"symbol":"X"}]})");
  ASSERT_EQ(bulk.symbols.size(), 1U);
  EXPECT_EQ(bulk.mode, Mode::Depth);
  const auto single =
      accepted<Subscribe>(R"({"action":"subscribe","symbol":"INFY","exchange":"NSE","mode":" ltp "})");
  EXPECT_EQ(single.mode, Mode::Ltp);
  EXPECT_EQ(accepted<Subscribe>(R"({"action":"subscribe","symbol":"A","exchange":"NSE"})").mode, Mode::Quote);
}

TEST(Command, UnsubscribePrefersTheEntrysModeThenTheMessages) {
  const auto mixed = accepted<Unsubscribe>(
      R"({"action":"unsubscribe","mode":"LTP","symbols":[{"symbol":"A","exchange":"NSE"},
          {"symbol":"B","exchange":"NSE","mode":3},{"symbol":"C","exchange":"NSE","mode":9}]})");
  EXPECT_EQ(mixed.symbols[0].mode, Mode::Ltp);
  EXPECT_EQ(mixed.symbols[1].mode, Mode::Depth);
  EXPECT_EQ(mixed.symbols[2].mode_error, "Invalid mode 9; expected 1 (LTP), 2 (Quote), or 3 (Depth)");
}

TEST(Command, ErrorsHaveTheWiresTexts) {
  EXPECT_EQ(error_of("{").code, "INVALID_JSON");
  EXPECT_EQ(error_of("[]").code, "SERVER_ERROR");
  EXPECT_EQ(error_of("{}").message, "Invalid action: None");
  EXPECT_EQ(error_of(R"({"action":"Ping"})").message, "Invalid action: Ping");
  EXPECT_EQ(error_of(R"({"action":"subscribe"})").message, "At least one symbol must be specified");
  EXPECT_EQ(error_of(R"({"action":"unsubscribe"})").message,
            "Either symbols or unsubscribe_all is required");
  const std::pair<const char*, const char*> modes[] = {
      {"7", "Invalid mode 7; expected 1 (LTP), 2 (Quote), or 3 (Depth)"},
      {"\"FOO\"", "Invalid mode 'FOO'; expected 'LTP', 'Quote', or 'Depth' (case-insensitive)"},
      {"\"1\"", "Invalid mode '1'; expected 'LTP', 'Quote', or 'Depth' (case-insensitive)"},
      {"1.5", "Mode must be int or str, got float"},
      {"true", "Mode must be int or str, got bool (True)"}};
  for (const auto& [mode, message] : modes) {
    const auto error = error_of(R"({"action":"subscribe","symbol":"A","exchange":"NSE","mode":)" +
                                std::string{mode} + "}");
    EXPECT_EQ(error.code, "INVALID_MODE");
    EXPECT_EQ(error.message, message);
  }
}

TEST(Command, R38_EveryMessageIsBounded) {
  const std::string entry = R"({"symbol":"A","exchange":"NSE"})";
  EXPECT_TRUE(error_of(R"({"action":"subscribe","symbols":[)" + entry + "," + entry + "," + entry + "," +
                       entry + "]}").is_abuse);
  EXPECT_TRUE(error_of(R"({"action":"subscribe","symbols":["A"]})").is_abuse);
  EXPECT_TRUE(error_of(std::string(40, '[')).is_abuse);
  EXPECT_TRUE(error_of(R"({"action":"auth","api_key":")" + std::string(300, 'k') + "\"}").is_abuse);
  const auto parsed = parse_command(R"({"action":"ping","timestamp":")" + std::string(400, 'x') + "\"}", {});
  ASSERT_TRUE(parsed);
  EXPECT_TRUE(std::get<Ping>(parsed->what).timestamp.empty());
}

}  // namespace
}  // namespace kavach::stream
