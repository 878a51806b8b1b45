#pragma once

// An immutable table of all instruments, built once a day (or on load) and shared by snapshot.

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/guarded.h"
#include "market/instrument.h"

namespace kavach::market {

class InstrumentTable {
 public:
  InstrumentTable() = default;
  /// Assigns ids; of two rows with one (exchange, symbol) the first stands.
  explicit InstrumentTable(std::vector<Instrument> instruments);

  [[nodiscard]] const Instrument* find(Exchange exchange, std::string_view symbol) const;
  [[nodiscard]] std::span<const Instrument> all() const { return instruments_; }
  /// Every space-separated term must occur in symbol, broker symbol, name or token (ignoring case) or
  /// equal the strike; ranked as the wire contract says; at most `limit`.
  [[nodiscard]] std::vector<const Instrument*> search(std::string_view query,
                                                      std::optional<Exchange> exchange,
                                                      std::size_t limit = 500) const;
  /// Ascending, unique, not before `today`, of exactly this underlying.
  [[nodiscard]] std::vector<Date> expiries(std::string_view underlying, Exchange exchange,
                                           bool options, Date today) const;
  /// Strikes of one option series, ascending.
  [[nodiscard]] std::vector<const Instrument*> option_series(std::string_view underlying,
                                                             Exchange exchange, Date expiry,
                                                             InstrumentType type) const;

 private:
  struct Key {
    Exchange exchange;
    std::string_view symbol;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const noexcept;
  };

  std::vector<Instrument> instruments_;
  std::unordered_map<Key, std::size_t, KeyHash> by_key_;
};

using Instruments = Snapshot<InstrumentTable>;

}  // namespace kavach::market
