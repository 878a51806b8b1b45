#include "stream/fan_out.h"

#include <thread>

#include "core/worker_pool.h"
#include "stream_fixture.h"

namespace kavach::stream {
namespace {

using testing::ElementsAre;

struct Listener final : Receiver {
  void offer(const Topic&, const PriceFrames& offered) override {
    frames.push_back(offered.plain);
    deflated.push_back(offered.deflated);
  }
  bool deflates() const override { return is_deflating; }
  bool is_deflating{false};
  std::vector<http::SharedFrame> frames;
  std::vector<http::SharedFrame> deflated;
};

struct FanOutTest : StreamTest {
  void tick(std::string_view symbol, std::string_view last) {
    feed.tick(symbol, last);
    executor.run();
  }
  const Topic sbin{{market::Exchange::Nse, "SBIN"}, market::FeedMode::Ltp};
  const Topic infy{{market::Exchange::Nse, "INFY"}, market::FeedMode::Quote};
  std::shared_ptr<FanOut> fan_out = std::make_shared<FanOut>(hub, "paper");
  QueueExecutor first;
  QueueExecutor second;
  Listener ada;
  Listener bob;
};

TEST_F(FanOutTest, R39OneFrameIsSharedByAllThreads) {
  ASSERT_OK(fan_out->join(first, sbin, ada));
  ASSERT_OK(fan_out->join(second, sbin, bob));
  tick("SBIN", "820.5");
  first.run();
  second.run();
  ASSERT_EQ(ada.frames.size(), 1U);
  EXPECT_EQ(ada.frames, bob.frames);
  EXPECT_EQ(fan_out->stats().frames_built, 1U);
  EXPECT_EQ(fan_out->stats().frames_offered, 2U);
}

TEST_F(FanOutTest, R39AThreadThatIsLateHoldsOneFrameForEachTopicAndDelaysNobody) {
  ASSERT_OK(fan_out->join(first, sbin, ada));
  ASSERT_OK(fan_out->join(first, infy, ada));
  ASSERT_OK(fan_out->join(second, sbin, bob));
  for (int i = 1; i <= 100; ++i) {
    tick("SBIN", std::to_string(i));
    tick("INFY", std::to_string(i));
    second.run();
    EXPECT_EQ(bob.frames.size(), static_cast<std::size_t>(i));
  }
  EXPECT_EQ(first.jobs.size(), 1U);
  first.run();
  ASSERT_EQ(ada.frames.size(), 2U);
  EXPECT_EQ(ada.frames[0], bob.frames.back()) << "the latest";
}

TEST_F(FanOutTest, R38AMessageIsCompressedOnceForAllAndOnlyWhenSomebodyReadsIt) {
  const Topic depth{{market::Exchange::Nse, "SBIN"}, market::FeedMode::Depth};
  ASSERT_OK(fan_out->join(first, depth, ada));
  tick("SBIN", "820.5");
  first.run();
  EXPECT_EQ(ada.deflated.back(), nullptr) << "nobody asked for it";

  bob.is_deflating = true;
  Listener eve;
  eve.is_deflating = true;
  ASSERT_OK(fan_out->join(second, depth, bob));
  ASSERT_OK(fan_out->join(first, depth, eve));
  tick("SBIN", "821.5");
  first.run();
  second.run();
  ASSERT_NE(bob.deflated.back(), nullptr);
  EXPECT_EQ(bob.deflated.back(), eve.deflated.back()) << "the same bytes";
  EXPECT_LT(bob.deflated.back()->size(), bob.frames.back()->size());
  EXPECT_EQ(fan_out->stats().frames_deflated, 1U);
  EXPECT_EQ(fan_out->stats().frames_built, 2U);

  fan_out->leave(second, depth, bob);
  fan_out->leave(first, depth, eve);
  tick("SBIN", "822.5");
  first.run();
  EXPECT_EQ(ada.deflated.back(), nullptr) << "and it ends with them";
}

TEST_F(FanOutTest, AShortMessageIsNotWorthCompressing) {
  ada.is_deflating = true;
  ASSERT_OK(fan_out->join(first, sbin, ada));
  tick("SBIN", "820.5");
  first.run();
  EXPECT_EQ(ada.deflated.back(), nullptr);
}

TEST_F(FanOutTest, TheFeedIsToldOfTheFirstAndTheLastOnly) {
  ASSERT_OK(fan_out->join(first, sbin, ada));
  ASSERT_OK(fan_out->join(first, sbin, ada));
  ASSERT_OK(fan_out->join(second, sbin, bob));
  EXPECT_EQ(hub.stats().subscriptions, 1U);
  fan_out->leave(first, sbin, ada);
  fan_out->leave(first, sbin, ada);
  EXPECT_EQ(hub.stats().subscriptions, 1U);
  tick("SBIN", "1");
  first.run();
  second.run();
  EXPECT_TRUE(ada.frames.empty());
  EXPECT_EQ(bob.frames.size(), 1U);
  fan_out->leave(second, sbin, bob);
  EXPECT_EQ(hub.stats().subscriptions, 0U);
  EXPECT_EQ(feed.instruments(), 0U);
}

TEST_F(FanOutTest, AFrameOnItsWayToSomebodyWhoLeftIsDropped) {
  ASSERT_OK(fan_out->join(first, sbin, ada));
  tick("SBIN", "1");
  fan_out->leave(first, sbin, ada);
  first.run();
  EXPECT_TRUE(ada.frames.empty());
}

TEST_F(FanOutTest, AnUnknownInstrumentJoinsNothing) {
  const Topic unknown{{market::Exchange::Nse, "NOPE"}, market::FeedMode::Ltp};
  EXPECT_FALSE(fan_out->join(first, unknown, ada));
  EXPECT_FALSE(fan_out->join(first, unknown, ada)) << "also the second time";
  EXPECT_EQ(hub.stats().instruments, 0U);
}

// Joins, leaves and ticks on threads of their own; the sanitizers watch.
TEST_F(FanOutTest, R39ThreadsMayJoinLeaveAndTickAtOnce) {
  InlineExecutor here;
  market::FeedHub busy_hub{feed, instruments, clock, here, 7};
  const auto busy = std::make_shared<FanOut>(busy_hub, "paper");
  ASSERT_OK(busy->join(first, infy, ada));
  WorkerPool first_thread{1, 100'000};
  WorkerPool second_thread{1, 100'000};
  struct OnPool final : Executor {
    explicit OnPool(WorkerPool& threads) : pool{threads} {}
    void post(Job job) override { (void)pool.try_post(std::move(job)); }
    WorkerPool& pool;
  };
  OnPool one{first_thread};
  OnPool two{second_thread};
  for (int i = 0; i < 200; ++i) {
    one.post([&] { EXPECT_OK(busy->join(one, sbin, ada)); });
    two.post([&] { EXPECT_OK(busy->join(two, sbin, bob)); });
    feed.tick("SBIN", std::to_string(i + 1));
    one.post([&] { busy->leave(one, sbin, ada); });
    two.post([&] { busy->leave(two, sbin, bob); });
  }
  first_thread.stop();
  second_thread.stop();
  EXPECT_EQ(busy_hub.stats().subscriptions, 1U) << "only what was joined before";
}

}  // namespace
}  // namespace kavach::stream
