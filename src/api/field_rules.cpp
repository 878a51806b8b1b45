#include "api/field_rules.h"

namespace kavach::api {
namespace {

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

}  // namespace kavach::api
