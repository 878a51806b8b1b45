#pragma once

// An immutable table of all instruments, built once a day (or on load) and shared by snapshot
// (`Instruments`). Readers hold the snapshot's pointer for as long as they use rows of it. All
// functions are const and thread-safe. Beside the rows it keeps 8 to 16 bytes a row of index.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/guarded.h"
#include "market/instrument.h"

namespace kavach::market {

class InstrumentTable {
 public:
  InstrumentTable() = default;
  /// Assigns ids; of two rows with one (exchange, symbol) the first stands.
  explicit InstrumentTable(std::vector<Instrument> instruments);

  /// Exact and case-sensitive. Tens of nanoseconds.
  [[nodiscard]] const Instrument* find(Exchange exchange, std::string_view symbol) const;
  [[nodiscard]] const Instrument* find(const InstrumentKey& key) const {
    return find(key.exchange, key.symbol);
  }
  /// By `Instrument::id`.
  [[nodiscard]] const Instrument* find_id(std::int64_t id) const;
  [[nodiscard]] std::span<const Instrument> all() const { return instruments_; }

  /// Every space-separated term must occur in symbol, broker symbol, name or token (ignoring case) or
  /// equal the strike; ranked as the wire contract says: symbol equal to the query, symbol starting
  /// with it, all terms in the symbol, the rest; shorter symbols first, then alphabetical. At most
  /// `limit`. A blank query finds nothing.
  [[nodiscard]] std::vector<const Instrument*> search(std::string_view query,
                                                      std::optional<Exchange> exchange,
                                                      std::size_t limit = 500) const;

  /// Ascending, unique, not before `today`, of exactly this underlying (`GOLD` is not `GOLDM`).
  [[nodiscard]] std::vector<Date> expiries(std::string_view underlying, Exchange exchange,
                                           bool options, Date today) const;
  /// One option series, ascending by strike.
  [[nodiscard]] std::vector<const Instrument*> option_series(std::string_view underlying,
                                                             Exchange exchange, Date expiry,
                                                             InstrumentType type) const;
  /// Dated futures of exactly this underlying that expire on `today` or later, nearest first.
  [[nodiscard]] std::vector<const Instrument*> futures(std::string_view underlying,
                                                       Exchange exchange, Date today) const;

 private:
  void index_keys();
  void index_derivatives();
  [[nodiscard]] std::size_t first_slot(std::size_t hash) const { return hash & (slots_.size() - 1); }

  std::vector<Instrument> instruments_;
  std::vector<std::uint32_t> slots_;        ///< open addressing; row + 1, 0 when free
  std::vector<std::uint32_t> derivatives_;  ///< rows with an expiry, by (exchange, name, type, expiry, strike)
};

using Instruments = Snapshot<InstrumentTable>;

}  // namespace kavach::market
