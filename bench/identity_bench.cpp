// What identity costs: keyed digests, key and session lookups, password hashing, and whether the time of
// a refusal tells why it was refused (Welch's t between interleaved samples; below 4.5 it does not).
// Prints one line a figure: name, value, unit. `--quick` takes few samples, to run as a test.

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <latch>

#include "core/text.h"
#include "identity/house.h"

namespace kavach::identity::test {
namespace {

using Samples = std::vector<double>;

double nanoseconds_of(const auto& work) {
  const SystemClock clock;
  const auto start = clock.monotonic();
  work();
  return static_cast<double>((clock.monotonic() - start).count());
}

double percentile(Samples samples, double part) {
  std::ranges::sort(samples);
  return samples[static_cast<std::size_t>(part * static_cast<double>(samples.size() - 1))];
}

/// Without the slowest hundredth, which is the machine's and not the code's.
Samples trimmed(Samples samples) {
  std::ranges::sort(samples);
  samples.resize(samples.size() - samples.size() / 100);
  return samples;
}

double welch(const Samples& a, const Samples& b) {
  const auto moments = [](const Samples& samples) {
    double mean = 0;
    for (const double sample : samples) mean += sample / static_cast<double>(samples.size());
    double variance = 0;
    for (const double sample : samples) {
      variance += (sample - mean) * (sample - mean) / static_cast<double>(samples.size() - 1);
    }
    return std::pair{mean, variance / static_cast<double>(samples.size())};
  };
  const auto [mean_a, error_a] = moments(a);
  const auto [mean_b, error_b] = moments(b);
  return std::abs(mean_a - mean_b) / std::sqrt(error_a + error_b);
}

void print(const char* name, double value, const char* unit) { std::printf("%-44s %12.2f %s\n", name, value, unit); }

void print_pair(const char* name, const Samples& a, const Samples& b, const char* unit, double scale) {
  std::printf("%-44s %12.2f %s p50, %.2f p99; other %.2f p50; Welch t %.2f; medians differ %.2f %%\n", name,
              percentile(a, 0.5) / scale, unit, percentile(a, 0.99) / scale, percentile(b, 0.5) / scale,
              welch(trimmed(a), trimmed(b)),
              100 * std::abs(percentile(a, 0.5) - percentile(b, 0.5)) / percentile(a, 0.5));
}

void keyed_digest() {
  const crypto::HmacSha256 mac{as_bytes("a key of some length")};
  const std::string message(64, 'k');
  constexpr int kRounds = 200'000;
  unsigned sink = 0;
  const double total = nanoseconds_of([&] {
    for (int i = 0; i < kRounds; ++i) sink += std::to_integer<unsigned>(mac.sign(message)[0]);
  });
  print("HMAC-SHA-256 of 64 bytes", total / kRounds + (sink == 1 ? 1e-9 : 0), "ns");
}

void lookups(House& house, int samples) {
  const auto ada = house.add("ada");
  const auto key = house.make_key(ada);
  const auto session = house.sign_in(ada);
  std::string presented(64, '0');
  SeededRandom draw{20270629};
  Samples good, near, far, as_far, sessions;
  for (int i = 0; i < samples; ++i) {
    const auto time_key = [&](std::string_view wanted) {
      presented.assign(wanted);  // always at the same place, for where it lies has a time of its own
      return nanoseconds_of([&] { (void)house.api_keys.find(presented, kHome); });
    };
    // Other wrong keys every time. Where a digest falls in the index is chance, and what repeats is learnt by the
    // processor: a few keys measured again and again differ by both, and by nothing that tells of the right one.
    std::string begins_right{key.key.reveal().substr(0, 48)};
    begins_right += house.random.hex(8);
    struct Wrong {
      std::string key;
      Samples* samples;
    };
    std::array wrong{Wrong{std::move(begins_right), &near}, Wrong{house.random.hex(32), &far}, Wrong{house.random.hex(32), &as_far}};
    good.push_back(time_key(key.key.reveal()));
    // In any order, for each finds the caches as the one before has left them.
    for (std::size_t left = wrong.size(); left > 1; --left) std::swap(wrong[left - 1], wrong[draw.below(left)]);
    for (const auto& [each, kept] : wrong) kept->push_back(time_key(each));
    sessions.push_back(nanoseconds_of([&] { (void)house.sessions.find(session.token.reveal()); }));
  }
  print("known key, p50", percentile(good, 0.5), "ns");
  print("known key, p99", percentile(good, 0.99), "ns");
  print_pair("wrong keys: 48 of 64 right, all wrong", near, far, "ns", 1);
  print_pair("wrong keys: all wrong, all wrong (no leak)", far, as_far, "ns", 1);
  print("session, p50", percentile(sessions, 0.5), "ns");
  print("session, p99", percentile(sessions, 0.99), "ns");
}

/// Cheap hashes, so that what differs around them is not lost in theirs.
void refusals(House& house, ManualClock& clock, int samples) {
  house.add("adaada");
  const auto eve = house.add("eveeve");
  (void)block_on(house.accounts.set_enabled(eve, false, Actor{}, house.executor));
  Samples unknown, wrong, disabled;
  const auto time_login = [&](const char* name, std::string_view password) {
    clock.advance(hours{25});  // every attempt is a first one to the throttle
    return nanoseconds_of([&] {
      (void)block_on(house.login.login(name, word(password), {kHome, "Firefox", "", "r"}, house.executor));
    });
  };
  for (int i = 0; i < samples; ++i) {
    unknown.push_back(time_login("nobody", "wrong password 12"));
    wrong.push_back(time_login("adaada", "wrong password 12"));
    disabled.push_back(time_login("eveeve", kGood));
  }
  print_pair("login: unknown user, wrong password", unknown, wrong, "us", 1000);
  print_pair("login: unknown user, disabled account", unknown, disabled, "us", 1000);
}

double resident_mebibytes() {
  std::ifstream status{"/proc/self/statm"};
  double pages = 0;
  status >> pages >> pages;
  return pages * 4096 / (1 << 20);
}

void hashing(int flood) {
  const auto ring = test_ring();
  const SecureRandom random;
  const crypto::PasswordHasher hasher{ring, random};
  const auto stored = *hasher.hash(word(kGood));
  Samples times;
  for (int i = 0; i < 5; ++i) times.push_back(nanoseconds_of([&] { (void)hasher.verify(word(kGood), stored); }));
  print("Argon2id t=3 m=64 MiB p=4, verify", percentile(times, 0.5) / 1e6, "ms");
  const double before = resident_mebibytes();
  double peak = before;
  std::atomic<int> refused{0};
  std::latch answered{flood};
  {
    crypto::HashingPool pool{hasher, 1, 16};
    for (int i = 0; i < flood; ++i) {
      pool.verify(word("wrong"), stored, [&](const auto& verdict) {
        if (!verdict) ++refused;
        answered.count_down();
      });
      peak = std::max(peak, resident_mebibytes());
    }
    answered.wait();
    peak = std::max(peak, resident_mebibytes());
  }
  print("flood of logins: refused at once", refused, "of the flood");
  print("flood of logins: growth of resident memory", peak - before, "MiB");
}

}  // namespace

int run(bool quick) {
  kavach::test::TemporaryFolder folder;
  ManualClock clock{market_open()};
  House house{folder, clock};
  keyed_digest();
  lookups(house, quick ? 100 : 100'000);
  refusals(house, clock, quick ? 10 : 10'000);
  hashing(quick ? 100 : 10'000);
  return 0;
}

}  // namespace kavach::identity::test

int main(int argc, char** argv) {
  const bool quick = argc > 1 && std::strcmp(argv[1], "--quick") == 0;
  return kavach::identity::test::run(quick);
}
