#include <cstddef>
#include <cstdint>
#include <string_view>

#include "expect.h"
#include "market/instrument_table.h"
#include "market/kite_instruments.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kavach::market;
  const std::string_view input{reinterpret_cast<const char*>(data), size};
  const auto whole = load_kite_instruments(input);

  KiteInstrumentLoader loader;
  bool fed = loader.feed(input.substr(0, size / 3)).has_value();
  fed = fed && loader.feed(input.substr(size / 3)).has_value();
  const auto pieces = fed ? loader.finish() : kavach::Result<KiteDump>{kavach::fail(kavach::ErrorCode::InvalidInput, "")};
  kavach::fuzz::expect(whole.has_value() == pieces.has_value(), "where the text is cut does not matter");
  if (!whole) return 0;
  kavach::fuzz::expect(whole->instruments.size() == pieces->instruments.size(), "pieces give the same rows");
  kavach::fuzz::expect(whole->rows == whole->skipped + whole->instruments.size(), "every row is accounted for");
  for (const Instrument& row : InstrumentTable{whole->instruments}.all()) {
    kavach::fuzz::expect(row.tick_size.is_positive() && row.lot_size > 0, "terms are positive");
  }
  return 0;
}
