// Durable orders a second through the desk and the paper exchange: intent and outcome of every order are
// journaled, audited and synced before its answer counts.
//
//   order_desk_bench [FOLDER]     FOLDER on the disk to be measured; default the temporary folder

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <semaphore>
#include <string>
#include <vector>

#include "order_desk.h"

namespace kavach::bench {
namespace {

/// Keeps `outstanding` orders in flight over `accounts` accounts.
void measure(const std::filesystem::path& folder, const char* what, int orders, int accounts,
             int outstanding, bool fills, bool durable) {
  Gateway gateway{folder / (std::string{what} + ".db"), durable};
  const trading::Actor actor{"bench", "key", "127.0.0.1", "request"};
  std::counting_semaphore<> room{outstanding};
  std::vector<Monotonic> took(static_cast<std::size_t>(orders));
  std::atomic<int> refused{0};
  const Monotonic started = clock.monotonic();
  for (int i = 0; i < orders; ++i) {
    room.acquire();
    const Monotonic asked = clock.monotonic();
    gateway.desk().place(actor, "paper:" + std::to_string(i % accounts), order(i / accounts, fills),
                         [&, i, asked](const trading::Answer<trading::Placed>& answer) {
                           took[static_cast<std::size_t>(i)] = clock.monotonic() - asked;
                           refused += answer ? 0 : 1;
                           room.release();
                         });
  }
  for (int i = 0; i < outstanding; ++i) room.acquire();
  const double seconds = static_cast<double>((clock.monotonic() - started).count()) / 1e9;
  std::ranges::sort(took);
  const auto at = [&](double share) {
    const auto index = static_cast<std::size_t>(share * (orders - 1));
    return static_cast<double>(took[index].count()) / 1e6;
  };
  std::printf("%-44s %8.0f orders/s  p50 %6.2f ms  p99 %6.2f ms  p99.9 %6.2f ms  refused %d\n", what,
              orders / seconds, at(0.5), at(0.99), at(0.999), refused.load());
}

int run(const std::filesystem::path& folder) {
  measure(folder, "one order at a time", 500, 1, 1, true, true);
  measure(folder, "64 in flight, one account, filled", 20'000, 1, 64, true, true);
  measure(folder, "64 in flight, 8 accounts, filled", 20'000, 8, 64, true, true);
  measure(folder, "512 in flight, 8 accounts, filled", 60'000, 8, 512, true, true);
  measure(folder, "512 in flight, 8 accounts, resting", 60'000, 8, 512, false, true);
  measure(folder, "512 in flight, 8 accounts, filled, no sync", 60'000, 8, 512, true, false);
  return 0;
}

}  // namespace
}  // namespace kavach::bench

int main(int argc, char** argv) {
  const auto base = argc > 1 ? std::filesystem::path{argv[1]} : std::filesystem::temp_directory_path();
  const auto folder = base / ("kavach-order-bench-" + std::to_string(kavach::bench::clock.monotonic().count()));
  std::filesystem::create_directories(folder);
  const int status = kavach::bench::run(folder);
  std::filesystem::remove_all(folder);
  return status;
}
