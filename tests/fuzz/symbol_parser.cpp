#include <cstddef>
#include <cstdint>
#include <string_view>

#include "expect.h"
#include "market/symbol.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kavach::market;
  const std::string_view input{reinterpret_cast<const char*>(data), size};
  if (const auto contract = parse_contract(input)) {
    kavach::fuzz::expect(symbol_of(*contract) == input, "formatting what was parsed gives the input");
    kavach::fuzz::expect(is_symbol_base(contract->base), "a parsed base is a base");
    kavach::fuzz::expect(contract->strike.is_positive() == (contract->type == InstrumentType::Call ||
                                                            contract->type == InstrumentType::Put),
                         "options and only options have a strike");
  }
  const Underlying underlying = parse_underlying(input);
  kavach::fuzz::expect(!underlying.expiry || is_symbol_base(underlying.base),
                       "an expiry is split off a valid base");
  return 0;
}
