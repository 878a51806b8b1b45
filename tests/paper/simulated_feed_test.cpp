#include "paper/simulated_feed.h"

#include <gtest/gtest.h>

#include "market/builtin_universe.h"
#include "market/feed_hub.h"
#include "paper/simulated_market.h"
#include "support/matchers.h"
#include "support/scripted_market.h"

namespace kavach::paper {
namespace {

using namespace std::chrono_literals;
using market::Exchange;
using market::FeedMode;

class Counter final : public market::TickSubscriber {
 public:
  void on_tick(FeedMode, const market::TickPointer& tick) override { ticks.push_back(tick); }
  std::vector<market::TickPointer> ticks;
};

class SimulatedFeedTest : public testing::Test {
 protected:
  market::Instrument sbin() const {
    market::Instrument out;
    out.symbol = "SBIN";
    return out;
  }
  test::ScriptedMarket prices_;
  SimulatedFeed feed_{prices_};
  ManualClock clock_{TimePoint{1'814'240'700s}};
  InlineExecutor executor_;
  market::Instruments instruments_{market::InstrumentTable{{sbin()}}};
  market::FeedHub hub_{feed_, instruments_, clock_, executor_, 1};
  std::shared_ptr<Counter> counter_ = std::make_shared<Counter>();
};

TEST_F(SimulatedFeedTest, SendsAPriceWhenItHasChangedAndAHeartbeatAnyway) {
  prices_.set(Exchange::Nse, "SBIN", "820");
  feed_.tick();
  ASSERT_OK(hub_.subscribe({Exchange::Nse, "SBIN"}, FeedMode::Ltp, counter_));
  feed_.tick();
  feed_.tick();
  EXPECT_EQ(counter_->ticks.size(), 1U);
  prices_.set(Exchange::Nse, "SBIN", "820.5");
  feed_.tick();
  ASSERT_EQ(counter_->ticks.size(), 2U);
  EXPECT_EQ(counter_->ticks[1]->depth.quote.last, test::price("820.5"));
  for (int i = 0; i < 10; ++i) {
    clock_.advance(1s);
    feed_.tick();
    hub_.poll();
  }
  EXPECT_EQ(hub_.stats().silences, 0U);
}

TEST_F(SimulatedFeedTest, LevelsComeOnlyInDepthMode) {
  prices_.set(Exchange::Nse, "SBIN", "820", "819.95", "820.05");
  ASSERT_OK(hub_.subscribe({Exchange::Nse, "SBIN"}, FeedMode::Quote, counter_));
  feed_.tick();
  EXPECT_TRUE(counter_->ticks[0]->depth.bids[0].price.is_zero());
  ASSERT_OK(hub_.subscribe({Exchange::Nse, "SBIN"}, FeedMode::Depth, counter_));
  feed_.tick();
  EXPECT_EQ(counter_->ticks.back()->depth.bids[0].price, test::price("819.95"));
}

TEST_F(SimulatedFeedTest, AfterUnsubscribingOrStoppingNothingComes) {
  prices_.set(Exchange::Nse, "SBIN", "820");
  ASSERT_OK(hub_.subscribe({Exchange::Nse, "SBIN"}, FeedMode::Ltp, counter_));
  hub_.unsubscribe_all(*counter_);
  feed_.tick();
  EXPECT_TRUE(counter_->ticks.empty());
  ASSERT_OK(hub_.subscribe({Exchange::Nse, "SBIN"}, FeedMode::Ltp, counter_));
  hub_.stop();
  feed_.tick();
  EXPECT_TRUE(counter_->ticks.empty());
}

TEST(SimulatedFeedOverTheMarket, TicksMoveWithTheClock) {
  market::Calendar calendar;
  ManualClock clock{TimePoint{1'814'240'700s}};
  market::Instruments instruments{
      market::InstrumentTable{market::builtin_universe(calendar, ist(clock.now()).date)}};
  SimulatedMarket market{instruments, calendar, clock, {}};
  SimulatedFeed feed{market};
  InlineExecutor executor;
  market::FeedHub hub{feed, instruments, clock, executor, 1};
  const auto counter = std::make_shared<Counter>();
  ASSERT_OK(hub.subscribe({Exchange::NseIndex, "NIFTY"}, FeedMode::Quote, counter));
  for (int i = 0; i < 40; ++i) {
    clock.advance(250ms);
    feed.tick();
  }
  EXPECT_GT(counter->ticks.size(), 20U);
}

}  // namespace
}  // namespace kavach::paper
