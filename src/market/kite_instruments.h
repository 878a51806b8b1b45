#pragma once

// Loads the instrument dump that Kite Connect publishes daily (CSV, GET /instruments) and maps it to
// canonical symbols: equities as they are, `NIFTY 50` to NIFTY on NSE_INDEX, contracts rebuilt from
// base, expiry, strike and type. Streaming, so a dump of 100,000 rows never exists twice in memory.
// The text is somebody else's: a malformed file is refused, a row that makes no sense is skipped and
// counted. Not thread-safe.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "market/csv_reader.h"
#include "market/instrument.h"

namespace kavach::market {

struct KiteDump {
  std::vector<Instrument> instruments;
  std::size_t rows{0};     ///< data rows read
  std::size_t skipped{0};  ///< of these, rows that could not be mapped
};

class KiteInstrumentLoader {
 public:
  KiteInstrumentLoader();
  KiteInstrumentLoader(const KiteInstrumentLoader&) = delete;  // the reader's callback points here
  KiteInstrumentLoader& operator=(const KiteInstrumentLoader&) = delete;

  [[nodiscard]] Result<void> feed(std::string_view piece);
  /// InvalidInput when the header lacks a column or no row could be mapped, so that a damaged dump never
  /// replaces a good table.
  [[nodiscard]] Result<KiteDump> finish();

 private:
  // In the order of kColumns in the .cpp.
  enum Column : std::size_t {
    kInstrumentToken, kExchangeToken, kTradingSymbol, kName, kLastPrice, kExpiry, kStrike, kTickSize,
    kLotSize, kType, kSegment, kExchange, kColumnCount
  };

  void take_row(std::span<const std::string> fields);
  void take_header(std::span<const std::string> fields);

  CsvReader reader_;
  bool header_seen_{false};
  std::string missing_column_;
  std::vector<std::size_t> positions_;  ///< of each Column in a row
  KiteDump dump_;
};

/// The whole text at once.
[[nodiscard]] Result<KiteDump> load_kite_instruments(std::string_view csv);

}  // namespace kavach::market
