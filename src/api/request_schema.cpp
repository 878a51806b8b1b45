#include "api/request_schema.h"

#include <algorithm>

namespace kavach::api {
namespace {

constexpr std::string_view kKey = "apikey";
constexpr std::size_t kKeyLengthMax = 256;
// A hostile body may carry thousands of unknown fields; the reply names this many.
constexpr std::size_t kUnknownShownMax = 20;

}  // namespace

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
