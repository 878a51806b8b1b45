#pragma once

// What an audit record says. Values are text or numbers that are safe to keep for years: a Secret
// has no conversion to a field.

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace kavach::audit {

struct EventField {
  std::string key;
  std::variant<std::string, std::int64_t, bool> value;

  EventField(std::string_view name, std::string_view text) : key{name}, value{std::string{text}} {}
  EventField(std::string_view name, const char* text) : key{name}, value{std::string{text}} {}
  EventField(std::string_view name, const std::string& text) : key{name}, value{text} {}
  EventField(std::string_view name, bool flag) : key{name}, value{flag} {}
  template <std::integral Number>
    requires(!std::same_as<Number, bool>)
  EventField(std::string_view name, Number number)
      : key{name}, value{static_cast<std::int64_t>(number)} {}
};

/// `kind` is a stable dotted token from docs/audit-events.md: `login.failed`, `ban.created`,
/// `order.intent`.
struct Event {
  std::string kind;
  std::string actor;       ///< user name, `system`, `cli` or empty for anonymous
  std::string address;     ///< canonical client address or empty
  std::string request_id;  ///< empty when no request caused it
  std::vector<EventField> fields;
};

}  // namespace kavach::audit
