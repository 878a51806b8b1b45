#include "market/kite_instruments.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/text.h"
#include "market/symbol.h"

namespace kavach::market {
namespace {

constexpr std::array<std::string_view, 12> kColumns{
    "instrument_token", "exchange_token", "tradingsymbol", "name",            "last_price", "expiry",
    "strike",           "tick_size",      "lot_size",      "instrument_type", "segment",    "exchange"};

constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kIndexNames{{
    {"NIFTY 50", "NIFTY"},
    {"NIFTY BANK", "BANKNIFTY"},
    {"NIFTY FIN SERVICE", "FINNIFTY"},
    {"NIFTY NEXT 50", "NIFTYNXT50"},
    {"NIFTY MID SELECT", "MIDCPNIFTY"},
    {"INDIA VIX", "INDIAVIX"},
}};

constexpr std::int64_t kLotSizeMax = 100'000'000;

std::string index_symbol(std::string_view trading_symbol) {
  for (const auto& [theirs, ours] : kIndexNames) {
    if (theirs == trading_symbol) return std::string{ours};
  }
  std::string out = to_upper(trading_symbol);
  std::erase(out, ' ');
  return out;
}

std::optional<Exchange> index_exchange(std::string_view broker_exchange) {
  if (broker_exchange == "NSE") return Exchange::NseIndex;
  if (broker_exchange == "BSE") return Exchange::BseIndex;
  if (broker_exchange == "MCX") return Exchange::McxIndex;
  if (broker_exchange == "GLOBAL" || broker_exchange == "NSEIX") return Exchange::GlobalIndex;
  return std::nullopt;
}

std::optional<InstrumentType> contract_type(std::string_view text) {
  if (text == "FUT") return InstrumentType::Future;
  if (text == "CE") return InstrumentType::Call;
  if (text == "PE") return InstrumentType::Put;
  return std::nullopt;
}

// Dumps of some days leave `name` empty for contracts. Their trading symbol is the base, five characters of
// expiry that start with the two-digit year (YYMMM monthly, YYMDD weekly), the strike, the type.
std::optional<std::string> base_from(std::string_view trading_symbol, Date expiry, Price strike,
                                     InstrumentType type) {
  std::string tail{name_of(type)};
  if (type != InstrumentType::Future) tail.insert(0, strike.text());
  if (!trading_symbol.ends_with(tail) || trading_symbol.size() < tail.size() + 6) return std::nullopt;
  trading_symbol.remove_suffix(tail.size());
  const std::string_view code = trading_symbol.substr(trading_symbol.size() - 5);
  const auto year = parse_int(code.substr(0, 2));
  if (!year || *year != static_cast<int>(expiry.year()) % 100) return std::nullopt;
  return std::string{trading_symbol.substr(0, trading_symbol.size() - 5)};
}

// It will be shown, logged and searched.
bool is_harmless(std::string_view text) {
  return is_valid_utf8(text) && std::ranges::all_of(text, [](char c) {
    return static_cast<unsigned char>(c) >= 0x20 && c != 0x7F;
  });
}

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

struct Row {
  std::string_view trading_symbol, name, expiry, strike, type, segment, exchange;
};

bool map_contract(const Row& row, InstrumentType type, Instrument& out) {
  const auto exchange = parse_exchange(row.exchange);
  const auto expiry = parse_date(row.expiry);
  const auto strike = Price::parse(row.strike);
  if (!exchange || !is_derivative_exchange(*exchange) || !expiry || !strike) return false;
  const bool option = type != InstrumentType::Future;
  if (option && !strike->is_positive()) return false;
  std::string base{row.name};
  if (base.empty()) {
    auto derived = base_from(row.trading_symbol, *expiry, *strike, type);
    if (!derived) return false;
    base = std::move(*derived);
  }
  if (!is_symbol_base(base)) return false;
  out.exchange = *exchange;
  out.type = type;
  out.expiry = expiry;
  out.strike = option ? *strike : Price{};
  out.symbol = option ? option_symbol(base, *expiry, *strike, type) : future_symbol(base, *expiry);
  out.name = std::move(base);
  out.reference_price = Price{};  // the dump's price is the contract's, not the underlying's
  return true;
}

bool map_cash(const Row& row, Instrument& out) {
  if (row.segment == "INDICES") {
    const auto exchange = index_exchange(row.exchange);
    if (!exchange) return false;
    out.exchange = *exchange;
    out.type = InstrumentType::Index;
    out.symbol = index_symbol(row.trading_symbol);
  } else {
    const auto exchange = parse_exchange(row.exchange);
    if (!exchange || is_derivative_exchange(*exchange) || is_index_exchange(*exchange)) return false;
    out.exchange = *exchange;
    out.symbol = row.trading_symbol;
  }
  out.name = row.name;
  return true;
}

}  // namespace

KiteInstrumentLoader::KiteInstrumentLoader()
    : reader_{CsvLimits{}, [this](std::span<const std::string> fields) {
        if (header_seen_) {
          take_row(fields);
        } else {
          take_header(fields);
        }
      }} {}

Result<void> KiteInstrumentLoader::feed(std::string_view piece) { return reader_.feed(piece); }

void KiteInstrumentLoader::take_header(std::span<const std::string> fields) {
  header_seen_ = true;
  positions_.assign(kColumnCount, fields.size());
  for (std::size_t column = 0; column < kColumnCount; ++column) {
    const auto found = std::ranges::find(fields, kColumns[column]);
    if (found == fields.end()) {
      missing_column_ = kColumns[column];
      return;
    }
    positions_[column] = static_cast<std::size_t>(found - fields.begin());
  }
}

void KiteInstrumentLoader::take_row(std::span<const std::string> fields) {
  if (!missing_column_.empty()) return;
  ++dump_.rows;
  ++dump_.skipped;  // until mapped
  const std::size_t widest = *std::ranges::max_element(positions_);
  if (widest >= fields.size()) return;
  const auto text = [&](Column column) -> std::string_view { return fields[positions_[column]]; };

  const auto tick = Price::parse(text(kTickSize));
  const auto lot = parse_int(text(kLotSize));
  const std::string_view symbol = text(kTradingSymbol);
  if (!std::ranges::all_of(fields, is_harmless) || !is_ascii(symbol)) return;
  if (symbol.empty() || symbol.size() > kSymbolBytesMax) return;
  if (!tick || tick->is_negative() || !lot || *lot < 0 || *lot > kLotSizeMax) return;

  Instrument out;
  out.broker_symbol = symbol;
  out.broker_exchange = text(kExchange);
  out.token = std::string{text(kInstrumentToken)} + "::::" + std::string{text(kExchangeToken)};
  // Indices come with 0 for both; a tick of zero cannot be rounded to.
  out.tick_size = tick->is_positive() ? *tick : *Price::parse("0.05");
  out.lot_size = std::max<std::int64_t>(*lot, 1);
  const auto last = Price::parse(text(kLastPrice));
  if (last && last->is_positive()) out.reference_price = *last;

  const Row row{.trading_symbol = symbol, .name = text(kName), .expiry = text(kExpiry),
                .strike = text(kStrike), .type = text(kType), .segment = text(kSegment),
                .exchange = text(kExchange)};
  const auto contract = contract_type(row.type);
  const bool cash = row.type == "EQ";
  if (contract ? !map_contract(row, *contract, out) : !cash || !map_cash(row, out)) return;
  dump_.instruments.push_back(std::move(out));
  --dump_.skipped;
}

Result<KiteDump> KiteInstrumentLoader::finish() {
  if (auto done = reader_.finish(); !done) return pass_on(std::move(done));
  if (!header_seen_) return fail(ErrorCode::InvalidInput, "The instrument dump is empty.");
  if (!missing_column_.empty()) {
    return fail(ErrorCode::InvalidInput,
                "The instrument dump lacks the column " + missing_column_ + ".");
  }
  if (dump_.instruments.empty()) {
    return fail(ErrorCode::InvalidInput, "No row of the instrument dump could be used.");
  }
  return std::move(dump_);
}

Result<KiteDump> load_kite_instruments(std::string_view csv) {
  KiteInstrumentLoader loader;
  if (auto done = loader.feed(csv); !done) return pass_on(std::move(done));
  return loader.finish();
}

}  // namespace kavach::market
