#include "api/chart_preferences.h"

#include <boost/json/serialize.hpp>

namespace kavach::api {
namespace {

constexpr std::string_view kTooManyKeys = "Too many preference keys (max 50)";

// Numbers and truth values are kept as text; what has an inside is refused.
Result<std::string> text_of(const std::string& name, const json::value& value) {
  if (value.is_object() || value.is_array() || value.is_null()) {
    return fail(ErrorCode::InvalidInput, "Preference value must be a text for key: " + name);
  }
  if (const auto* text = value.if_string()) return std::string{text->data(), text->size()};
  return json::serialize(value);
}

Result<void> store_all(store::Transaction& transaction, identity::UserId user,
                       const ChartSettings& settings) {
  for (const auto& [name, content] : settings) {
    const auto stored = transaction.execute(
        "INSERT INTO chart_preferences (user_id, name, content) VALUES (?, ?, ?) "
        "ON CONFLICT (user_id, name) DO UPDATE SET content = excluded.content",
        {user, std::string_view{name}, std::string_view{content}});
    if (!stored) return pass_on(stored);
  }
  std::int64_t count = 0;
  const auto counted =
      transaction.query("SELECT COUNT(*) FROM chart_preferences WHERE user_id = ?", {user},
                        [&count](const store::Row& row) { count = row.integer(0); });
  if (!counted) return pass_on(counted);
  if (count > static_cast<std::int64_t>(kChartKeysMax)) {
    return fail(ErrorCode::InvalidInput, std::string{kTooManyKeys});
  }
  return {};
}

}  // namespace

Result<ChartSettings> chart_settings_of(const json::object& body) {
  ChartSettings settings;
  if (body.empty()) return fail(ErrorCode::InvalidInput, "No data provided");
  for (const auto& member : body) {
    const std::string name{member.key().data(), member.key().size()};
    if (name == "apikey") continue;
    if (settings.size() == kChartKeysMax) {
      return fail(ErrorCode::InvalidInput, std::string{kTooManyKeys});
    }
    if (name.size() > kChartKeyLengthMax) {
      return fail(ErrorCode::InvalidInput, "Preference key too long: " +
                                               name.substr(0, kChartKeyLengthMax) +
                                               " (max 50 chars)");
    }
    auto content = text_of(name, member.value());
    if (!content) return pass_on(content);
    if (content->size() > kChartValueBytesMax) {
      return fail(ErrorCode::InvalidInput, "Preference value too large for key: " + name + " (max 1MB)");
    }
    settings.emplace(name, std::move(*content));
  }
  if (settings.empty()) return fail(ErrorCode::InvalidInput, "No preferences provided to update");
  return settings;
}

Result<ChartSettings> load_chart_settings(store::Database& database, identity::UserId user) {
  ChartSettings settings;
  const auto read = database.read([&](store::Reader& reader) {
    return reader.query("SELECT name, content FROM chart_preferences WHERE user_id = ? ORDER BY name",
                        {user}, [&settings](const store::Row& row) {
                          settings.emplace(row.text(0), row.text(1));
                        });
  });
  if (!read) return pass_on(read);
  return settings;
}

void store_chart_settings(store::Database& database, identity::UserId user, ChartSettings settings,
                          store::Done done) {
  database.write(
      [user, settings = std::move(settings)](store::Transaction& transaction) {
        return store_all(transaction, user, settings);
      },
      std::move(done));
}

}  // namespace kavach::api
