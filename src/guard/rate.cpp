#include "guard/rate.h"

#include <algorithm>
#include <array>

#include "core/text.h"

namespace kavach::guard {
namespace {

struct Unit {
  std::string_view name;
  std::chrono::seconds length;
};
constexpr std::array kUnits{Unit{"day", std::chrono::hours{24}}, Unit{"hour", std::chrono::hours{1}},
                            Unit{"minute", std::chrono::minutes{1}},
                            Unit{"second", std::chrono::seconds{1}}};
constexpr std::chrono::seconds kWindowMax = std::chrono::hours{24} * 31;

const Unit* find_unit(std::string_view name) {
  if (name.size() > 1 && name.ends_with('s')) name.remove_suffix(1);
  const auto* found =
      std::ranges::find_if(kUnits, [&](const Unit& unit) { return equals_ignoring_case(unit.name, name); });
  return found == kUnits.end() ? nullptr : found;
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  for (const std::string_view word : split(text, ' ')) {
    if (!word.empty()) words.push_back(word);
  }
  return words;
}

std::optional<Rate> make_rate(std::string_view count_text, std::string_view multiple_text,
                              std::string_view unit_text) {
  const auto count = parse_int(count_text);
  const auto multiple = parse_int(multiple_text);
  const Unit* unit = find_unit(unit_text);
  if (!count || *count < 1 || *count > kRateCountMax || !multiple || *multiple < 1 || unit == nullptr ||
      *multiple > kWindowMax / unit->length) {
    return std::nullopt;
  }
  return Rate{static_cast<std::uint32_t>(*count), unit->length * *multiple};
}

std::optional<Rate> parse_rate(std::string_view text) {
  if (const auto slash = text.find('/'); slash != std::string_view::npos) {
    return make_rate(trim(text.substr(0, slash)), "1", trim(text.substr(slash + 1)));
  }
  const auto words = words_of(text);
  if (words.size() < 3 || words.size() > 4 || !equals_ignoring_case(words[1], "per")) return std::nullopt;
  return make_rate(words[0], words.size() == 4 ? words[2] : "1", words.back());
}

struct Spelling {
  std::int64_t multiple;
  std::string_view unit;
};
Spelling spelling_of(std::chrono::seconds window) {
  for (const Unit& unit : kUnits) {
    if (window % unit.length == std::chrono::seconds{0}) return {window / unit.length, unit.name};
  }
  return {window.count(), "second"};
}

}  // namespace

std::string Rate::contract_text() const {
  const auto [multiple, unit] = spelling_of(window);
  return std::to_string(count) + " per " + std::to_string(multiple) + " " + std::string{unit};
}

std::optional<Rates> Rates::parse(std::string_view text) {
  std::vector<Rate> rates;
  for (const std::string_view part : split(text, ';')) {
    const auto rate = parse_rate(trim(part));
    if (!rate || rates.size() == kRatesMax) return std::nullopt;
    rates.push_back(*rate);
  }
  return Rates{std::move(rates)};
}

std::chrono::seconds Rates::longest_window() const {
  return std::ranges::max(rates_, {}, &Rate::window).window;
}

std::uint32_t Rates::largest_count() const { return std::ranges::max(rates_, {}, &Rate::count).count; }

std::string Rates::text() const {
  std::string out;
  for (const Rate& rate : rates_) {
    const auto [multiple, unit] = spelling_of(rate.window);
    if (!out.empty()) out += ';';
    out += std::to_string(rate.count) + " per ";
    if (multiple != 1) out += std::to_string(multiple) + " ";
    out += unit;
    if (multiple != 1) out += 's';
  }
  return out;
}

Rates Rates::and_also(const Rates& other) const {
  std::vector<Rate> both = rates_;
  both.insert(both.end(), other.rates_.begin(), other.rates_.end());
  return Rates{std::move(both)};
}

}  // namespace kavach::guard
