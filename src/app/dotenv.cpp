#include "app/dotenv.h"

#include <algorithm>

#include "core/text.h"

namespace kavach::app {
namespace {

bool is_name(std::string_view text) {
  if (text.empty() || (text[0] >= '0' && text[0] <= '9')) return false;
  return std::ranges::all_of(text, [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

// Nothing when a quote is opened and not closed.
std::optional<std::string> value_of(std::string_view raw) {
  raw = trim(raw);
  if (raw.starts_with('"') || raw.starts_with('\'')) {
    const auto end = raw.find(raw[0], 1);
    if (end == std::string_view::npos) return std::nullopt;
    const auto rest = trim(raw.substr(end + 1));
    if (!rest.empty() && !rest.starts_with('#')) return std::nullopt;
    return std::string{raw.substr(1, end - 1)};
  }
  // A comment after a bare value needs a blank before it, so that a `#` inside a secret survives.
  return std::string{trim(raw.substr(0, raw.find(" #")))};
}

}  // namespace

Result<std::map<std::string, std::string>> parse_dotenv(std::string_view text) {
  std::map<std::string, std::string> values;
  int number = 0;
  for (std::string_view line : split(text, '\n')) {
    ++number;
    line = trim(line);
    if (line.empty() || line.starts_with('#')) continue;
    if (line.starts_with("export ")) line = trim(line.substr(7));
    const auto equals = line.find('=');
    const auto name = trim(line.substr(0, equals));
    const auto value = equals == std::string_view::npos ? std::nullopt : value_of(line.substr(equals + 1));
    if (!value || !is_name(name)) {
      return fail(ErrorCode::InvalidInput,
                  "Line " + std::to_string(number) + " is not NAME=value; correct it.");
    }
    if (!values.emplace(name, *value).second) {
      return fail(ErrorCode::InvalidInput, std::string{name} + " is given twice; keep one.");
    }
  }
  return values;
}

}  // namespace kavach::app
