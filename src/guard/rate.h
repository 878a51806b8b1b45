#pragma once

// How often something may happen: `10 per second;40 per minute`. Read from settings, shown in the
// console and in the contract's 429 body. A value type; there is no text for "unlimited".

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kavach::guard {

struct Rate {
  std::uint32_t count{1};              ///< 1..kRateCountMax
  std::chrono::seconds window{1};      ///< 1 s..31 days

  /// `10 per 1 second`, the contract's wording.
  [[nodiscard]] std::string contract_text() const;
  friend bool operator==(const Rate&, const Rate&) = default;
};

inline constexpr std::uint32_t kRateCountMax = 10'000;
inline constexpr std::size_t kRatesMax = 4;  ///< parts of a compound rate

/// All of its rates hold at once. Never empty.
class Rates {
 public:
  /// `N per [M] second|minute|hour|day[s]`, `N/second`; several joined by `;`.
  [[nodiscard]] static std::optional<Rates> parse(std::string_view text);
  explicit Rates(Rate rate) : rates_{rate} {}

  [[nodiscard]] const std::vector<Rate>& all() const { return rates_; }
  [[nodiscard]] std::chrono::seconds longest_window() const;
  [[nodiscard]] std::uint32_t largest_count() const;
  /// Canonical, as settings write it: `10 per second;40 per minute`.
  [[nodiscard]] std::string text() const;
  /// Both sets of rates at once (a limit by the minute and one by the hour).
  [[nodiscard]] Rates and_also(const Rates& other) const;
  friend bool operator==(const Rates&, const Rates&) = default;

 private:
  explicit Rates(std::vector<Rate> rates) : rates_{std::move(rates)} {}
  std::vector<Rate> rates_;
};

}  // namespace kavach::guard
