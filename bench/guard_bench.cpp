// What every request pays to the guard, beside a do-nothing floor.

#include <benchmark/benchmark.h>

#include <vector>

#include "core/random.h"
#include "guard/ban_list.h"
#include "guard/client_address.h"
#include "guard/load_shedding.h"
#include "guard/offence_tracker.h"
#include "guard/rate_limiter.h"

namespace kavach::guard {
namespace {

constexpr std::uint32_t kMillion = 1'000'000;
constexpr TimePoint kNow{std::chrono::sys_days{std::chrono::year{2027} / 6 / 29}};

IpAddress scattered(std::uint32_t n) { return IpAddress::v4(n * 2'654'435'761U | 0x40000000U); }

const BanList& million_bans() {
  static const BanList& list = [] () -> const BanList& {
    static BanList made{42};
    std::vector<BanInForce> bans;
    bans.reserve(kMillion);
    for (std::uint32_t n = 0; n < kMillion; ++n) bans.push_back({Cidr::host(scattered(n)), {}});
    made.load(bans);
    return made;
  }();
  return list;
}

void Floor(benchmark::State& state) {
  std::uint32_t n = 0;
  for (auto _ : state) benchmark::DoNotOptimize(scattered(++n));
}
BENCHMARK(Floor)->ThreadRange(1, 2);

void BanLookUpHit(benchmark::State& state) {
  const BanList& list = million_bans();
  std::uint32_t n = static_cast<std::uint32_t>(state.thread_index()) * 7'919;
  for (auto _ : state) benchmark::DoNotOptimize(list.is_banned(scattered(n++ * 769 % kMillion), kNow));
}
BENCHMARK(BanLookUpHit)->ThreadRange(1, 2);

void BanLookUpMiss(benchmark::State& state) {
  const BanList& list = million_bans();
  std::uint32_t n = kMillion;
  for (auto _ : state) benchmark::DoNotOptimize(list.is_banned(scattered(++n), kNow));
}
BENCHMARK(BanLookUpMiss)->ThreadRange(1, 2);

void BanLookUpAmongNetworksOfManyWidths(benchmark::State& state) {
  BanList list{42};
  std::vector<BanInForce> bans;
  for (std::uint32_t n = 0; n < kMillion; ++n) bans.push_back({Cidr::host(scattered(n)), {}});
  for (const char* network : {"20.0.0.0/8", "21.16.0.0/12", "22.1.0.0/16", "23.1.16.0/20", "24.1.1.0/24", "2001:db8::/32"}) {
    bans.push_back({Cidr::parse(network).value(), {}});
  }
  list.load(bans);
  list.set({Cidr::parse("203.0.113.9").value(), {}}, kNow);
  std::uint32_t n = kMillion;
  for (auto _ : state) benchmark::DoNotOptimize(list.is_banned(scattered(++n), kNow));
}
BENCHMARK(BanLookUpAmongNetworksOfManyWidths);

void OneMoreBanAmongAMillion(benchmark::State& state) {
  BanList list{42};
  std::vector<BanInForce> bans;
  for (std::uint32_t n = 0; n < kMillion; ++n) bans.push_back({Cidr::host(scattered(n)), {}});
  list.load(bans);
  std::uint32_t n = kMillion;
  for (auto _ : state) list.set({Cidr::host(scattered(++n)), {}}, kNow);
}
BENCHMARK(OneMoreBanAmongAMillion)->Iterations(20'000)->Unit(benchmark::kMicrosecond);

void RateByAddress(benchmark::State& state) {
  static SystemClock clock;
  static RateLimiter limiter{clock, 42};
  const Rates rates = Rates::parse("50 per second").value();
  std::uint32_t n = static_cast<std::uint32_t>(state.thread_index()) * 7'919;
  for (auto _ : state) {
    benchmark::DoNotOptimize(limiter.by_address(RateClass::Api, scattered(n++ % 4'096), rates).allowed);
  }
}
BENCHMARK(RateByAddress)->ThreadRange(1, 2);

void RateByOneKeyOverItsLimit(benchmark::State& state) {
  static SystemClock clock;
  static RateLimiter limiter{clock, 42};
  const Rates rates = Rates::parse("50 per second;1000 per hour").value();
  identity::Principal trader;
  trader.credential = identity::Credential::ApiKey;
  trader.user = 1;
  trader.credential_id = "k_1";
  for (auto _ : state) benchmark::DoNotOptimize(limiter.by_principal(RateClass::Api, trader, rates).allowed);
}
BENCHMARK(RateByOneKeyOverItsLimit)->ThreadRange(1, 2);

void AddressThroughTwoProxies(benchmark::State& state) {
  const ClientAddressResolver resolver{{Cidr::parse("10.0.0.0/8").value()}};
  http::RequestHead head;
  head.peer = IpAddress::parse("10.0.0.1").value();
  head.headers = {{"Host", "trade.example.org"}, {"User-Agent", "bench"}, {"X-Forwarded-For", "198.51.100.1, 10.0.0.2"}};
  for (auto _ : state) benchmark::DoNotOptimize(resolver.resolve(head).address);
}
BENCHMARK(AddressThroughTwoProxies);

void AddressWithoutProxy(benchmark::State& state) {
  const ClientAddressResolver resolver{{}};
  http::RequestHead head;
  head.peer = IpAddress::parse("198.51.100.1").value();
  head.headers = {{"Host", "trade.example.org"}, {"User-Agent", "bench"}};
  for (auto _ : state) benchmark::DoNotOptimize(resolver.resolve(head).address);
}
BENCHMARK(AddressWithoutProxy);

// Ten million addresses offend once; a thousand persistent ones hide among them. `caught` counts them.
void TenMillionOffenders(benchmark::State& state) {
  const auto rules = OffenceRules::defaults();
  for (auto _ : state) {
    OffenceTracker tracker{42};
    std::int64_t caught = 0;
    for (std::uint32_t n = 0; n < 10 * kMillion; ++n) {
      const TimePoint at = kNow + Micros{n};
      std::ignore = tracker.record({OffenceKind::InvalidApiKey, IpAddress::v4(0x10000000U + n), "k", {}}, 1, rules, at);
      if (n % 500 != 0) continue;
      const IpAddress heavy = IpAddress::v4(0xe0000000U + n / 500 % 1'000);
      if (tracker.record({OffenceKind::InvalidApiKey, heavy, "k", {}}, 1, rules, at).threshold_reached) {
        ++caught;
        tracker.forget(Cidr::offender(heavy));
      }
    }
    state.counters["caught"] = static_cast<double>(caught);
    state.counters["tracked"] = static_cast<double>(tracker.size());
  }
}
BENCHMARK(TenMillionOffenders)->Iterations(1)->Unit(benchmark::kMillisecond);

void ShedderAdmits(benchmark::State& state) {
  static LoadShedder shedder{{}};
  Monotonic now{1};
  for (auto _ : state) {
    shedder.observe(0, Monotonic{1'000}, now += Monotonic{1'000});
    benchmark::DoNotOptimize(shedder.admits(Priority::Normal, Standing::Known));
    benchmark::DoNotOptimize(shedder.enter(Priority::Normal, Standing::Known));
  }
}
BENCHMARK(ShedderAdmits)->ThreadRange(1, 2);

}  // namespace
}  // namespace kavach::guard

BENCHMARK_MAIN();
