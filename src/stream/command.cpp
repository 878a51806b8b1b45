#include "stream/command.h"

#include <algorithm>
#include <boost/json/serialize.hpp>

#include "core/json.h"
#include "core/text.h"

namespace kavach::stream {
namespace {

constexpr std::size_t kSymbolLengthMax = 64;
constexpr std::size_t kExchangeLengthMax = 16;
constexpr std::size_t kEchoLengthMax = 256;
constexpr std::size_t kKeyLengthMax = 256;
constexpr std::size_t kDepthMax = 6;
constexpr std::size_t kFieldsMax = 32;

std::unexpected<CommandError> refuse(std::string code, std::string message, bool is_abuse = false) {
  return std::unexpected(CommandError{std::move(code), std::move(message), is_abuse});
}

std::string_view text_of(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  if (value == nullptr || !value->is_string()) return {};
  return value->get_string();
}

// A value that is sent back as it came, when it is small enough to be worth it.
std::string echo_of(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  if (value == nullptr || value->is_null()) return {};
  std::string text = json::serialize(*value);
  // A number beyond all doubles was read as infinity, which JSON cannot say.
  if (text.size() > kEchoLengthMax || !parse_json(text)) return {};
  return text;
}

std::expected<Mode, std::string> mode_from_number(std::int64_t number) {
  if (number >= 1 && number <= 3) return static_cast<Mode>(number);
  return std::unexpected("Invalid mode " + std::to_string(number) +
                         "; expected 1 (LTP), 2 (Quote), or 3 (Depth)");
}

std::expected<Mode, std::string> mode_from_name(std::string_view name) {
  for (const Mode mode : {Mode::Ltp, Mode::Quote, Mode::Depth}) {
    if (equals_ignoring_case(trim(name), name_of(mode))) return mode;
  }
  return std::unexpected("Invalid mode '" + std::string{name.substr(0, kSymbolLengthMax)} +
                         "'; expected 'LTP', 'Quote', or 'Depth' (case-insensitive)");
}

std::expected<Mode, std::string> mode_of(const json::value& value) {
  switch (value.kind()) {
    case json::kind::int64: return mode_from_number(value.get_int64());
    case json::kind::uint64: return std::unexpected("Invalid mode; expected 1 (LTP), 2 (Quote), or 3 (Depth)");
    case json::kind::string: return mode_from_name(value.get_string());
    case json::kind::double_: return std::unexpected("Mode must be int or str, got float");
    case json::kind::bool_:
      return std::unexpected(std::string{"Mode must be int or str, got bool ("} +
                             (value.get_bool() ? "True)" : "False)"));
    case json::kind::null: return std::unexpected("Mode must be int or str, got NoneType");
    case json::kind::array: return std::unexpected("Mode must be int or str, got list");
    case json::kind::object: return std::unexpected("Mode must be int or str, got dict");
  }
  return std::unexpected("Mode must be int or str");
}

// The entry's own mode, else the message's, else Quote.
SymbolEntry entry_of(const json::object& object, std::optional<Mode> fallback) {
  SymbolEntry entry;
  entry.symbol = text_of(object, "symbol");
  entry.exchange = text_of(object, "exchange");
  entry.mode = fallback.value_or(Mode::Quote);
  if (const auto* value = object.if_contains("mode")) {
    if (auto mode = mode_of(*value)) {
      entry.mode = *mode;
    } else {
      entry.mode_error = std::move(mode).error();
    }
  }
  return entry;
}

bool is_usable(const SymbolEntry& entry) {
  return !entry.symbol.empty() && !entry.exchange.empty() && entry.symbol.size() <= kSymbolLengthMax &&
         entry.exchange.size() <= kExchangeLengthMax;
}

// Entries without symbol or exchange are skipped, as clients of the wire format expect.
std::expected<std::vector<SymbolEntry>, CommandError> entries_of(const json::object& message,
                                                                 std::optional<Mode> fallback,
                                                                 const CommandLimits& limits) {
  std::vector<SymbolEntry> entries;
  const auto* symbols = message.if_contains("symbols");
  if (symbols != nullptr && symbols->is_array() && !symbols->get_array().empty()) {
    const auto& list = symbols->get_array();
    if (list.size() > limits.symbols_max) {
      return refuse("INVALID_PARAMETERS",
                    "At most " + std::to_string(limits.symbols_max) + " symbols in one message", true);
    }
    for (const auto& item : list) {
      if (!item.is_object()) return refuse("SERVER_ERROR", "Each of symbols must be an object", true);
      auto entry = entry_of(item.get_object(), fallback);
      if (is_usable(entry)) entries.push_back(std::move(entry));
    }
    return entries;
  }
  auto single = entry_of(message, fallback);
  if (is_usable(single)) entries.push_back(std::move(single));
  return entries;
}

bool has_symbols(const json::object& message) {
  const auto* symbols = message.if_contains("symbols");
  return (symbols != nullptr && symbols->is_array() && !symbols->get_array().empty()) ||
         (!text_of(message, "symbol").empty() && !text_of(message, "exchange").empty());
}

std::expected<std::optional<Mode>, CommandError> top_mode(const json::object& message) {
  const auto* value = message.if_contains("mode");
  if (value == nullptr) return std::optional<Mode>{};
  auto mode = mode_of(*value);
  if (!mode) return refuse("INVALID_MODE", std::move(mode).error());
  return std::optional<Mode>{*mode};
}

using Parsed = std::expected<Command, CommandError>;

Parsed parse_authenticate(const json::object& message, const CommandLimits&) {
  auto key = text_of(message, "api_key");
  if (key.empty()) key = text_of(message, "apikey");
  if (key.size() > kKeyLengthMax) return refuse("AUTHENTICATION_ERROR", "Invalid API key", true);
  return Command{Authenticate{Secret{key}}, {}};
}

Parsed parse_subscribe(const json::object& message, const CommandLimits& limits) {
  auto mode = top_mode(message);
  if (!mode) return std::unexpected(std::move(mode).error());
  if (!has_symbols(message)) {
    return refuse("INVALID_PARAMETERS", "At least one symbol must be specified");
  }
  Subscribe subscribe;
  subscribe.mode = mode->value_or(Mode::Quote);
  if (const auto* depth = message.if_contains("depth"); depth != nullptr && depth->is_int64()) {
    subscribe.depth = static_cast<int>(std::clamp<std::int64_t>(depth->get_int64(), 1, 1000));
  }
  auto entries = entries_of(message, subscribe.mode, limits);
  if (!entries) return std::unexpected(std::move(entries).error());
  subscribe.symbols = std::move(*entries);
  return Command{std::move(subscribe), {}};
}

Parsed parse_unsubscribe(const json::object& message, const CommandLimits& limits) {
  if (!has_symbols(message)) {
    return refuse("INVALID_PARAMETERS", "Either symbols or unsubscribe_all is required");
  }
  auto mode = top_mode(message);
  if (!mode) return std::unexpected(std::move(mode).error());
  auto entries = entries_of(message, *mode, limits);
  if (!entries) return std::unexpected(std::move(entries).error());
  return Command{Unsubscribe{std::move(*entries)}, {}};
}

Parsed parse_ping(const json::object& message, const CommandLimits&) {
  return Command{Ping{echo_of(message, "timestamp"), echo_of(message, "_pingId")}, {}};
}

template <class What>
Parsed parse_plain(const json::object&, const CommandLimits&) {
  return Command{What{}, {}};
}

using Parser = Parsed (*)(const json::object&, const CommandLimits&);
constexpr std::pair<std::string_view, Parser> kActions[] = {
    {"authenticate", parse_authenticate},
    {"auth", parse_authenticate},
    {"subscribe", parse_subscribe},
    {"unsubscribe", parse_unsubscribe},
    {"unsubscribe_all", parse_plain<UnsubscribeAll>},
    {"subscribe_orders", parse_plain<SubscribeOrders>},
    {"unsubscribe_orders", parse_plain<UnsubscribeOrders>},
    {"get_broker_info", parse_plain<GetBrokerInfo>},
    {"get_supported_brokers", parse_plain<GetSupportedBrokers>},
    {"ping", parse_ping},
};

}  // namespace

std::expected<Command, CommandError> parse_command(std::string_view text, const CommandLimits& limits) {
  const auto parsed = parse_json(text, {.depth_max = kDepthMax});
  if (!parsed) return refuse("INVALID_JSON", "Invalid JSON message", true);
  if (!parsed->is_object()) return refuse("SERVER_ERROR", "A message must be a JSON object", true);
  const auto& message = parsed->get_object();
  if (message.size() > kFieldsMax) return refuse("SERVER_ERROR", "A message has at most 32 fields", true);
  auto action = text_of(message, "action");
  if (action.empty()) action = text_of(message, "type");
  for (const auto& [name, parse] : kActions) {
    if (action != name) continue;
    auto command = parse(message, limits);
    if (command) command->request_id = echo_of(message, "request_id");
    return command;
  }
  return refuse("INVALID_ACTION", "Invalid action: " + (action.empty() ? "None" : std::string{action.substr(0, 64)}), true);
}

}  // namespace kavach::stream
