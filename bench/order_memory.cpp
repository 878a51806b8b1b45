// What the desk keeps in memory for an order, and how long a start takes with many: orders of one account, each kind
// on its own.
//
//   order_memory [ORDERS] [FOLDER]     default 20,000, the temporary folder

#include <malloc.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <semaphore>
#include <string>
#include <string_view>

#include "core/text.h"
#include "order_desk.h"

namespace kavach::bench {
namespace {

/// Small, so that what is counted is the desk's.
constexpr int kCacheKib = 512;

enum class Kind { Filled, FilledWithId, Resting, Cancelled };

std::size_t bytes_in_use() {
  const auto heap = ::mallinfo2();
  return heap.uordblks + heap.hblkhd;
}

/// From `/proc/self/status`, in MiB: `VmRSS` now, `VmHWM` the most since `forget_peak`.
long mebibytes(std::string_view name) {
  std::ifstream status{"/proc/self/status"};
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(name)) return std::atol(line.c_str() + name.size() + 1) / 1024;
  }
  return 0;
}

void forget_peak() { std::ofstream{"/proc/self/clear_refs"} << 5; }

double milliseconds_since(Monotonic begun) {
  return static_cast<double>((clock.monotonic() - begun).count()) / 1e6;
}

/// Places `orders`, at most 512 of them at once, and waits for the last answer.
void place_some(Gateway& gateway, Kind kind, int orders) {
  constexpr int kAtOnce = 512;
  const trading::Actor actor{"bench", "key", "127.0.0.1", "request"};
  std::counting_semaphore<> room{kAtOnce};
  for (int i = 0; i < orders; ++i) {
    room.acquire();
    auto request = order(i, kind == Kind::Filled || kind == Kind::FilledWithId);
    request.strategy = "mean reversion 5 minutes";
    if (kind == Kind::FilledWithId) request.client_order_id = "c0ffee00-0000-4000-8000-" + std::to_string(i);
    gateway.desk().place(actor, "paper:1", std::move(request),
                         [&](const trading::Answer<trading::Placed>& answer) {
                           if (!answer) std::abort();
                           room.release();
                         });
  }
  for (int i = 0; i < kAtOnce; ++i) room.acquire();
  if (kind != Kind::Cancelled) return;
  std::binary_semaphore done{0};
  gateway.desk().cancel_all(actor, "paper:1", [&](const auto&) { done.release(); });
  done.acquire();
}

/// As many may be open as an account of the gateway may have.
void place(Gateway& gateway, Kind kind, int orders) {
  const int at_once = kind == Kind::Cancelled ? 5'000 : orders;
  for (int placed = 0; placed < orders; placed += at_once) place_some(gateway, kind, std::min(at_once, orders - placed));
}

void measure(const std::filesystem::path& folder, const char* what, Kind kind, int orders) {
  const auto file = folder / (std::string{what} + ".db");
  std::size_t kept = 0;
  double stop = 0;
  long stop_peak = 0;
  {
    Gateway gateway{file, false, kCacheKib};
    place(gateway, kind, 1'000);  // page caches and prepared statements are there afterwards
    const std::size_t before = bytes_in_use();
    place(gateway, kind, orders);
    kept = bytes_in_use() - before;
    const long resident = mebibytes("VmRSS");
    forget_peak();
    const Monotonic begun = clock.monotonic();
    gateway.desk().stop();
    stop = milliseconds_since(begun);
    stop_peak = mebibytes("VmHWM") - resident;
  }
  ::malloc_trim(0);
  const std::size_t before = bytes_in_use();
  const long resident = mebibytes("VmRSS");
  forget_peak();
  Monotonic begun = clock.monotonic();
  auto again = std::make_unique<Gateway>(file, false, kCacheKib);
  const double start = milliseconds_since(begun);
  const std::size_t after = bytes_in_use() - before;
  const long start_peak = mebibytes("VmHWM") - resident;
  again->desk().stop();
  again->forget_snapshots();
  again.reset();
  begun = clock.monotonic();
  again = std::make_unique<Gateway>(file, false, kCacheKib);
  const double replayed = milliseconds_since(begun);
  std::printf("%-26s %7d orders  %5zu bytes each, %5zu after a restart;  stop %5.0f ms, +%ld MiB;  start %5.0f ms, +%ld MiB;  from the journal alone %5.0f ms\n", what,
              orders, kept / static_cast<std::size_t>(orders), after / static_cast<std::size_t>(orders), stop, stop_peak,
              start, start_peak, replayed);
}

int run(const std::filesystem::path& folder, int orders) {
  measure(folder, "filled", Kind::Filled, orders);
  measure(folder, "filled, with a client id", Kind::FilledWithId, orders);
  measure(folder, "resting", Kind::Resting, orders);
  measure(folder, "cancelled", Kind::Cancelled, orders);
  return 0;
}

}  // namespace
}  // namespace kavach::bench

int main(int argc, char** argv) {
  const int orders = argc > 1 ? static_cast<int>(kavach::parse_int(argv[1]).value_or(0)) : 20'000;
  const auto base = argc > 2 ? std::filesystem::path{argv[2]} : std::filesystem::temp_directory_path();
  const auto folder = base / ("kavach-order-memory-" + std::to_string(kavach::bench::clock.monotonic().count()));
  std::filesystem::create_directories(folder);
  const int status = kavach::bench::run(folder, orders);
  std::filesystem::remove_all(folder);
  return status;
}
