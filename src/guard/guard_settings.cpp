#include "guard/guard_settings.h"

#include <map>
#include <set>
#include <type_traits>

#include "core/text.h"
#include "guard/ban.h"
#include "guard/change_counter.h"

namespace kavach::guard {
namespace {

constexpr std::int64_t kThresholdMax = 100'000;
constexpr std::int64_t kRepeatLimitMax = 100;
constexpr double kSecondsPerHour = 3'600.0;

std::string_view shadow_name(std::size_t defence) {
  switch (static_cast<Defence>(defence)) {
    case Defence::BanList: return "shadow_ban_list";
    case Defence::AutoBan: return "shadow_auto_ban";
    case Defence::RateLimits: return "shadow_rate_limits";
    case Defence::LoadShedding: return "shadow_load_shedding";
    case Defence::HostCheck: return "shadow_host_check";
    case Defence::Csrf: return "shadow_csrf";
  }
  return "shadow_ban_list";
}

std::string rate_name(std::size_t rate_class) {
  const auto which = static_cast<RateClass>(rate_class);
  // As the environment's names have it, but that the two of login are one here.
  if (which == RateClass::ConsoleRead) return "console_rate_limit";
  return std::string{name_of(which)} + "_rate_limit";
}

/// Calls `visit(name, field)` for every setting, in the order they are shown. The one list of names.
template <class Values, class Visit>
void each_setting(Values& values, Visit&& visit) {
  visit("auto_ban_enabled", values.auto_ban_enabled);
  for (const OffenceKind kind : kAllOffenceKinds) {
    visit(std::string{name_of(kind)} + "_threshold", values.offences.of(kind).threshold);
    visit(std::string{name_of(kind)} + "_ban_hours", values.offences.of(kind).ban);
  }
  visit("repeat_offender_limit", values.repeat_offender_limit);
  for (std::size_t i = 0; i < kRateClasses; ++i) visit(rate_name(i), values.rates.by_class[i]);
  for (std::size_t i = 0; i < kDefences; ++i) visit(shadow_name(i), values.shadow[i]);
}

/// Takes one JSON value into a field of the matching type; an empty string is success.
std::string take(const json::value& given, bool& field) {
  if (!given.is_bool()) return "is true or false, without quotes";
  field = given.as_bool();
  return {};
}

std::string take(const json::value& given, std::int64_t& field, std::int64_t max) {
  if (!given.is_int64() || given.as_int64() < 1 || given.as_int64() > max) {
    return "is a whole number from 1 to " + std::to_string(max);
  }
  field = given.as_int64();
  return {};
}

std::string take(const json::value& given, std::chrono::seconds& field) {
  double hours = 0;
  if (given.is_int64()) hours = static_cast<double>(given.as_int64());
  if (given.is_double()) hours = given.as_double();
  constexpr double kHoursMax = static_cast<double>(kBanMax.count()) / kSecondsPerHour;
  if (!(hours > 0) || hours > kHoursMax ||
      !check_ban_duration(std::chrono::seconds{static_cast<std::int64_t>(hours * kSecondsPerHour)})) {
    return "is a number of hours, from one minute to ten years";
  }
  field = std::chrono::seconds{static_cast<std::int64_t>(hours * kSecondsPerHour)};
  return {};
}

std::string take(const json::value& given, Rates& field) {
  const auto rates = given.is_string() ? Rates::parse(given.as_string()) : std::nullopt;
  if (!rates) return "is a rate like \"10 per second\" or \"10 per second;40 per minute\"";
  field = *rates;
  return {};
}

/// Takes the member that bears the visited name.
struct Taker {
  const json::object& changes;
  std::string error{};
  std::set<std::string, std::less<>> known{};

  template <class Field>
  void operator()(std::string_view name, Field& field) {
    known.emplace(name);
    const json::value* given = changes.if_contains(name);
    if (given == nullptr || !error.empty()) return;
    std::string wrong;
    if constexpr (std::is_same_v<Field, std::int64_t>) {
      wrong = take(*given, field, name == "repeat_offender_limit" ? kRepeatLimitMax : kThresholdMax);
    } else {
      wrong = take(*given, field);
    }
    if (!wrong.empty()) error = std::string{name} + " " + wrong + ".";
  }
};

void write_hours(JsonWriter& writer, std::chrono::seconds duration) {
  if (duration % std::chrono::hours{1} == std::chrono::seconds{0}) {
    writer.value(static_cast<std::int64_t>(duration / std::chrono::hours{1}));
  } else {
    writer.value(static_cast<double>(duration.count()) / kSecondsPerHour);
  }
}

/// One value as JSON text: what is stored, shown in the audit trail and compared.
std::string json_text(const bool& field) { return field ? "true" : "false"; }
std::string json_text(const std::int64_t& field) { return std::to_string(field); }
std::string json_text(const std::chrono::seconds& field) {
  std::string out;
  JsonWriter writer{out};
  write_hours(writer, field);
  return out;
}
std::string json_text(const Rates& field) {
  std::string out;
  append_json_string(out, field.text());
  return out;
}

std::map<std::string, std::string> texts_of(const GuardValues& values) {
  std::map<std::string, std::string> out;
  each_setting(values, [&](std::string_view name, const auto& field) { out.emplace(name, json_text(field)); });
  return out;
}

Result<void> store_one(store::Transaction& transaction, std::string_view name, std::string_view value) {
  auto removed = transaction.execute("DELETE FROM guard_settings WHERE name = ?", {name});
  if (!removed) return pass_on(std::move(removed));
  auto added = transaction.execute("INSERT INTO guard_settings (name, value) VALUES (?, ?)", {name, value});
  if (!added) return pass_on(std::move(added));
  return {};
}

/// The stored values over the environment's. A stored value this version does not know or accept is
/// passed over: the environment's then holds, which is never looser than a default.
Result<GuardValues> stored_over(GuardValues values, store::Reader& reader) {
  auto read = reader.query("SELECT name, value FROM guard_settings", {}, [&](const store::Row& row) {
    auto value = parse_json(row.text(1));
    if (!value) return;
    json::object change;
    change.emplace(row.text(0), *std::move(value));
    if (auto changed = with_changes(values, change)) values = *std::move(changed);
  });
  if (!read) return pass_on(std::move(read));
  return values;
}

}  // namespace

Result<GuardValues> with_changes(GuardValues values, const json::object& changes) {
  Taker taker{changes};
  each_setting(values, taker);
  if (!taker.error.empty()) return fail(ErrorCode::InvalidInput, taker.error);
  for (const auto& member : changes) {
    if (!taker.known.contains(std::string_view{member.key()})) {
      return fail(ErrorCode::InvalidInput, std::string{member.key()} + " is not a setting.");
    }
  }
  return values;
}

void write_settings(JsonWriter& writer, const GuardValues& values) {
  writer.object();
  each_setting(values, [&](std::string_view name, const auto& field) { writer.key(name).raw(json_text(field)); });
  writer.end();
}

GuardSettings::GuardSettings(GuardValues environment)
    : environment_{std::move(environment)}, values_{environment_} {}

Result<void> GuardSettings::load(store::Reader& reader) {
  auto values = stored_over(environment_, reader);
  if (!values) return pass_on(std::move(values));
  values_.replace(*std::move(values));
  return {};
}

Result<void> GuardSettings::change(store::Transaction& transaction, audit::AuditLog& audit,
                                   const json::object& changes, const std::string& actor,
                                   const std::string& address, const std::string& request_id) const {
  // From what is stored now and not from a snapshot: another process may have been faster.
  auto before = stored_over(environment_, transaction);
  if (!before) return pass_on(std::move(before));
  auto after = with_changes(*before, changes);
  if (!after) return pass_on(std::move(after));
  const auto old_texts = texts_of(*before);
  audit::Event event{"guard.settings_changed", actor, address, request_id, {}};
  for (const auto& [name, text] : texts_of(*after)) {
    if (!changes.contains(name)) continue;
    if (auto stored = store_one(transaction, name, text); !stored) return stored;
    event.fields.emplace_back(name, old_texts.at(name) + " -> " + text);
  }
  if (auto bumped = bump_version(transaction, ChangeTopic::Settings); !bumped) return bumped;
  return audit.append(transaction, event);
}

}  // namespace kavach::guard
