#pragma once

// `{symbol, exchange}`, which most market data endpoints take, and finding the instrument meant.

#include <memory>
#include <string>

#include "api/context.h"
#include "api/request_schema.h"
#include "market/instrument_table.h"

namespace kavach::api {

struct SymbolBody {
  std::string symbol;
  market::Exchange exchange{market::Exchange::Nse};
};

[[nodiscard]] const RequestSchema<SymbolBody>& symbol_schema();
/// The same as an element of a list.
[[nodiscard]] const RequestSchema<SymbolBody>& symbol_item_schema();
/// No field but the key.
struct KeyOnlyBody {};
[[nodiscard]] const RequestSchema<KeyOnlyBody>& key_only_schema();

/// A row of the instrument table together with the snapshot that keeps it alive.
class FoundInstrument {
 public:
  FoundInstrument(const ApiServices& services, market::Exchange exchange, std::string_view symbol)
      : table_{services.instruments.read()}, row_{table_->find(exchange, symbol)} {}
  explicit operator bool() const { return row_ != nullptr; }
  const market::Instrument& operator*() const { return *row_; }
  const market::Instrument* operator->() const { return row_; }

 private:
  std::shared_ptr<const market::InstrumentTable> table_;
  const market::Instrument* row_;
};

}  // namespace kavach::api
