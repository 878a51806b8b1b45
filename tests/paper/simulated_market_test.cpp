#include "paper/simulated_market.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <thread>

#include "market/builtin_universe.h"
#include "support/matchers.h"

namespace kavach::paper {
namespace {

using namespace std::chrono_literals;
using market::Candle;
using market::Exchange;
using market::Instrument;
using market::Quote;

constexpr Date kDay = 2027y / 6 / 22;  // a Tuesday, NIFTY's weekly expiry

class SimulatedMarketTest : public testing::Test {
 protected:
  SimulatedMarket market(std::uint64_t seed = 42, MarketHours hours = MarketHours::Always) const {
    return {instruments_, calendar_, clock_, {.seed = seed, .hours = hours}};
  }
  const Instrument& find(Exchange exchange, std::string_view symbol) const {
    const Instrument* found = table_->find(exchange, symbol);
    EXPECT_NE(found, nullptr) << symbol;
    return *found;
  }
  std::vector<const Instrument*> samples() const {
    return {&find(Exchange::Nse, "RELIANCE"),          &find(Exchange::Nse, "IDEA"),
            &find(Exchange::NseIndex, "NIFTY"),        &find(Exchange::Nfo, "NIFTY29JUN27FUT"),
            &find(Exchange::Nfo, "NIFTY29JUN2726500CE"), &find(Exchange::Nfo, "NIFTY29JUN2726500PE"),
            &find(Exchange::Nfo, "NIFTY29JUN2727500CE"), &find(Exchange::Mcx, "CRUDEOIL19JUL27FUT"),
            &find(Exchange::Cds, "USDINR28JUN27FUT")};
  }
  void set_time(Date date, std::chrono::seconds since_midnight) {
    clock_.jump(from_ist(date, since_midnight) - clock_.now());
  }

  market::Calendar calendar_;
  market::Instruments instruments_{market::InstrumentTable{market::builtin_universe(calendar_, kDay)}};
  std::shared_ptr<const market::InstrumentTable> table_ = instruments_.read();
  ManualClock clock_{from_ist(kDay, 11h)};
};

void expect_sound(const Quote& quote, const Instrument& instrument) {
  EXPECT_LE(quote.low, quote.last) << instrument.symbol;
  EXPECT_LE(quote.last, quote.high) << instrument.symbol;
  EXPECT_LE(quote.low, quote.open) << instrument.symbol;
  EXPECT_LE(quote.open, quote.high) << instrument.symbol;
  EXPECT_LE(quote.low, quote.average) << instrument.symbol;
  EXPECT_LE(quote.average, quote.high) << instrument.symbol;
  for (const Price price : {quote.open, quote.high, quote.low, quote.last, quote.close_previous}) {
    EXPECT_TRUE(price.is_positive()) << instrument.symbol;
    EXPECT_EQ(price.units() % instrument.tick_size.units(), 0) << instrument.symbol;
  }
}

TEST_F(SimulatedMarketTest, TheSameSeedGivesTheSamePricesHoweverTheyAreAskedFor) {
  const SimulatedMarket walked = market();
  for (int i = 0; i < 500; ++i) {
    clock_.advance(700ms);
    for (const Instrument* instrument : samples()) ASSERT_OK(walked.quote(*instrument));
  }
  const SimulatedMarket fresh = market();
  const SimulatedMarket other = market(43);
  int different = 0;
  for (const Instrument* instrument : samples()) {
    const auto a = walked.quote(*instrument);
    const auto b = fresh.quote(*instrument);
    ASSERT_OK(a);
    EXPECT_EQ(a->last, b->last) << instrument->symbol;
    EXPECT_EQ(a->high, b->high) << instrument->symbol;
    EXPECT_EQ(a->low, b->low) << instrument->symbol;
    EXPECT_EQ(a->open, b->open) << instrument->symbol;
    EXPECT_EQ(a->volume, b->volume) << instrument->symbol;
    EXPECT_EQ(a->bid, b->bid) << instrument->symbol;
    different += other.quote(*instrument)->last != a->last ? 1 : 0;
  }
  EXPECT_GE(different, 7);
}

TEST_F(SimulatedMarketTest, QuotesAreSoundOnTheTickAndOnlyWidenThroughTheDay) {
  const SimulatedMarket market = this->market();
  for (const Instrument* instrument : samples()) {
    set_time(kDay, 11h);
    Quote before = *market.quote(*instrument);
    std::set<Price> prices;
    for (int i = 0; i < 2'000; ++i) {
      clock_.advance(i % 7 == 0 ? 13s : 250ms);
      const Quote now = *market.quote(*instrument);
      expect_sound(now, *instrument);
      EXPECT_GE(now.high, before.high);
      EXPECT_LE(now.low, before.low);
      EXPECT_EQ(now.open, before.open);
      EXPECT_EQ(now.close_previous, before.close_previous);
      EXPECT_GE(now.volume, before.volume);
      prices.insert(now.last);
      before = now;
    }
    EXPECT_GT(prices.size(), 1U) << instrument->symbol << " does not move";
  }
}

TEST_F(SimulatedMarketTest, PricesStayNearTheirReferenceForWeeks) {
  const SimulatedMarket market = this->market();
  const Instrument& reliance = find(Exchange::Nse, "RELIANCE");
  for (int hour = 0; hour < 24 * 30; ++hour) {
    clock_.advance(1h);
    const double ratio = market.quote(reliance)->last.to_double() / reliance.reference_price.to_double();
    EXPECT_GT(ratio, 0.8);
    EXPECT_LT(ratio, 1.25);
  }
}

TEST_F(SimulatedMarketTest, TheDayTurnsAtMidnightAndTheOldCloseIsThePreviousOne) {
  const SimulatedMarket market = this->market();
  const Instrument& reliance = find(Exchange::Nse, "RELIANCE");
  set_time(kDay, 24h - 1s);
  clock_.advance(999ms);
  const Quote evening = *market.quote(reliance);
  clock_.advance(1s);
  const Quote morning = *market.quote(reliance);
  EXPECT_EQ(morning.close_previous, evening.last);
  EXPECT_LT(morning.volume, evening.volume);
}

TEST_F(SimulatedMarketTest, AClockThatJumpsBackIsNoProblem) {
  const SimulatedMarket market = this->market();
  const Instrument& reliance = find(Exchange::Nse, "RELIANCE");
  const Quote first = *market.quote(reliance);
  clock_.advance(90min);
  (void)market.quote(reliance);
  clock_.jump(-90min);
  const Quote again = *market.quote(reliance);
  EXPECT_EQ(again.last, first.last);
  EXPECT_EQ(again.high, first.high);
}

TEST_F(SimulatedMarketTest, DepthHasFiveOrderedLevelsAroundTheLastPrice) {
  const SimulatedMarket market = this->market();
  for (int i = 0; i < 200; ++i) {
    clock_.advance(250ms);
    for (const Instrument* instrument : samples()) {
      if (instrument->type == market::InstrumentType::Index) continue;
      const auto depth = market.depth(*instrument);
      ASSERT_OK(depth);
      EXPECT_EQ(depth->bids[0].price, depth->quote.bid);
      EXPECT_EQ(depth->asks[0].quantity, depth->quote.ask_quantity);
      EXPECT_LE(depth->quote.bid, depth->quote.last);
      EXPECT_GE(depth->quote.ask, depth->quote.last);
      const auto spread = (depth->quote.ask - depth->quote.bid).units() / instrument->tick_size.units();
      EXPECT_TRUE(spread == 1 || spread == 2);
      std::int64_t shown = 0;
      for (std::size_t level = 0; level < 5; ++level) {
        if (level > 0) {
          EXPECT_LT(depth->bids[level].price, depth->bids[level - 1].price);
          EXPECT_GT(depth->asks[level].price, depth->asks[level - 1].price);
        }
        EXPECT_EQ(depth->asks[level].quantity % instrument->lot_size, 0);
        EXPECT_GT(depth->asks[level].orders, 0);
        shown += depth->asks[level].quantity;
      }
      EXPECT_GE(depth->total_sell_quantity, shown);
    }
  }
}

TEST_F(SimulatedMarketTest, AnIndexIsQuotedButNotTraded) {
  const auto depth = market().depth(find(Exchange::NseIndex, "NIFTY"));
  ASSERT_OK(depth);
  EXPECT_TRUE(depth->quote.last.is_positive());
  EXPECT_TRUE(depth->quote.bid.is_zero() && depth->quote.ask.is_zero());
  EXPECT_EQ(depth->quote.volume, 0);
  EXPECT_EQ(depth->bids[0].quantity, 0);
}

TEST_F(SimulatedMarketTest, DerivativesFollowTheirUnderlying) {
  const SimulatedMarket market = this->market();
  for (int i = 0; i < 100; ++i) {
    clock_.advance(37s);
    const double spot = market.quote(find(Exchange::NseIndex, "NIFTY"))->last.to_double();
    const double future = market.quote(find(Exchange::Nfo, "NIFTY29JUN27FUT"))->last.to_double();
    const double call = market.quote(find(Exchange::Nfo, "NIFTY29JUN2726500CE"))->last.to_double();
    const double put = market.quote(find(Exchange::Nfo, "NIFTY29JUN2726500PE"))->last.to_double();
    EXPECT_GT(future, spot);
    EXPECT_LT(future, spot * 1.01);
    // A step at which a minute's extreme is printed may be off by that minute's range.
    EXPECT_NEAR(26500 + call - put, future, spot * 0.0006);
  }
  const Quote nse = *market.quote(find(Exchange::Nse, "SBIN"));
  const Quote bse = *market.quote(find(Exchange::Bse, "SBIN"));
  EXPECT_EQ(nse.last, bse.last);
  EXPECT_NE(nse.volume, bse.volume);
  EXPECT_GT(market.quote(find(Exchange::Nfo, "NIFTY29JUN27FUT"))->open_interest, 0);
  EXPECT_EQ(nse.open_interest, 0);
}

TEST_F(SimulatedMarketTest, AnExpiredOptionStandsStillAtItsIntrinsicValue) {
  const SimulatedMarket market = this->market();
  const Instrument& call = find(Exchange::Nfo, "NIFTY22JUN2724000CE");
  set_time(kDay, 15h + 30min);
  const Quote settled = *market.quote(call);
  const double spot = market.quote(find(Exchange::NseIndex, "NIFTY"))->last.to_double();
  EXPECT_NEAR(settled.last.to_double(), spot - 24000, spot * 0.0006);
  clock_.advance(24h * 3);
  EXPECT_EQ(market.quote(call)->last, settled.last);
}

TEST_F(SimulatedMarketTest, KeepsTheExchangesHoursWhenTold) {
  const SimulatedMarket market = this->market(42, MarketHours::Exchange);
  const Instrument& reliance = find(Exchange::Nse, "RELIANCE");
  set_time(kDay, 16h);
  EXPECT_FALSE(market.is_open(Exchange::Nse));
  EXPECT_TRUE(market.is_open(Exchange::Mcx));
  const Quote closed = *market.quote(reliance);
  EXPECT_EQ(closed.at, from_ist(kDay, 15h + 30min) - 250ms);
  clock_.advance(10h);
  EXPECT_EQ(market.quote(reliance)->last, closed.last);
  set_time(2027y / 6 / 23, 9h + 15min);
  EXPECT_TRUE(market.is_open(Exchange::Nse));
  const Quote next = *market.quote(reliance);
  EXPECT_EQ(next.close_previous, closed.last);
  EXPECT_TRUE(this->market().is_open(Exchange::Nse));
}

TEST_F(SimulatedMarketTest, CandlesAgreeWithTheQuotesThatWereSeen) {
  const SimulatedMarket market = this->market();
  for (const Instrument* instrument : samples()) {
    set_time(kDay, 10h);
    std::vector<Candle> seen;
    for (int i = 0; i < 5 * 240; ++i) {
      const Quote quote = *market.quote(*instrument);
      if (i % 240 == 0) seen.push_back({.open = quote.last, .high = quote.last, .low = quote.last, .close = quote.last});
      seen.back().high = std::max(seen.back().high, quote.last);
      seen.back().low = std::min(seen.back().low, quote.last);
      seen.back().close = quote.last;
      clock_.advance(250ms);
    }
    const auto candles = market.candles(*instrument, "1m", kDay, kDay);
    ASSERT_OK(candles);
    ASSERT_EQ(candles->size(), 606U);
    for (std::size_t i = 0; i < 5; ++i) {
      const Candle& candle = (*candles)[600 + i];
      EXPECT_EQ(candle.start, from_ist(kDay, 10h + std::chrono::minutes{i}));
      EXPECT_EQ(candle.high, seen[i].high) << instrument->symbol;
      EXPECT_EQ(candle.low, seen[i].low) << instrument->symbol;
      EXPECT_EQ(candle.close, seen[i].close) << instrument->symbol;
    }
  }
}

TEST_F(SimulatedMarketTest, IntervalsNestInEachOther) {
  const SimulatedMarket market = this->market(42, MarketHours::Exchange);
  set_time(kDay, 15h + 45min);
  for (const Instrument* instrument : samples()) {
    const Date from = 2027y / 6 / 17;
    const Candle day = market.candles(*instrument, "D", kDay, kDay)->back();
    EXPECT_EQ(day.start, TimePoint{std::chrono::sys_days{kDay}});
    for (const char* interval : {"10s", "1m", "3m", "5m", "15m", "1h"}) {
      const auto candles = market.candles(*instrument, interval, kDay, kDay);
      ASSERT_OK(candles);
      Price high = candles->front().high;
      Price low = candles->front().low;
      std::int64_t volume = 0;
      for (const Candle& candle : *candles) {
        high = std::max(high, candle.high);
        low = std::min(low, candle.low);
        volume += candle.volume;
        EXPECT_LE(candle.low, std::min(candle.open, candle.close));
        EXPECT_GE(candle.high, std::max(candle.open, candle.close));
        EXPECT_GE(candle.volume, 0);
      }
      EXPECT_EQ(high, day.high) << instrument->symbol << ' ' << interval;
      EXPECT_EQ(low, day.low) << instrument->symbol << ' ' << interval;
      EXPECT_EQ(volume, day.volume) << instrument->symbol << ' ' << interval;
      EXPECT_EQ(candles->front().open, day.open);
      EXPECT_EQ(candles->back().close, day.close);
    }
    EXPECT_EQ(market.candles(*instrument, "D", from, kDay)->size(), 4U);
    EXPECT_EQ(market.candles(*instrument, "W", from, kDay)->size(), 2U);
    const Quote quote = *market.quote(*instrument);
    if (instrument->exchange != Exchange::Mcx && instrument->exchange != Exchange::Cds) {
      EXPECT_EQ(quote.high, day.high);
      EXPECT_EQ(quote.volume, day.volume);
    }
  }
}

TEST_F(SimulatedMarketTest, CandlesStartAtTheExchangesOpeningAscendAndAreBounded) {
  const SimulatedMarket market = this->market(42, MarketHours::Exchange);
  const Instrument& reliance = find(Exchange::Nse, "RELIANCE");
  const auto five = market.candles(reliance, "5m", 2027y / 6 / 21, 2027y / 6 / 21);
  ASSERT_OK(five);
  EXPECT_EQ(five->size(), 75U);
  EXPECT_EQ(five->front().start, from_ist(2027y / 6 / 21, 9h + 15min));
  const auto many = market.candles(reliance, "1s", 2000y / 1 / 1, 2199y / 12 / 31);
  ASSERT_OK(many);
  EXPECT_EQ(many->size(), SimulatedMarket::kCandlesMax);
  EXPECT_TRUE(std::ranges::is_sorted(*many, std::less_equal{}, &Candle::start));
  EXPECT_LE(many->back().start, clock_.now());
  EXPECT_TRUE(market.candles(reliance, "D", 2027y / 6 / 20, 2027y / 6 / 20)->empty()) << "a Sunday";
  EXPECT_TRUE(market.candles(reliance, "D", 2027y / 7 / 1, 2027y / 7 / 9)->empty()) << "the future";
  EXPECT_TRUE(market.candles(reliance, "D", 2027y / 6 / 22, 2027y / 6 / 1)->empty()) << "backwards";
  const auto unknown = market.candles(reliance, "7m", kDay, kDay);
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().message, "Unsupported timeframe: 7m");
}

TEST_F(SimulatedMarketTest, InstrumentsOfADumpWithoutReferencePricesArePricedTogether) {
  std::vector<Instrument> rows;
  for (const Instrument* original : {&find(Exchange::Nfo, "NIFTY29JUN27FUT"), &find(Exchange::Nfo, "NIFTY29JUN2726500CE"),
                                     &find(Exchange::Nfo, "NIFTY29JUN2726500PE")}) {
    rows.push_back(*original);
    rows.back().reference_price = Price{};
  }
  const market::Instruments dump{market::InstrumentTable{rows}};
  const SimulatedMarket market{dump, calendar_, clock_, {.seed = 1}};
  const auto table = dump.read();
  const double future = market.quote(table->all()[0])->last.to_double();
  const double call = market.quote(table->all()[1])->last.to_double();
  const double put = market.quote(table->all()[2])->last.to_double();
  EXPECT_NEAR(26500 + call - put, future, 30);
  Instrument tickless = rows[0];
  tickless.tick_size = Price{};
  EXPECT_FALSE(market.quote(tickless));
}

TEST_F(SimulatedMarketTest, ManyThreadsSeeOnePrice) {
  const SimulatedMarket market = this->market();
  std::vector<std::thread> threads;
  std::vector<Price> seen(4);
  for (std::size_t i = 0; i < seen.size(); ++i) {
    threads.emplace_back([&, i] {
      for (const Instrument& row : table_->all().subspan(0, 400)) (void)market.quote(row);
      seen[i] = market.quote(*table_->find(Exchange::Nse, "SBIN"))->last;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(std::set<Price>(seen.begin(), seen.end()).size(), 1U);
}

TEST_F(SimulatedMarketTest, TheWholeUniverseCanBeQuoted) {
  const SimulatedMarket market = this->market();
  for (const Instrument& row : table_->all()) {
    const auto quote = market.quote(row);
    ASSERT_OK(quote);
    expect_sound(*quote, row);
  }
}

}  // namespace
}  // namespace kavach::paper
