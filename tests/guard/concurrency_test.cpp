// Many threads at once, for the thread sanitizer: look-ups while bans change, limits, offences, shedding.

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "core/random.h"
#include "guard/ban_list.h"
#include "guard/load_shedding.h"
#include "guard/offence_tracker.h"
#include "guard/rate_limiter.h"

namespace kavach::guard {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint kStart{std::chrono::sys_days{std::chrono::year{2027} / 6 / 29}};
constexpr int kThreads = 4;

template <class Work>
void on_threads(Work work) {
  std::vector<std::thread> threads;
  for (int n = 0; n < kThreads; ++n) threads.emplace_back([&work, n] { work(n); });
  for (std::thread& thread : threads) thread.join();
}

TEST(Concurrency, R18_LookUpsNeverMissABanThatStands) {
  BanList list{1};
  const Cidr standing = Cidr::parse("203.0.113.9").value();
  list.set({standing, {}}, kStart);
  std::atomic<int> missed{0};
  on_threads([&](int n) {
    for (std::uint32_t i = 0; i < 2'000; ++i) {
      if (n == 0) {
        list.set({Cidr::host(IpAddress::v4(0x0a000000U + i)), {}}, kStart);
        if (i % 3 == 0) list.remove(Cidr::host(IpAddress::v4(0x0a000000U + i)), kStart);
      } else if (!list.is_banned(standing.base(), kStart)) {
        ++missed;
      }
    }
  });
  EXPECT_EQ(missed, 0);
  EXPECT_TRUE(list.is_banned(IpAddress::v4(0x0a000001U), kStart));
}

TEST(Concurrency, R20_ALimitHoldsAcrossThreads) {
  ManualClock clock{kStart};
  RateLimiter limiter{clock, 1};
  const Rates rates = Rates::parse("100 per minute").value();
  std::atomic<int> allowed{0};
  on_threads([&](int) {
    for (int i = 0; i < 500; ++i) {
      if (limiter.by_address(RateClass::Api, IpAddress::v4(0xcb007109U), rates).allowed) ++allowed;
      if (i % 100 == 0) std::ignore = limiter.save_changed(1'000);
    }
  });
  EXPECT_EQ(allowed, 100);
}

TEST(Concurrency, OffencesOfOneAddressAreAllCounted) {
  OffenceTracker tracker{1};
  auto rules = OffenceRules::defaults();
  rules.of(OffenceKind::InvalidApiKey).threshold = 400;
  std::atomic<int> reached{0};
  on_threads([&](int n) {
    for (std::uint32_t i = 0; i < 100; ++i) {
      if (tracker.record({OffenceKind::InvalidApiKey, IpAddress::v4(0xcb007109U), "k", {}}, 1, rules, kStart)
              .threshold_reached) {
        ++reached;
      }
      std::ignore = tracker.record({OffenceKind::Malformed, IpAddress::v4(static_cast<std::uint32_t>(n) << 8U | i), {}, {}}, 1,
                                   rules, kStart);
      if (i % 25 == 0) std::ignore = tracker.suspects(10, rules, kStart);
    }
  });
  EXPECT_EQ(reached, 1) << "exactly the four-hundredth";
}

TEST(Concurrency, SlotsAreNeverLost) {
  LoadShedder shedder{{.in_flight_max = 3, .essential_reserve = 1}};
  on_threads([&](int n) {
    for (int i = 1; i < 2'000; ++i) {
      const auto slot = shedder.enter(n == 0 ? Priority::Essential : Priority::Normal, Standing::Known);
      shedder.observe(static_cast<std::size_t>(n), Monotonic{1ms}, Monotonic{i * 1ms});
      EXPECT_LE(shedder.in_flight(), kThreads + 4);
    }
  });
  EXPECT_EQ(shedder.in_flight(), 0);
}

}  // namespace
}  // namespace kavach::guard
