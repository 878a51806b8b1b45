#pragma once

// The declarative description of a request body: one list of typed fields that decodes the body into
// a struct, produces the wire contract's error map, and describes itself for /api/v1/openapi.json.
// Every request of the API is decoded here and nowhere else, so that a handler only ever sees values
// of the right type and range.
//
// A schema is built once and immutable afterwards; decode() is thread-safe.

#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "api/coerce.h"
#include "api/field_description.h"
#include "api/field_errors.h"
#include "api/field_rules.h"
#include "core/json.h"

namespace kavach::api {

/// Whether `apikey` belongs to the body: always its first field, never decoded into the struct.
enum class KeyField { None, First };
/// What decode() demands of it. Once the pipeline has authenticated the call, the key may as well have
/// come in a header.
enum class KeyCheck { Required, Done };

/// The part of a schema that does not depend on the struct it fills.
class SchemaShape {
 public:
  explicit SchemaShape(KeyField key, std::string_view key_refusal);
  [[nodiscard]] const std::vector<FieldDescription>& fields() const { return fields_; }
  [[nodiscard]] bool has_key() const { return key_ == KeyField::First; }

 protected:
  [[nodiscard]] bool knows(std::string_view name) const;
  void check_key(const json::object& body, FieldErrors& errors) const;
  void add_unknown(const json::object& body, FieldErrors& errors) const;

  KeyField key_;
  std::string_view key_refusal_;
  std::vector<FieldDescription> fields_;
};

template <class T>
class RequestSchema : public SchemaShape {
 public:
  using Body = T;
  using Decoded = std::expected<T, FieldErrors>;

  explicit RequestSchema(KeyField key = KeyField::First,
                         std::string_view key_refusal = "Length must be between 1 and 256.")
      : SchemaShape{key, key_refusal} {}

  template <class Owner>
  RequestSchema& text(std::string_view name, std::string Owner::*member, Presence presence,
                      TextRule rule = {});
  template <class Member, class Owner, class E>
  RequestSchema& choice(std::string_view name, Member Owner::*member, Presence presence,
                        const Choices<E>& choices);
  /// Price, Quantity or double, or an optional of one.
  template <class Member, class Owner>
  RequestSchema& number(std::string_view name, Member Owner::*member, Presence presence,
                        NumberRule rule = {});
  /// std::int64_t or an optional of it.
  template <class Member, class Owner>
  RequestSchema& integer(std::string_view name, Member Owner::*member, Presence presence,
                         NumberRule rule = {});
  template <class Owner>
  RequestSchema& boolean(std::string_view name, bool Owner::*member, Presence presence);
  template <class Owner>
  RequestSchema& date(std::string_view name, Date Owner::*member, Presence presence);
  template <class Item, class Owner>
  RequestSchema& list(std::string_view name, std::vector<Item> Owner::*member, Presence presence,
                      const RequestSchema<Item>& items, ListRule rule = {});
  /// A text, or a number that is kept as text: for fields that are judged later, one by one.
  template <class Owner>
  RequestSchema& number_as_text(std::string_view name, std::string Owner::*member, Presence presence);
  /// A number that is checked and then ignored.
  RequestSchema& ignored_number(std::string_view name, Presence presence);
  /// Runs when every field has passed.
  RequestSchema& whole(std::function<void(const T&, FieldErrors&)> check) {
    checks_.push_back(std::move(check));
    return *this;
  }

  [[nodiscard]] Decoded decode(const json::object& body, KeyCheck key) const;

 private:
  /// Puts `value` into the struct or its refusals under the field's name.
  using Read = std::function<void(const json::value& value, T& out, FieldErrors& errors)>;

  void add(FieldDescription field, Read read) {
    fields_.push_back(std::move(field));
    reads_.push_back(std::move(read));
  }

  std::vector<Read> reads_;  ///< one for each of fields_, the key excepted
  std::vector<std::function<void(const T&, FieldErrors&)>> checks_;
};

namespace detail {

template <class Member>
struct Content {
  using Type = Member;
};
template <class Inner>
struct Content<std::optional<Inner>> {
  using Type = Inner;
};

template <class Number>
std::string default_text(const Number& number) {
  if constexpr (requires { number.has_value(); }) {
    return {};
  } else if constexpr (requires { number.text(); }) {
    return number.text();
  } else if constexpr (std::is_floating_point_v<Number>) {
    return decimal_text(static_cast<std::int64_t>(number * 1e6), 6);
  } else {
    return std::to_string(number);
  }
}

inline FieldDescription describe(std::string_view name, FieldType type, Presence presence) {
  FieldDescription field;
  field.name = std::string{name};
  field.type = type;
  field.required = presence == Presence::Required;
  field.nullable = presence == Presence::Nullable;
  return field;
}

template <class Number>
std::int64_t scaled_of(const Number& number, std::int64_t& one) {
  if constexpr (requires { number.units(); }) {
    one = Number::one;
    return number.units();
  } else if constexpr (std::is_floating_point_v<Number>) {
    one = 1'000'000;
    return static_cast<std::int64_t>(number * 1e6);
  } else {
    one = 1;
    return number;
  }
}

}  // namespace detail

template <class T>
typename RequestSchema<T>::Decoded RequestSchema<T>::decode(const json::object& body,
                                                            KeyCheck key) const {
  T out{};
  FieldErrors errors;
  const std::size_t keys = has_key() ? 1 : 0;
  std::size_t known = has_key() && body.contains("apikey") ? 1 : 0;
  if (has_key() && key == KeyCheck::Required) check_key(body, errors);
  for (std::size_t i = 0; i < reads_.size(); ++i) {
    const FieldDescription& field = fields_[i + keys];
    const json::value* value = body.if_contains(field.name);
    if (value == nullptr) {
      if (field.required) errors.add(field.name, kMissing);
      continue;
    }
    ++known;
    if (!value->is_null()) {
      reads_[i](*value, out, errors);
    } else if (!field.nullable) {
      errors.add(field.name, kNull);
    }
  }
  if (known < body.size()) add_unknown(body, errors);
  if (errors.empty()) {
    for (const auto& check : checks_) check(out, errors);
  }
  if (!errors.empty()) return std::unexpected(std::move(errors));
  return out;
}

template <class T>
template <class Owner>
RequestSchema<T>& RequestSchema<T>::text(std::string_view name, std::string Owner::*member,
                                         Presence presence, TextRule rule) {
  auto field = detail::describe(name, FieldType::Text, presence);
  field.default_text = T{}.*member;
  field.minimum = static_cast<std::int64_t>(rule.length_min);
  field.maximum = static_cast<std::int64_t>(rule.length_max);
  add(std::move(field), [name, member, rule](const json::value& value, T& out, FieldErrors& errors) {
    if (const Refused refused = coerce_text(value, out.*member)) return errors.add(name, *refused);
    const std::string refusal =
        length_refusal(length_of(out.*member), rule.length_min, rule.length_max, rule.refusal);
    if (!refusal.empty()) errors.add(name, refusal);
  });
  return *this;
}

template <class T>
template <class Member, class Owner, class E>
RequestSchema<T>& RequestSchema<T>::choice(std::string_view name, Member Owner::*member,
                                           Presence presence, const Choices<E>& choices) {
  auto field = detail::describe(name, FieldType::Text, presence);
  for (const std::string_view word : choices.names()) field.choices.emplace_back(word);
  if constexpr (std::is_same_v<Member, E>) {
    if (presence != Presence::Required) field.default_text = choices.name(T{}.*member);
  }
  // Choices are static tables of the contract; they outlive every schema.
  add(std::move(field), [name, member, &choices](const json::value& value, T& out, FieldErrors& errors) {
    const auto* text = value.if_string();
    if (text == nullptr) return errors.add(name, kNotString);
    const E* found = choices.find({text->data(), text->size()});
    if (found == nullptr) return errors.add(name, choices.refusal());
    out.*member = *found;
  });
  return *this;
}

template <class T>
template <class Member, class Owner>
RequestSchema<T>& RequestSchema<T>::number(std::string_view name, Member Owner::*member,
                                           Presence presence, NumberRule rule) {
  using Number = typename detail::Content<Member>::Type;
  auto field = detail::describe(name, FieldType::Number, presence);
  field.default_text = detail::default_text(T{}.*member);
  field.minimum = rule.above ? rule.above : rule.minimum;
  field.maximum = rule.maximum;
  add(std::move(field), [name, member, rule](const json::value& value, T& out, FieldErrors& errors) {
    Number number{};
    if (const Refused refused = coerce_number(value, number)) return errors.add(name, *refused);
    std::int64_t one = 1;
    const std::int64_t scaled = detail::scaled_of(number, one);
    const std::string refusal = number_refusal(scaled, one, rule);
    if (!refusal.empty()) return errors.add(name, refusal);
    out.*member = number;
  });
  return *this;
}

template <class T>
template <class Member, class Owner>
RequestSchema<T>& RequestSchema<T>::integer(std::string_view name, Member Owner::*member,
                                            Presence presence, NumberRule rule) {
  auto field = detail::describe(name, FieldType::Integer, presence);
  field.default_text = detail::default_text(T{}.*member);
  field.minimum = rule.minimum;
  field.maximum = rule.maximum;
  add(std::move(field), [name, member, rule](const json::value& value, T& out, FieldErrors& errors) {
    std::int64_t number = 0;
    if (const Refused refused = coerce_integer(value, number)) return errors.add(name, *refused);
    const std::string refusal = number_refusal(number, 1, rule);
    if (!refusal.empty()) return errors.add(name, refusal);
    if (number > kNumberMax || number < -kNumberMax) return errors.add(name, kTooLarge);
    out.*member = number;
  });
  return *this;
}

template <class T>
template <class Owner>
RequestSchema<T>& RequestSchema<T>::boolean(std::string_view name, bool Owner::*member,
                                            Presence presence) {
  auto field = detail::describe(name, FieldType::Boolean, presence);
  field.default_text = T{}.*member ? "true" : "false";
  add(std::move(field), [name, member](const json::value& value, T& out, FieldErrors& errors) {
    if (const Refused refused = coerce_boolean(value, out.*member)) errors.add(name, *refused);
  });
  return *this;
}

template <class T>
template <class Owner>
RequestSchema<T>& RequestSchema<T>::date(std::string_view name, Date Owner::*member,
                                         Presence presence) {
  add(detail::describe(name, FieldType::Date, presence),
      [name, member](const json::value& value, T& out, FieldErrors& errors) {
        if (const Refused refused = coerce_date(value, out.*member)) errors.add(name, *refused);
      });
  return *this;
}

template <class T>
template <class Item, class Owner>
RequestSchema<T>& RequestSchema<T>::list(std::string_view name, std::vector<Item> Owner::*member,
                                         Presence presence, const RequestSchema<Item>& items,
                                         ListRule rule) {
  auto field = detail::describe(name, FieldType::List, presence);
  field.items = items.fields();
  field.minimum = static_cast<std::int64_t>(rule.length_min);
  // Item schemas are static like the schemas that use them.
  add(std::move(field), [name, member, rule, &items](const json::value& value, T& out,
                                                     FieldErrors& errors) {
    const auto* elements = value.if_array();
    if (elements == nullptr) return errors.add(name, kNotList);
    FieldErrors found;
    std::size_t index = 0;
    for (const json::value& element : *elements) {
      const std::size_t at = index++;
      const auto* object = element.if_object();
      if (object == nullptr) {
        FieldErrors wrong;
        wrong.add("_schema", kNotObject);
        found.inner.push_back({at, std::move(wrong)});
        continue;
      }
      auto item = items.decode(*object, KeyCheck::Done);
      if (item) {
        (out.*member).push_back(std::move(*item));
      } else {
        found.inner.push_back({at, std::move(item).error()});
      }
    }
    if (found.empty()) {
      const std::string refusal =
          length_refusal(elements->size(), rule.length_min, rule.length_max, rule.refusal);
      if (!refusal.empty()) errors.add(name, refusal);
    } else {
      errors.at(std::string{name}) = std::move(found);
    }
  });
  return *this;
}

template <class T>
template <class Owner>
RequestSchema<T>& RequestSchema<T>::number_as_text(std::string_view name, std::string Owner::*member,
                                                   Presence presence) {
  auto field = detail::describe(name, FieldType::Text, presence);
  field.default_text = T{}.*member;
  add(std::move(field), [name, member](const json::value& value, T& out, FieldErrors& errors) {
    if (const Refused refused = coerce_number_text(value, out.*member)) errors.add(name, *refused);
  });
  return *this;
}

template <class T>
RequestSchema<T>& RequestSchema<T>::ignored_number(std::string_view name, Presence presence) {
  add(detail::describe(name, FieldType::Number, presence),
      [name](const json::value& value, T&, FieldErrors& errors) {
        double number = 0;
        if (const Refused refused = coerce_number(value, number)) errors.add(name, *refused);
      });
  return *this;
}

}  // namespace kavach::api
