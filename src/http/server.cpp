#include "http/server.h"

#include <algorithm>
#include <thread>

#include "core/check.h"
#include "http/io_thread.h"
#include "http/listening_socket.h"
#include "http/tls.h"

namespace kavach::http {

struct Server::State {
  State(ServerSettings settings, Handler& handler, const Clock& clock, Logger& logger)
      : shared{.settings = settings,
               .handler = handler,
               .clock = clock,
               .logger = logger,
               .counts{settings.limits.connections_max, settings.limits.connections_per_address_max},
               .tls{}} {}

  Shared shared;
  std::vector<std::uint16_t> ports{};
  std::vector<std::unique_ptr<IoThread>> threads{};
  bool is_running{false};

  [[nodiscard]] Result<void> load_tls();
  [[nodiscard]] Result<void> listen(const ListenSettings& wanted);
};

Server::Server(ServerSettings settings, Handler& handler, const Clock& clock, Logger& logger)
    : state_{std::make_unique<State>(std::move(settings), handler, clock, logger)} {}

Server::~Server() { stop(std::chrono::milliseconds{0}); }

Result<void> Server::State::load_tls() {
  if (!shared.settings.tls) {
    const bool needs_tls =
        std::ranges::any_of(shared.settings.listeners, [](const auto& each) { return each.tls; });
    if (!needs_tls) return {};
    return fail(ErrorCode::InvalidInput, "A TLS listener needs TLS_CERT_FILE and TLS_KEY_FILE");
  }
  auto context = load_tls_context(*shared.settings.tls);
  if (!context) return pass_on(context);
  shared.tls.replace(std::move(*context));
  return {};
}

Result<void> Server::State::listen(const ListenSettings& wanted) {
  if (auto free = ListeningSocket::prove_free(wanted.address, wanted.port); !free) return free;
  ListenSettings actual = wanted;
  for (auto& thread : threads) {
    auto socket = ListeningSocket::open(wanted.address, actual.port, threads.size() > 1);
    if (!socket) return pass_on(socket);
    actual.port = socket->port();
    thread->adopt_listener(socket->release(), actual);
  }
  ports.push_back(actual.port);
  return {};
}

Result<void> Server::start() {
  check(!state_->is_running, "a server is started once");
  const auto& settings = state_->shared.settings;
  if (settings.listeners.empty()) return fail(ErrorCode::InvalidInput, "There is nothing to listen on");
  if (auto loaded = state_->load_tls(); !loaded) return loaded;
  const auto cores = std::max<std::size_t>(std::thread::hardware_concurrency(), 1);
  const auto count = settings.io_threads == 0 ? cores : settings.io_threads;
  for (std::size_t i = 0; i < count; ++i) {
    state_->threads.push_back(std::make_unique<IoThread>(state_->shared, i));
  }
  for (const auto& listener : settings.listeners) {
    if (auto opened = state_->listen(listener); !opened) {
      state_->threads.clear();
      state_->ports.clear();
      return opened;
    }
  }
  for (auto& thread : state_->threads) thread->start();
  state_->is_running = true;
  return {};
}

void Server::stop(std::chrono::milliseconds grace) {
  if (!std::exchange(state_->is_running, false)) return;
  const Monotonic cut_at = state_->shared.clock.monotonic() + grace;
  for (auto& thread : state_->threads) thread->begin_stop(cut_at);
  for (auto& thread : state_->threads) thread->join();
}

std::uint16_t Server::port(std::size_t index) const {
  require(index < state_->ports.size(), "the server has no such listener");
  return state_->ports[index];
}

Result<void> Server::reload_tls() {
  if (!state_->shared.settings.tls) return {};
  return state_->load_tls();
}

ServerCounters Server::counters() const {
  const auto& shared = state_->shared;
  return {.connections_accepted = shared.accepted.load(),
          .connections_refused = shared.refused_connections.load(),
          .connections_evicted = shared.evicted.load(),
          .connections_open = shared.counts.open(),
          .requests = shared.requests.load(),
          .requests_refused = shared.refused_requests.load(),
          .accept_failures = shared.accept_failures.load()};
}

}  // namespace kavach::http
