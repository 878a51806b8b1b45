#pragma once

// What a request schema knows about a field, for refusals and for the published description of the
// API. Plain values.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kavach::api {

enum class FieldType { Text, Number, Integer, Boolean, Date, List };

struct FieldDescription {
  std::string name;
  FieldType type{FieldType::Text};
  bool required{false};
  bool nullable{false};
  std::string default_text;  ///< as JSON without quotes; empty when there is none worth naming
  std::vector<std::string> choices;
  std::optional<std::int64_t> minimum;  ///< of a number, or of a text's or list's length
  std::optional<std::int64_t> maximum;
  std::vector<FieldDescription> items;  ///< of a list's elements
};

/// `Must be one of: A, B, C.`
[[nodiscard]] std::string must_be_one_of(const std::vector<std::string_view>& words);

}  // namespace kavach::api
