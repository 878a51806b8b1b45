// Prices to thousands of WebSocket clients on two cores: deliveries per second when publishing flat out,
// latency at 100,000 deliveries per second, memory of an idle connection, and what one stalled client costs
// the others. Beside two floors: Boost.Beast, and a loop that writes frames to sockets.
//
//   websocket_fanout           the figures of docs/performance.md, two minutes
//   websocket_fanout --once    everything for a moment
//
// The server and its publisher run on core 0, the subscribers on core 1. Flat out, 16 prices change together
// and every client wants all of them. At a fixed rate each client wants one of 100 instruments, prices change
// one by one at moments fixed beforehand, and latency counts from that moment: a server that is late is late
// for everything it should have sent meanwhile.

#include <sched.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "core/clock.h"
#include "fanout_clients.h"
#include "fanout_server.h"

namespace {

using namespace kavach;
using namespace kavach::bench;

constexpr int kSharedTopics = 16;
constexpr int kRate = 100'000;

struct Scenario {
  std::string_view server;
  int clients{1'000};
  bool flat_out{false};
  bool with_stalled{false};
};

struct Outcome {
  Measured measured;
  double kib_per_connection{0};
};

void pin(int core) {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  CPU_SET(core, &cores);
  ::sched_setaffinity(0, sizeof cores, &cores);
}

std::unique_ptr<FanOutServer> make(std::string_view name) {
  if (name == "kavach") return kavach_server();
  return name == "beast" ? beast_server() : epoll_server();
}

double resident_kib() {
  std::ifstream statm{"/proc/self/statm"};
  double total = 0;
  double resident = 0;
  statm >> total >> resident;
  return resident * static_cast<double>(::sysconf(_SC_PAGESIZE)) / 1024;
}

std::int64_t micros_of(Monotonic at) { return std::chrono::duration_cast<std::chrono::microseconds>(at).count(); }

void publish_flat_out(FanOutServer& server, const Clock& clock, Monotonic end) {
  std::vector<Change> changes(kSharedTopics);
  while (clock.monotonic() < end) {
    for (int topic = 0; topic < kSharedTopics; ++topic) {
      changes[static_cast<std::size_t>(topic)] = {topic, micros_of(clock.monotonic())};
    }
    server.publish(changes);
  }
}

void publish_at_rate(FanOutServer& server, const Clock& clock, Monotonic end, int clients) {
  const Monotonic interval = std::chrono::nanoseconds{1'000'000'000LL * (clients / kTopics) / kRate};
  int topic = 0;
  for (Monotonic due = clock.monotonic(); due < end; due += interval, topic = (topic + 1) % kTopics) {
    if (const Monotonic now = clock.monotonic(); due > now) std::this_thread::sleep_for(due - now);
    const Change change{topic, micros_of(due)};
    server.publish({&change, 1});
  }
}

/// The server's process: writes its port to `port`, and what a connection costs to `memory`.
void serve(const Scenario& scenario, int seconds, int port, int ready, int memory) {
  pin(0);
  const SystemClock clock;
  const auto server = make(scenario.server);
  const std::uint16_t chosen = server->start();
  const double before = resident_kib();
  char byte = 0;
  if (::write(port, &chosen, sizeof chosen) != sizeof chosen || ::read(ready, &byte, 1) != 1) std::exit(1);
  const auto expected = static_cast<std::size_t>(scenario.clients + (scenario.with_stalled ? 1 : 0));
  while (server->subscribed() < expected) std::this_thread::sleep_for(std::chrono::milliseconds{20});
  const double each = (resident_kib() - before) / static_cast<double>(expected);
  if (::write(memory, &each, sizeof each) != sizeof each) std::exit(1);
  const Monotonic end = clock.monotonic() + std::chrono::seconds{seconds};
  if (scenario.flat_out) {
    publish_flat_out(*server, clock, end);
  } else {
    publish_at_rate(*server, clock, end, scenario.clients);
  }
  std::_Exit(0);  // the kernel ends all connections at once
}

struct Pipe {
  int ends[2]{-1, -1};
  Pipe() {
    if (::pipe(ends) != 0) std::exit(1);
  }
  ~Pipe() {
    ::close(ends[0]);
    ::close(ends[1]);
  }
  template <typename T>
  [[nodiscard]] T take() const {
    T value{};
    if (::read(ends[0], &value, sizeof value) != sizeof value) std::exit(1);
    return value;
  }
};

Outcome run(const Scenario& scenario, int seconds) {
  const Pipe port;
  const Pipe ready;
  const Pipe memory;
  const Pipe result;
  const pid_t server = ::fork();
  if (server == 0) serve(scenario, seconds, port.ends[1], ready.ends[0], memory.ends[1]);
  const ClientPlan plan{.port = port.take<std::uint16_t>(),
                        .clients = scenario.clients,
                        .every_topic = scenario.flat_out,
                        .speaks_kavach = scenario.server == "kavach",
                        .with_stalled = scenario.with_stalled};
  const pid_t clients = ::fork();
  if (clients == 0) {
    pin(1);
    const Measured measured = subscribe(plan, ready.ends[1]);
    std::_Exit(::write(result.ends[1], &measured, sizeof measured) == sizeof measured ? 0 : 1);
  }
  int status = 0;
  ::waitpid(clients, &status, 0);
  if (status != 0) {
    ::kill(server, SIGKILL);
    ::waitpid(server, nullptr, 0);
    std::fprintf(stderr, "the subscribers of %s failed\n", std::string{scenario.server}.c_str());
    std::exit(1);
  }
  ::waitpid(server, nullptr, 0);
  return {result.take<Measured>(), memory.take<double>()};
}

void compare(int clients, int seconds) {
  std::printf("\n%d clients\n%-8s %15s %9s %19s %9s %9s %9s\n", clients, "server", "deliveries/s", "of epoll",
              "at 100,000/s: rate", "p50 us", "p99 us", "KiB idle");
  double floor = 0;
  for (const std::string_view server : {"epoll", "beast", "kavach"}) {
    const Outcome flat_out = run({.server = server, .clients = clients, .flat_out = true}, seconds);
    const Outcome paced = run({.server = server, .clients = clients}, seconds);
    if (floor == 0) floor = flat_out.measured.deliveries_per_second;
    std::printf("%-8s %15.0f %9.2f %19.0f %9.0f %9.0f %9.1f\n", std::string{server}.c_str(),
                flat_out.measured.deliveries_per_second, flat_out.measured.deliveries_per_second / floor,
                paced.measured.deliveries_per_second, paced.measured.p50_micros, paced.measured.p99_micros,
                paced.kib_per_connection);
    std::fflush(stdout);
  }
}

/// In turns, so that a noisy moment of the machine hits both; the medians are compared.
void compare_stalled(int clients, int seconds, int turns) {
  std::vector<double> without;
  std::vector<double> with;
  for (int turn = 0; turn < turns; ++turn) {
    without.push_back(run({.server = "kavach", .clients = clients}, seconds).measured.p99_micros);
    with.push_back(run({.server = "kavach", .clients = clients, .with_stalled = true}, seconds).measured.p99_micros);
  }
  std::ranges::sort(without);
  std::ranges::sort(with);
  const auto middle = static_cast<std::size_t>(turns / 2);
  std::printf("\n%d live clients: p99 %.0f us; beside one that reads nothing %.0f us: %.2f times\n", clients,
              without[middle], with[middle], with[middle] / without[middle]);
}

}  // namespace

int main(int argc, char** argv) {
  const bool once = argc > 1 && std::string_view{argv[1]} == "--once";
  rlimit descriptors{};
  ::getrlimit(RLIMIT_NOFILE, &descriptors);
  descriptors.rlim_cur = descriptors.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &descriptors);
  const int most = descriptors.rlim_cur > 10'500 ? 10'000 : static_cast<int>(descriptors.rlim_cur / 2 / 100 * 100);
  if (once) {
    compare(100, 1);
    compare_stalled(100, 1, 1);
    return 0;
  }
  compare(1'000, 4);
  compare(most, 4);
  compare_stalled(1'000, 3, 3);
  return 0;
}
