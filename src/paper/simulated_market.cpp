#include "paper/simulated_market.h"

#include <algorithm>
#include <array>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>

#include "paper/simulated_candles.h"
#include "paper/simulated_instrument.h"
#include "paper/simulated_noise.h"

namespace kavach::paper {
namespace {

using market::Candle;
using market::Depth;
using market::Exchange;
using market::Instrument;
using market::Quote;
using std::chrono::days;
using std::chrono::sys_days;

constexpr std::size_t kShards = 64;
constexpr std::size_t kEntriesPerShardMax = 128;
// History beyond that would only cost time: cash ten years, a contract somewhat more than its life.
constexpr days kCashHistory{3'653};
constexpr days kContractHistory{400};
constexpr Date kFirstDay{std::chrono::year{2000}, std::chrono::January, std::chrono::day{1}};

Price to_price(std::int64_t ticks, Price tick) { return Price::from_units(ticks * tick.units()); }

StepRange steps_of(const market::Session& session) { return {step_of(session.open), step_of(session.close)}; }

StepRange whole_day(Date date) {
  const Step open = step_of(from_ist(date, std::chrono::seconds{0}));
  return {open, open + 24 * 60 * kMinute};
}

}  // namespace

// What is remembered of one instrument: its path, and the day's range as far as it has been walked.
struct SimulatedMarket::Entry {
  Instrument instrument;
  SimulatedInstrument simulated;
  StepRange session;
  std::int64_t close_previous{0};
  TickBar day;
  Step walked{-1};  ///< the day's range covers everything up to here
  Quote quote;      ///< at `walked`
};

struct SimulatedMarket::Cache {
  struct Shard {
    std::mutex mutex;
    std::unordered_map<std::uint64_t, Entry> entries;
  };
  std::array<Shard, kShards> shards;
};

SimulatedMarket::SimulatedMarket(const market::Instruments& instruments, const market::Calendar& calendar,
                                 const Clock& clock, SimulatedMarketSettings settings)
    : instruments_{instruments}, calendar_{calendar}, clock_{clock}, settings_{settings},
      cache_{std::make_unique<Cache>()} {}

SimulatedMarket::~SimulatedMarket() = default;

bool SimulatedMarket::keeps_hours(Exchange exchange) const {
  return settings_.hours == MarketHours::Exchange && exchange != Exchange::Crypto;
}

bool SimulatedMarket::is_open(Exchange exchange) const {
  return !keeps_hours(exchange) || calendar_.is_open(exchange, clock_.now());
}

std::optional<StepRange> SimulatedMarket::session_on(Exchange exchange, Date date) const {
  if (!keeps_hours(exchange)) return whole_day(date);
  const auto session = calendar_.session(exchange, date);
  if (!session) return std::nullopt;
  return steps_of(*session);
}

StepRange SimulatedMarket::session_at(Exchange exchange, TimePoint at) const {
  if (!keeps_hours(exchange)) return whole_day(ist(at).date);
  return steps_of(calendar_.latest_session(exchange, at));
}

// Time as the instrument knows it: it stops at expiry and between sessions.
SimulatedMarket::Instant SimulatedMarket::instant_of(const Instrument& instrument) const {
  TimePoint now = clock_.now();
  if (instrument.expiry) {
    now = std::min(now, market::expiry_moment(instrument.exchange, *instrument.expiry) - kStep);
  }
  const StepRange session = session_at(instrument.exchange, now);
  return {session, std::min(step_of(now), session.close - 1)};
}

void SimulatedMarket::start_day(Entry& entry, const StepRange& session) const {
  entry.session = session;
  const StepRange before = session_at(entry.instrument.exchange, time_of(session.open) - kStep);
  entry.close_previous = entry.simulated.path.last(before.close - 1);
  entry.walked = session.open - 1;
}

void SimulatedMarket::walk(Entry& entry, const Instant& at) const {
  if (entry.session != at.session || at.step < entry.walked) start_day(entry, at.session);
  if (at.step == entry.walked) return;
  const bool first = entry.walked < at.session.open;
  const TickBar since = entry.simulated.path.range(entry.walked + 1, at.step + 1);
  if (first) {
    entry.day = since;
  } else {
    entry.day.merge(since);
  }
  entry.walked = at.step;
  entry.quote = quote_at(entry);
}

Quote SimulatedMarket::quote_at(const Entry& entry) {
  const auto& [path, liquidity, tick] = entry.simulated;
  const TickBar& day = entry.day;
  Quote out;
  out.open = to_price(day.open, tick);
  out.high = to_price(day.high, tick);
  out.low = to_price(day.low, tick);
  out.last = to_price(day.close, tick);
  out.close_previous = to_price(entry.close_previous, tick);
  out.average = to_price((day.open + day.high + day.low + 2 * day.close) / 5, tick);
  out.volume = liquidity.volume(entry.walked, entry.session);
  out.open_interest = liquidity.open_interest(entry.walked);
  out.last_quantity = liquidity.last_quantity(entry.walked);
  out.at = time_of(entry.walked);
  if (market::is_index_exchange(entry.instrument.exchange)) return out;
  const auto touch = liquidity.touch(day.close, entry.walked);
  out.bid = to_price(touch.bid, tick);
  out.ask = to_price(touch.ask, tick);
  out.bid_quantity = liquidity.quantity(entry.walked, true, 0);
  out.ask_quantity = liquidity.quantity(entry.walked, false, 0);
  return out;
}

SimulatedMarket::Entry SimulatedMarket::fresh_entry(const Instrument& instrument) const {
  return {.instrument = instrument,
          .simulated = simulate(instrument, *instruments_.read(), settings_.seed),
          .session = {}, .close_previous = 0, .day = {}, .walked = -1, .quote = {}};
}

template <class Use>
auto SimulatedMarket::with_entry(const Instrument& instrument, Use&& use) const {
  const Instant at = instant_of(instrument);
  const std::uint64_t key =
      hash_text(static_cast<std::uint64_t>(instrument.exchange), instrument.symbol);
  Cache::Shard& shard = cache_->shards[key % kShards];
  const std::lock_guard lock{shard.mutex};
  auto found = shard.entries.find(key);
  // A new day's table may give a symbol other terms.
  if (found != shard.entries.end() && !same_terms(found->second.instrument, instrument)) {
    shard.entries.erase(found);
    found = shard.entries.end();
  }
  if (found == shard.entries.end()) {
    if (shard.entries.size() >= kEntriesPerShardMax) shard.entries.clear();
    found = shard.entries.emplace(key, fresh_entry(instrument)).first;
  }
  walk(found->second, at);
  return std::forward<Use>(use)(found->second);
}

bool SimulatedMarket::same_terms(const Instrument& a, const Instrument& b) {
  return a.symbol == b.symbol && a.exchange == b.exchange && a.tick_size == b.tick_size &&
         a.lot_size == b.lot_size && a.reference_price == b.reference_price && a.expiry == b.expiry;
}

Result<void> SimulatedMarket::check_terms(const Instrument& instrument) {
  if (instrument.tick_size.is_positive()) return {};
  return fail(ErrorCode::NotFound, "No quote data available", "instrument without a tick size");
}

Result<Quote> SimulatedMarket::quote(const Instrument& instrument) const {
  if (auto usable = check_terms(instrument); !usable) return pass_on(std::move(usable));
  return with_entry(instrument, [](const Entry& entry) { return entry.quote; });
}

Result<Depth> SimulatedMarket::depth(const Instrument& instrument) const {
  if (auto usable = check_terms(instrument); !usable) return pass_on(std::move(usable));
  return with_entry(instrument, [](const Entry& entry) {
    const auto& [path, liquidity, tick] = entry.simulated;
    const Step step = entry.walked;
    Depth out{.quote = entry.quote};
    if (!out.quote.bid.is_positive()) return out;
    const auto touch = liquidity.touch(entry.day.close, step);
    std::int64_t bid = touch.bid;
    std::int64_t ask = touch.ask;
    for (std::size_t i = 0; i < out.bids.size(); ++i) {
      const int level = static_cast<int>(i);
      if (bid > 0) {
        out.bids[i] = {to_price(bid, tick), liquidity.quantity(step, true, level),
                       liquidity.orders(step, true, level)};
      }
      out.asks[i] = {to_price(ask, tick), liquidity.quantity(step, false, level),
                     liquidity.orders(step, false, level)};
      bid -= liquidity.gap(step, true, level);
      ask += liquidity.gap(step, false, level);
    }
    out.total_buy_quantity = liquidity.total(step, true);
    out.total_sell_quantity = liquidity.total(step, false);
    return out;
  });
}

Result<std::vector<Candle>> SimulatedMarket::candles(const Instrument& instrument, std::string_view interval,
                                                     Date from, Date to) const {
  const auto wanted = parse_interval(interval);
  if (!wanted) return fail(ErrorCode::InvalidInput, "Unsupported timeframe: " + std::string{interval});
  if (auto usable = check_terms(instrument); !usable) return pass_on(std::move(usable));
  const Step until = instant_of(instrument).step;
  const sys_days last = std::min(sys_days{to}, sys_days{ist(time_of(until)).date});
  const days reach = instrument.expiry ? kContractHistory : kCashHistory;
  const sys_days first = std::max({sys_days{from}, last - reach, sys_days{kFirstDay}});

  SimulatedInstrument simulated = fresh_entry(instrument).simulated;
  // Newest day first, so that the bound keeps the latest candles; each day's are reversed to match.
  std::vector<Candle> out;
  for (sys_days day = last; day >= first && out.size() < kCandlesMax; day -= days{1}) {
    const auto session = session_on(instrument.exchange, Date{day});
    if (!session || session->open > until) continue;
    if (wanted->unit == Interval::Unit::Steps) {
      const auto of_day = intraday_candles(simulated, *session, wanted->steps, until);
      out.insert(out.end(), of_day.rbegin(), of_day.rend());
      continue;
    }
    Candle of_day = candle(simulated, *session, session->open, std::min(session->close, until + 1));
    of_day.start = sys_days{period_start(wanted->unit, Date{day})};
    if (out.empty() || out.back().start != of_day.start) {
      out.push_back(of_day);
    } else {
      Candle& period = out.back();
      period.open = of_day.open;
      period.high = std::max(period.high, of_day.high);
      period.low = std::min(period.low, of_day.low);
      period.volume += of_day.volume;
    }
  }
  if (out.size() > kCandlesMax) out.resize(kCandlesMax);
  std::ranges::reverse(out);
  return out;
}

}  // namespace kavach::paper
