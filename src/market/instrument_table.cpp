#include "market/instrument_table.h"

#include <algorithm>
#include <array>
#include <bit>
#include <functional>
#include <tuple>
#include <utility>

#include "core/text.h"

namespace kavach::market {
namespace {

std::size_t hash_of(Exchange exchange, std::string_view symbol) {
  return std::hash<std::string_view>{}(symbol) ^ (static_cast<std::size_t>(exchange) * 0x9E3779B97F4A7C15U);
}

constexpr std::array<char, 256> kUpper = [] {
  std::array<char, 256> table{};
  for (std::size_t i = 0; i < table.size(); ++i) {
    table[i] = static_cast<char>(i >= 'a' && i <= 'z' ? i - 'a' + 'A' : i);
  }
  return table;
}();

char upper(char c) { return kUpper[static_cast<unsigned char>(c)]; }

// `needle` is upper case and not empty. A search reads every row, so this is its inner loop.
bool contains(std::string_view text, std::string_view needle) {
  if (text.size() < needle.size()) return false;
  const std::size_t last = text.size() - needle.size();
  for (std::size_t at = 0; at <= last; ++at) {
    if (upper(text[at]) != needle[0]) continue;
    std::size_t i = 1;
    while (i < needle.size() && upper(text[at + i]) == needle[i]) ++i;
    if (i == needle.size()) return true;
  }
  return false;
}

struct Term {
  std::string text;  // upper case
  std::optional<Price> strike;
};

struct Query {
  std::string text;  // upper case, trimmed
  std::vector<Term> terms;
};

Query parse_query(std::string_view text) {
  Query query;
  query.text = to_upper(trim(text));
  for (const std::string_view piece : split(query.text, ' ')) {
    if (!piece.empty()) query.terms.push_back({std::string{piece}, Price::parse(piece)});
  }
  return query;
}

bool matches(const Instrument& row, const Term& term) {
  if (contains(row.symbol, term.text)) return true;
  if (term.strike && row.is_option() && row.strike == *term.strike) return true;
  if (contains(row.name, term.text) || contains(row.token, term.text)) return true;
  return row.broker_symbol != row.symbol && contains(row.broker_symbol, term.text);
}

// The wire contract's ranks, best 0. Precondition: every term matches.
int rank_of(const Instrument& row, const Query& query) {
  if (equals_ignoring_case(row.symbol, query.text)) return 0;
  if (equals_ignoring_case(std::string_view{row.symbol}.substr(0, query.text.size()), query.text)) {
    return 1;
  }
  const bool in_symbol = std::ranges::all_of(
      query.terms, [&](const Term& term) { return contains(row.symbol, term.text); });
  return in_symbol ? 2 : 3;
}

auto series_order(const Instrument& row) {
  return std::tuple{row.exchange, std::string_view{row.name}, row.type, *row.expiry, row.strike};
}

// Rows of one (exchange, name, type), within which expiry and then strike ascend.
auto series_prefix(const Instrument& row) {
  return std::tuple{row.exchange, std::string_view{row.name}, row.type};
}

}  // namespace

InstrumentTable::InstrumentTable(std::vector<Instrument> instruments)
    : instruments_{std::move(instruments)} {
  index_keys();
  const auto repeated = std::erase_if(instruments_, [](const Instrument& row) { return row.id == 0; });
  if (repeated > 0) index_keys();
  index_derivatives();
}

// A row whose key an earlier row has taken gets the id 0.
void InstrumentTable::index_keys() {
  slots_.assign(std::bit_ceil(instruments_.size() * 2 + 1), 0);
  for (std::size_t row = 0; row < instruments_.size(); ++row) {
    Instrument& instrument = instruments_[row];
    instrument.id = 0;
    if (find(instrument.exchange, instrument.symbol) != nullptr) continue;
    instrument.id = static_cast<std::int64_t>(row) + 1;
    std::size_t slot = first_slot(hash_of(instrument.exchange, instrument.symbol));
    while (slots_[slot] != 0) slot = first_slot(slot + 1);
    slots_[slot] = static_cast<std::uint32_t>(row) + 1;
  }
}

void InstrumentTable::index_derivatives() {
  for (std::size_t row = 0; row < instruments_.size(); ++row) {
    if (instruments_[row].expiry) derivatives_.push_back(static_cast<std::uint32_t>(row));
  }
  derivatives_.shrink_to_fit();
  std::ranges::sort(derivatives_, {}, [this](std::uint32_t row) { return series_order(instruments_[row]); });
}

const Instrument* InstrumentTable::find(Exchange exchange, std::string_view symbol) const {
  if (slots_.empty()) return nullptr;
  std::size_t slot = first_slot(hash_of(exchange, symbol));
  for (; slots_[slot] != 0; slot = first_slot(slot + 1)) {
    const Instrument& row = instruments_[slots_[slot] - 1];
    if (row.exchange == exchange && row.symbol == symbol) return &row;
  }
  return nullptr;
}

const Instrument* InstrumentTable::find_id(std::int64_t id) const {
  if (id < 1 || id > static_cast<std::int64_t>(instruments_.size())) return nullptr;
  return &instruments_[static_cast<std::size_t>(id - 1)];
}

std::vector<const Instrument*> InstrumentTable::search(std::string_view text,
                                                       std::optional<Exchange> exchange,
                                                       std::size_t limit) const {
  const Query query = parse_query(text);
  if (query.terms.empty()) return {};
  struct Hit {
    int rank;
    const Instrument* row;
  };
  std::vector<Hit> hits;
  for (const Instrument& row : instruments_) {
    if (exchange && row.exchange != *exchange) continue;
    const bool all = std::ranges::all_of(query.terms,
                                         [&](const Term& term) { return matches(row, term); });
    if (all) hits.push_back({rank_of(row, query), &row});
  }
  const std::size_t shown = std::min(limit, hits.size());
  const auto order = [](const Hit& hit) {
    return std::tuple{hit.rank, hit.row->symbol.size(), std::string_view{hit.row->symbol}, hit.row->id};
  };
  std::ranges::partial_sort(hits, hits.begin() + static_cast<std::ptrdiff_t>(shown), {}, order);
  std::vector<const Instrument*> out;
  out.reserve(shown);
  for (std::size_t i = 0; i < shown; ++i) out.push_back(hits[i].row);
  return out;
}

std::vector<const Instrument*> InstrumentTable::option_series(std::string_view underlying,
                                                              Exchange exchange, Date expiry,
                                                              InstrumentType type) const {
  const auto series = std::ranges::equal_range(
      derivatives_, std::tuple{exchange, underlying, type, expiry}, {}, [this](std::uint32_t row) {
        return std::tuple_cat(series_prefix(instruments_[row]), std::tuple{*instruments_[row].expiry});
      });
  std::vector<const Instrument*> out;
  out.reserve(series.size());
  for (const std::uint32_t row : series) out.push_back(&instruments_[row]);
  return out;
}

std::vector<const Instrument*> InstrumentTable::futures(std::string_view underlying,
                                                        Exchange exchange, Date today) const {
  const auto series = std::ranges::equal_range(
      derivatives_, std::tuple{exchange, underlying, InstrumentType::Future}, {},
      [this](std::uint32_t row) { return series_prefix(instruments_[row]); });
  std::vector<const Instrument*> out;
  for (const std::uint32_t row : series) {
    if (*instruments_[row].expiry >= today) out.push_back(&instruments_[row]);
  }
  return out;
}

std::vector<Date> InstrumentTable::expiries(std::string_view underlying, Exchange exchange,
                                            bool options, Date today) const {
  std::vector<Date> out;
  const auto collect = [&](InstrumentType type) {
    const auto series = std::ranges::equal_range(
        derivatives_, std::tuple{exchange, underlying, type}, {},
        [this](std::uint32_t row) { return series_prefix(instruments_[row]); });
    for (const std::uint32_t row : series) {
      const Date expiry = *instruments_[row].expiry;
      if (expiry >= today && (out.empty() || out.back() != expiry)) out.push_back(expiry);
    }
  };
  if (options) {
    collect(InstrumentType::Call);
    collect(InstrumentType::Put);
    std::ranges::sort(out);
    const auto repeated = std::ranges::unique(out);
    out.erase(repeated.begin(), repeated.end());
  } else {
    collect(InstrumentType::Future);
  }
  return out;
}

}  // namespace kavach::market
