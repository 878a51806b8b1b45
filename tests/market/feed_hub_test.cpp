#include "market/feed_hub.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <thread>

#include "support/matchers.h"
#include "support/scripted_market.h"

namespace kavach::market {
namespace {

using namespace std::chrono_literals;
using test::price;

// A broker's feed in the hands of the test.
class ScriptedFeed final : public Feed {
 public:
  std::string_view name() const override { return "scripted"; }
  Micros heartbeat() const override { return 2s; }
  void connect(FeedListener& listener) override {
    ++connects;
    listener_ = &listener;
    if (answers) listener.on_connected();
  }
  void disconnect() override {
    ++disconnects;
    channels.clear();
  }
  void subscribe(std::span<const FeedSubscription> subscriptions) override {
    for (const auto& each : subscriptions) {
      channels[each.channel] = each;
      calls.push_back("+" + each.instrument.symbol + ":" + std::string{name_of(each.mode)});
    }
  }
  void unsubscribe(std::span<const FeedChannel> gone) override {
    for (const FeedChannel channel : gone) {
      calls.push_back("-" + channels[channel].instrument.symbol);
      channels.erase(channel);
    }
  }
  void tick(std::string_view symbol, std::string_view last) {
    for (const auto& [channel, each] : channels) {
      if (each.instrument.symbol != symbol) continue;
      Depth depth;
      depth.quote.last = price(last);
      listener_->on_tick(channel, depth);
    }
  }
  FeedListener& listener() { return *listener_; }

  bool answers{true};
  int connects{0};
  int disconnects{0};
  std::map<FeedChannel, FeedSubscription> channels;
  std::vector<std::string> calls;

 private:
  FeedListener* listener_{nullptr};
};

class Recorder final : public TickSubscriber {
 public:
  void on_tick(FeedMode mode, const TickPointer& tick) override {
    seen.push_back(std::string{name_of(mode)} + " " + tick->key.symbol + " " + tick->depth.quote.last.text());
    ticks.push_back(tick);
  }
  std::vector<std::string> seen;
  std::vector<TickPointer> ticks;
};

class QueueExecutor final : public Executor {
 public:
  void post(Job job) override { jobs.push_back(std::move(job)); }
  void run() {
    while (!jobs.empty()) {
      Job job = std::move(jobs.front());
      jobs.pop_front();
      job();
    }
  }
  std::deque<Job> jobs;
};

Instrument equity(std::string symbol) {
  Instrument out;
  out.symbol = std::move(symbol);
  return out;
}

class FeedHubTest : public testing::Test {
 protected:
  FeedHub& hub() {
    if (!hub_) hub_.emplace(feed_, instruments_, clock_, executor_, 7, settings_);
    return *hub_;
  }
  void pass(Micros time, Micros step = 500ms) {
    for (Micros gone{0}; gone < time; gone += step) {
      clock_.advance(step);
      hub().poll();
    }
  }
  const InstrumentKey sbin_{Exchange::Nse, "SBIN"};
  const InstrumentKey infy_{Exchange::Nse, "INFY"};
  Instruments instruments_{InstrumentTable{{equity("SBIN"), equity("INFY"), equity("TCS")}}};
  ManualClock clock_{TimePoint{1'814'240'700s}};
  QueueExecutor executor_;
  ScriptedFeed feed_;
  FeedHubSettings settings_;
  std::optional<FeedHub> hub_;
  std::shared_ptr<Recorder> alice_ = std::make_shared<Recorder>();
  std::shared_ptr<Recorder> bob_ = std::make_shared<Recorder>();
};

TEST_F(FeedHubTest, ConnectsWithTheFirstSubscriptionAndAsksForTheHighestModeOnce) {
  EXPECT_EQ(hub().stats().state, FeedState::Idle);
  EXPECT_EQ(feed_.connects, 0);
  ASSERT_OK(hub().subscribe(sbin_, FeedMode::Ltp, alice_));
  ASSERT_OK(hub().subscribe(sbin_, FeedMode::Ltp, bob_));
  ASSERT_OK(hub().subscribe(sbin_, FeedMode::Depth, bob_));
  ASSERT_OK(hub().subscribe(sbin_, FeedMode::Quote, alice_));
  EXPECT_EQ(feed_.connects, 1);
  EXPECT_EQ(feed_.calls, (std::vector<std::string>{"+SBIN:LTP", "+SBIN:Depth"}));
  EXPECT_EQ(hub().stats().subscriptions, 4U);

  hub().unsubscribe(sbin_, FeedMode::Depth, *bob_);
  EXPECT_EQ(feed_.calls.back(), "+SBIN:Quote");
  hub().unsubscribe_all(*alice_);
  EXPECT_EQ(feed_.calls.back(), "+SBIN:LTP");
  hub().unsubscribe(sbin_, FeedMode::Ltp, *bob_);
  EXPECT_EQ(feed_.calls.back(), "-SBIN");
  EXPECT_EQ(hub().stats().subscriptions, 0U);
  EXPECT_EQ(hub().stats().instruments, 0U);
}

TEST_F(FeedHubTest, DeliversToWhoSubscribedAndToNobodyElse) {
  ASSERT_OK(hub().subscribe(sbin_, FeedMode::Ltp, alice_));
  ASSERT_OK(hub().subscribe(sbin_, FeedMode::Depth, alice_));
  ASSERT_OK(hub().subscribe(infy_, FeedMode::Quote, bob_));
  feed_.tick("SBIN", "820.5");
  feed_.tick("INFY", "1511.4");
  executor_.run();
  EXPECT_EQ(alice_->seen, (std::vector<std::string>{"LTP SBIN 820.5", "Depth SBIN 820.5"}));
  EXPECT_EQ(bob_->seen, std::vector<std::string>{"Quote INFY 1511.4"});
  EXPECT_EQ(alice_->ticks[0], alice_->ticks[1]) << "one tick is shared, not copied";
}

TEST_F(FeedHubTest, SubscribingTwiceIsOnceAndLeavingTwiceIsHarmless) {
  ASSERT_OK(hub().subscribe(sbin_, FeedMode::Ltp, alice_));
  ASSERT_OK(hub().subscribe(sbin_, FeedMode::Ltp, alice_));
  feed_.tick("SBIN", "1");
  executor_.run();
  EXPECT_EQ(alice_->seen.size(), 1U);
  hub().unsubscribe(sbin_, FeedMode::Ltp, *alice_);
  hub().unsubscribe(sbin_, FeedMode::Ltp, *alice_);
  hub().unsubscribe(infy_, FeedMode::Ltp, *alice_);
  EXPECT_EQ(hub().stats().subscriptions, 0U);
}

TEST_F(FeedHubTest, TicksConflateToTheLatestWhileADeliveryWaits) {
  ASSERT_OK(hub().subscribe(sbin_, FeedMode::Ltp, alice_));
  for (const char* last : {"1", "2", "3"}) feed_.tick("SBIN", last);
  executor_.run();
  EXPECT_EQ(alice_->seen, std::vector<std::string>{"LTP SBIN 3"});
  EXPECT_EQ(alice_->ticks[0]->sequence, 3U);
  EXPECT_EQ(hub().stats().ticks_conflated, 2U);
  EXPECT_EQ(hub().stats().ticks_delivered, 1U);
}

TEST_F(FeedHubTest, RefusesUnknownInstrumentsAndMoreThanItsCapacity) {
  settings_.instruments_max = 1;
  const auto unknown = hub().subscribe({Exchange::Bse, "SBIN"}, FeedMode::Ltp, alice_);
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().message, "Symbol SBIN not found for exchange BSE");
  ASSERT_OK(hub().subscribe(sbin_, FeedMode::Ltp, alice_));
  const auto full = hub().subscribe(infy_, FeedMode::Ltp, alice_);
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code, ErrorCode::Busy);
  hub().unsubscribe(sbin_, FeedMode::Ltp, *alice_);
  EXPECT_OK(hub().subscribe(infy_, FeedMode::Ltp, alice_));
}

TEST_F(FeedHubTest, SubscribesEverythingAgainAfterAReconnection) {
  ASSERT_OK(hub().subscribe(sbin_, FeedMode::Depth, alice_));
  ASSERT_OK(hub().subscribe(infy_, FeedMode::Ltp, alice_));
  feed_.calls.clear();
  feed_.channels.clear();
  feed_.listener().on_disconnected(Error{ErrorCode::Unavailable, "The broker closed the connection.", ""});
  EXPECT_EQ(hub().stats().state, FeedState::Waiting);
  EXPECT_EQ(hub().stats().last_error, "The broker closed the connection.");
  pass(2s);
  EXPECT_EQ(feed_.connects, 2);
  EXPECT_THAT(feed_.calls, testing::UnorderedElementsAre("+SBIN:Depth", "+INFY:LTP"));
  feed_.tick("SBIN", "5");
  executor_.run();
  EXPECT_EQ(alice_->seen.size(), 1U);
}

TEST_F(FeedHubTest, BacksOffWithJitterAndStopsGrowingAtItsMaximum) {
  feed_.answers = false;
  ASSERT_OK(hub().subscribe(sbin_, FeedMode::Ltp, alice_));
  std::vector<Micros> waits;
  for (int i = 0; i < 12; ++i) {
    feed_.listener().on_disconnected(Error{ErrorCode::Unavailable, "refused", ""});
    const TimePoint before = clock_.now();
    const int connects = feed_.connects;
    while (feed_.connects == connects) pass(100ms, 100ms);
    waits.push_back(clock_.now() - before);
  }
  EXPECT_GE(waits[0], 500ms);
  EXPECT_LE(waits[0], 1600ms);
  EXPECT_GE(waits[4], 8s);
  for (const Micros wait : waits) EXPECT_LE(wait, 91s);
  EXPECT_NE(waits[10], waits[11]) << "no two waits alike";
}

TEST_F(FeedHubTest, R39NoticesAConnectedButSilentFeedWithinTwoHeartbeats) {
  ASSERT_OK(hub().subscribe(sbin_, FeedMode::Ltp, alice_));
  feed_.tick("SBIN", "820.5");
  EXPECT_FALSE(hub().latest(sbin_)->quote.stale);
  pass(4s);
  EXPECT_EQ(feed_.disconnects, 1);
  EXPECT_EQ(hub().stats().silences, 1U);
  EXPECT_TRUE(hub().latest(sbin_)->quote.stale);
  pass(2s);
  EXPECT_EQ(feed_.connects, 2);
  EXPECT_TRUE(hub().latest(sbin_)->quote.stale) << "a new connection does not make an old price fresh";
  feed_.tick("SBIN", "821");
  EXPECT_FALSE(hub().latest(sbin_)->quote.stale);
}

TEST_F(FeedHubTest, R39WhoHasAPriceIsToldWhenItMayNoLongerBeTrue) {
  ASSERT_OK(hub().subscribe(sbin_, FeedMode::Ltp, alice_));
  ASSERT_OK(hub().subscribe(infy_, FeedMode::Ltp, alice_));
  feed_.tick("SBIN", "820.5");
  executor_.run();
  feed_.tick("SBIN", "821");
  feed_.listener().on_disconnected(Error{ErrorCode::Unavailable, "gone", ""});
  executor_.run();
  EXPECT_EQ(alice_->seen, (std::vector<std::string>{"LTP SBIN 820.5", "LTP SBIN 821"})) << "once, with what waited";
  EXPECT_FALSE(alice_->ticks[0]->depth.quote.stale);
  EXPECT_TRUE(alice_->ticks[1]->depth.quote.stale);
  EXPECT_LT(alice_->ticks[0]->sequence, alice_->ticks[1]->sequence);
  pass(1500ms);
  executor_.run();
  EXPECT_EQ(alice_->seen.size(), 2U) << "and not again";
  feed_.tick("SBIN", "822");
  executor_.run();
  EXPECT_FALSE(alice_->ticks.back()->depth.quote.stale);
  feed_.listener().on_disconnected(Error{ErrorCode::Unavailable, "gone", ""});
  executor_.run();
  ASSERT_EQ(alice_->seen.size(), 4U) << "also when nothing waited";
  EXPECT_EQ(alice_->seen.back(), "LTP SBIN 822");
  EXPECT_TRUE(alice_->ticks.back()->depth.quote.stale);
}

TEST_F(FeedHubTest, HeartbeatsKeepAQuietFeedAlive) {
  ASSERT_OK(hub().subscribe(sbin_, FeedMode::Ltp, alice_));
  for (int i = 0; i < 20; ++i) {
    pass(1s);
    feed_.listener().on_heartbeat();
  }
  EXPECT_EQ(feed_.disconnects, 0);
  EXPECT_EQ(hub().stats().state, FeedState::Connected);
}

TEST_F(FeedHubTest, AConnectionThatNeverAnswersIsGivenUp) {
  feed_.answers = false;
  ASSERT_OK(hub().subscribe(sbin_, FeedMode::Ltp, alice_));
  pass(14s);
  EXPECT_EQ(feed_.disconnects, 0);
  pass(1s);
  EXPECT_EQ(feed_.disconnects, 1);
  EXPECT_EQ(hub().stats().state, FeedState::Waiting);
}

TEST_F(FeedHubTest, ARenewedTokenReconnectsAtOnce) {
  ASSERT_OK(hub().subscribe(sbin_, FeedMode::Ltp, alice_));
  hub().renew();
  EXPECT_EQ(feed_.disconnects, 1);
  EXPECT_EQ(feed_.connects, 2);
  EXPECT_EQ(hub().stats().state, FeedState::Connected);
  EXPECT_EQ(feed_.channels.size(), 1U);
}

TEST_F(FeedHubTest, ALateTickOfADroppedChannelReachesNobody) {
  ASSERT_OK(hub().subscribe(sbin_, FeedMode::Ltp, alice_));
  const FeedChannel old = feed_.channels.begin()->first;
  hub().unsubscribe(sbin_, FeedMode::Ltp, *alice_);
  ASSERT_OK(hub().subscribe(infy_, FeedMode::Ltp, alice_));
  feed_.listener().on_tick(old, Depth{});
  executor_.run();
  EXPECT_TRUE(alice_->seen.empty());
  EXPECT_EQ(hub().latest(sbin_), std::nullopt);
}

TEST_F(FeedHubTest, ADeliveryQueuedWhenTheHubDiesIsHarmless) {
  ASSERT_OK(hub().subscribe(sbin_, FeedMode::Ltp, alice_));
  feed_.tick("SBIN", "1");
  hub_.reset();
  EXPECT_EQ(feed_.disconnects, 1);
  executor_.run();
  EXPECT_TRUE(alice_->seen.empty());
}

// A subscriber that changes its subscriptions from inside a delivery.
class Leaver final : public TickSubscriber {
 public:
  explicit Leaver(FeedHub& hub) : hub_{hub} {}
  void on_tick(FeedMode, const TickPointer& tick) override {
    hub_.unsubscribe(tick->key, FeedMode::Ltp, *this);
    ++calls;
  }
  int calls{0};

 private:
  FeedHub& hub_;
};

TEST_F(FeedHubTest, ASubscriberMayLeaveFromInsideItsDelivery) {
  const auto leaver = std::make_shared<Leaver>(hub());
  ASSERT_OK(hub().subscribe(sbin_, FeedMode::Ltp, leaver));
  ASSERT_OK(hub().subscribe(sbin_, FeedMode::Ltp, alice_));
  feed_.tick("SBIN", "1");
  executor_.run();
  feed_.tick("SBIN", "2");
  executor_.run();
  EXPECT_EQ(leaver->calls, 1);
  EXPECT_EQ(alice_->seen.size(), 2U);
}

// Counts, and checks that no tick overtakes another.
class OrderChecker final : public TickSubscriber {
 public:
  void on_tick(FeedMode, const TickPointer& tick) override {
    std::uint64_t& last = last_[tick->key.symbol];
    in_order = in_order && tick->sequence > last;
    last = tick->sequence;
  }
  bool in_order{true};

 private:
  std::map<std::string, std::uint64_t> last_;
};

// A feed whose calls may come from any thread, as the seam promises one at a time.
class QuietFeed final : public Feed {
 public:
  std::string_view name() const override { return "quiet"; }
  Micros heartbeat() const override { return 2s; }
  void connect(FeedListener& listener) override { listener.on_connected(); }
  void disconnect() override { ++calls; }
  void subscribe(std::span<const FeedSubscription> subscriptions) override {
    for (const auto& each : subscriptions) highest = std::max(highest, each.channel);
  }
  void unsubscribe(std::span<const FeedChannel>) override { ++calls; }
  FeedChannel highest{0};
  int calls{0};
};

TEST(FeedHubThreads, SubscribersComeAndGoWhileTicksFlowInOrder) {
  QuietFeed feed;
  Instruments instruments{InstrumentTable{{equity("SBIN"), equity("INFY"), equity("TCS")}}};
  ManualClock clock{TimePoint{1'814'240'700s}};
  InlineExecutor executor;
  FeedHub hub{feed, instruments, clock, executor, 7};
  const auto steady = std::make_shared<OrderChecker>();
  ASSERT_OK(hub.subscribe({Exchange::Nse, "SBIN"}, FeedMode::Ltp, steady));
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      const auto visitor = std::make_shared<Recorder>();
      for (int round = 0; round < 300; ++round) {
        EXPECT_OK(hub.subscribe({Exchange::Nse, "INFY"}, FeedMode::Quote, visitor));
        EXPECT_OK(hub.subscribe({Exchange::Nse, "SBIN"}, FeedMode::Depth, visitor));
        hub.poll();
        (void)hub.latest({Exchange::Nse, "SBIN"});
        hub.unsubscribe_all(*visitor);
      }
    });
  }
  threads.emplace_back([&] {
    for (int round = 0; round < 3'000; ++round) hub.on_tick(1, Depth{});
  });
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE(steady->in_order);
  EXPECT_EQ(hub.stats().subscriptions, 1U);
  EXPECT_EQ(hub.stats().instruments, 1U);
  EXPECT_EQ(hub.latest({Exchange::Nse, "SBIN"})->quote.stale, false);
}

}  // namespace
}  // namespace kavach::market
