#include "api/request_schema.h"

#include <algorithm>

namespace kavach::api {
namespace {

constexpr std::string_view kKey = "apikey";
constexpr std::size_t kKeyLengthMax = 256;
// A hostile body may carry thousands of unknown fields; the reply names this many.
constexpr std::size_t kUnknownShownMax = 20;

std::string between(std::string_view what, std::size_t least, std::size_t most) {
  return std::string{what} + " must be between " + std::to_string(least) + " and " +
         std::to_string(most) + ".";
}

}  // namespace

std::string must_be_one_of(const std::vector<std::string_view>& words) {
  std::string out = "Must be one of: ";
  std::string_view separator;
  for (const std::string_view word : words) {
    out += separator;
    out += word;
    separator = ", ";
  }
  return out + ".";
}

std::string length_refusal(std::size_t length, std::size_t least, std::size_t most,
                           std::string_view custom) {
  if (length >= least && length <= most) return {};
  if (!custom.empty()) return std::string{custom};
  if (least > 0 && most != SIZE_MAX) return between("Length", least, most);
  if (length < least) return "Shorter than minimum length " + std::to_string(least) + ".";
  return "Longer than maximum length " + std::to_string(most) + ".";
}

std::string number_refusal(std::int64_t scaled, std::int64_t one, const NumberRule& rule) {
  const bool low = (rule.minimum && scaled < *rule.minimum * one) ||
                   (rule.above && scaled <= *rule.above * one);
  const bool high = rule.maximum && scaled > *rule.maximum * one;
  if (!low && !high) return {};
  if (!rule.refusal.empty()) return std::string{rule.refusal};
  std::string out;
  if (rule.above) out = "Must be greater than " + std::to_string(*rule.above);
  if (rule.minimum) out = "Must be greater than or equal to " + std::to_string(*rule.minimum);
  if (!rule.maximum) return out + ".";
  out += out.empty() ? "Must be less than or equal to " : " and less than or equal to ";
  return out + std::to_string(*rule.maximum) + ".";
}

SchemaShape::SchemaShape(KeyField key, std::string_view key_refusal)
    : key_{key}, key_refusal_{key_refusal} {
  if (key_ == KeyField::None) return;
  FieldDescription field;
  field.name = std::string{kKey};
  field.required = true;
  field.minimum = 1;
  field.maximum = static_cast<std::int64_t>(kKeyLengthMax);
  fields_.push_back(std::move(field));
}

bool SchemaShape::knows(std::string_view name) const {
  return std::ranges::any_of(fields_, [name](const auto& field) { return field.name == name; });
}

void SchemaShape::check_key(const json::object& body, FieldErrors& errors) const {
  const json::value* value = body.if_contains(kKey);
  if (value == nullptr) return errors.add(kKey, kMissing);
  if (value->is_null()) return errors.add(kKey, kNull);
  const auto* text = value->if_string();
  if (text == nullptr) return errors.add(kKey, kNotString);
  const std::size_t length = length_of({text->data(), text->size()});
  if (length < 1 || length > kKeyLengthMax) errors.add(kKey, key_refusal_);
}

void SchemaShape::add_unknown(const json::object& body, FieldErrors& errors) const {
  std::size_t shown = 0;
  for (const auto& member : body) {
    const std::string_view name{member.key().data(), member.key().size()};
    if (knows(name)) continue;
    if (++shown > kUnknownShownMax) return;
    FieldErrors unknown;
    unknown.texts.emplace_back(kUnknownField);
    errors.inner.push_back({std::string{name}, std::move(unknown)});
  }
}

}  // namespace kavach::api
