#pragma once

// What a request schema may demand of a field, and the texts that refuse what does not comply. Values
// and pure functions.

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/field_description.h"

namespace kavach::api {

enum class Presence {
  Required,
  Optional,  ///< may be absent, not null
  Nullable,  ///< may be absent or null
};

inline constexpr std::size_t kTextLengthMax = 256;

/// Characters. `refusal` replaces the generated text.
struct TextRule {
  std::size_t length_min{0};
  std::size_t length_max{kTextLengthMax};
  std::string_view refusal{};
};

/// Whole-number bounds; `above` excludes the bound itself.
struct NumberRule {
  std::optional<std::int64_t> minimum{};
  std::optional<std::int64_t> maximum{};
  std::optional<std::int64_t> above{};
  std::string_view refusal{};
};

struct ListRule {
  std::size_t length_min{0};
  std::size_t length_max{SIZE_MAX};
  std::string_view refusal{};
};

/// The words an enumerated field accepts, in the order its refusal names them.
template <class E>
class Choices {
 public:
  Choices(std::initializer_list<std::pair<std::string_view, E>> words) : words_{words} {
    std::vector<std::string_view> names;
    for (const auto& [name, choice] : words_) names.push_back(name);
    refusal_ = must_be_one_of(names);
  }
  explicit Choices(std::vector<std::pair<std::string_view, E>> words, std::string refusal = {})
      : words_{std::move(words)}, refusal_{std::move(refusal)} {
    if (refusal_.empty()) refusal_ = must_be_one_of(names());
  }

  [[nodiscard]] const E* find(std::string_view name) const {
    for (const auto& [word, choice] : words_) {
      if (word == name) return &choice;
    }
    return nullptr;
  }
  [[nodiscard]] std::string_view name(E wanted) const {
    for (const auto& [word, choice] : words_) {
      if (choice == wanted) return word;
    }
    return {};
  }
  [[nodiscard]] std::vector<std::string_view> names() const {
    std::vector<std::string_view> out;
    for (const auto& [word, choice] : words_) out.push_back(word);
    return out;
  }
  [[nodiscard]] std::string_view refusal() const { return refusal_; }

 private:
  std::vector<std::pair<std::string_view, E>> words_;
  std::string refusal_;
};

/// The refusal of a number that breaks the rule, else empty. `scaled` counts 1/`one` units.
[[nodiscard]] std::string number_refusal(std::int64_t scaled, std::int64_t one, const NumberRule& rule);
[[nodiscard]] std::string length_refusal(std::size_t length, std::size_t least, std::size_t most,
                                         std::string_view custom);

}  // namespace kavach::api
