#include "http/io_thread.h"

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <algorithm>
#include <cerrno>

#include "core/random.h"
#include "http/connection.h"

namespace kavach::http {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using asio::ip::tcp;

constexpr std::chrono::seconds kWarnEvery{10};

IpAddress address_of(const tcp::endpoint& endpoint) {
  const auto address = endpoint.address();
  if (address.is_v4()) return IpAddress::v4(address.to_v4().to_uint());
  return IpAddress::v6(address.to_v6().to_bytes());
}

/// The peer learns from a reset that it is not wanted, and the kernel need not remember the connection.
void refuse_at_once(Socket& socket) {
  error_code ignored;
  socket.set_option(asio::socket_base::linger{true, 0}, ignored);
  socket.close(ignored);
}

bool is_out_of_resources(const error_code& error) {
  const int value = error.value();
  return value == EMFILE || value == ENFILE || value == ENOBUFS || value == ENOMEM;
}

}  // namespace

struct IoThread::Listener {
  ListenSettings settings;
  asio::basic_socket_acceptor<tcp, asio::io_context::executor_type> acceptor;
  tcp::endpoint peer{};
  bool is_paused{false};
};

IoThread::IoThread(Shared& shared, std::size_t index)
    : shared_{shared},
      index_{index},
      wheel_{std::max<Monotonic>(shared.settings.limits.tick, Monotonic{1}), shared.clock.monotonic()},
      date_{shared.clock},
      probe_{context_, shared.clock, [this] { return work_done_; },
             [this](Monotonic delay) { shared_.handler.observe_waiting(index_, delay); }} {}

IoThread::~IoThread() { join(); }

void IoThread::adopt_listener(int descriptor, const ListenSettings& settings) {
  const auto family = settings.address.is_v4() ? tcp::v4() : tcp::v6();
  auto listener = std::make_unique<Listener>(Listener{settings, decltype(Listener::acceptor){context_.get_executor()}});
  listener->acceptor.assign(family, descriptor);
  listener->acceptor.non_blocking(true);
  listeners_.push_back(std::move(listener));
}

void IoThread::start() {
  for (auto& listener : listeners_) accept_next(*listener);
  tick();
  probe_.start();
  thread_ = std::thread{[this] { context_.run(); }};
}

void IoThread::begin_stop(Monotonic cut_at) {
  asio::post(context_, [this, cut_at] { stop_now(cut_at); });
}

void IoThread::join() {
  if (thread_.joinable()) thread_.join();
}

void IoThread::post(Job job) { asio::post(context_, std::move(job)); }

std::string IoThread::next_request_id() {
  if (request_ids_left_ == 0) {
    SecureRandom{}.fill(std::as_writable_bytes(std::span{request_ids_}));
    request_ids_left_ = request_ids_.size();
  }
  constexpr std::string_view kHex = "0123456789abcdef";
  std::uint64_t bits = request_ids_[--request_ids_left_];
  std::string id(16, '0');
  for (char& digit : id) {
    digit = kHex[bits & 15U];
    bits >>= 4U;
  }
  return id;
}

void IoThread::accept_next(Listener& listener) {
  listener.acceptor.async_accept(listener.peer, [this, &listener](error_code error, Socket socket) {
    if (stopping_ || error == asio::error::operation_aborted) return;
    if (error) return accept_failed(listener, error);
    accepted(listener, std::move(socket), address_of(listener.peer));
    accept_waiting(listener);
    accept_next(listener);
  });
}

// A flood of connections must not keep others in the kernel's queue, where the next one is dropped when it
// is full: several are taken for each turn of the loop, and refusing one costs little.
void IoThread::accept_waiting(Listener& listener) {
  for (std::size_t i = 1; i < shared_.settings.limits.accepts_at_once; ++i) {
    Socket socket{context_.get_executor()};
    error_code error;
    listener.acceptor.accept(socket, listener.peer, error);
    if (error) return;  // nobody waits; what is really wrong, the next wait will say
    accepted(listener, std::move(socket), address_of(listener.peer));
  }
}

bool IoThread::is_proxy(const IpAddress& peer) const {
  return std::ranges::any_of(shared_.settings.proxies, [&](const Cidr& network) { return network.contains(peer); });
}

ConnectionCounts::Ticket IoThread::place_for(const IpAddress& peer) {
  const bool exempt = is_proxy(peer);
  auto answer = shared_.counts.acquire(peer, exempt);
  if (answer.refused != ConnectionCounts::Refused::AllPlacesTaken || !waiting_room_.make_room()) {
    return std::move(answer.ticket);
  }
  shared_.evicted.fetch_add(1, std::memory_order_relaxed);
  return std::move(shared_.counts.acquire(peer, exempt).ticket);
}

void IoThread::withhold(ConnectionCounts::Ticket ticket) {
  ticket.withhold();
  if (withheld_.size() >= shared_.settings.limits.connections_max) withheld_.pop_front();
  withheld_.push_back({std::move(ticket), now() + shared_.settings.limits.place_withheld});
}

void IoThread::accepted(Listener& listener, Socket socket, const IpAddress& peer) {
  count_work();
  auto ticket = place_for(peer);
  if (!ticket) shared_.handler.turned_away(peer);
  if (!ticket || !shared_.handler.admit_connection(peer)) {
    shared_.refused_connections.fetch_add(1, std::memory_order_relaxed);
    return refuse_at_once(socket);
  }
  shared_.accepted.fetch_add(1, std::memory_order_relaxed);
  connections_.emplace_back(*this, std::move(socket), peer, listener.settings, std::move(ticket));
  const auto connection = std::prev(connections_.end());
  connection->start([this, connection] {
    // Not at once: the connection's own coroutine is still on the stack.
    asio::post(context_, [this, connection] {
      connections_.erase(connection);
      end_if_done();
    });
  });
}

void IoThread::accept_failed(Listener& listener, error_code error) {
  shared_.accept_failures.fetch_add(1, std::memory_order_relaxed);
  if (now() >= warn_after_) {
    warn_after_ = now() + kWarnEvery;
    shared_.logger.warning("accept_failed", {{"detail", error.message()}});
  }
  const bool shed = is_out_of_resources(error) && spare_.shed_one(listener.acceptor.native_handle());
  if (shed) return accept_next(listener);
  listener.is_paused = true;  // until the next tick: an error that stays must not become a busy loop
}

void IoThread::tick() {
  if (stopping_ && connections_.empty()) return;
  timer_.expires_after(shared_.settings.limits.tick);
  timer_.async_wait([this](error_code error) {
    if (error) return;
    wheel_.advance(now());
    while (!withheld_.empty() && withheld_.front().until <= now()) withheld_.pop_front();
    for (auto& listener : listeners_) {
      if (std::exchange(listener->is_paused, false) && !stopping_) accept_next(*listener);
    }
    if (stopping_ && now() >= cut_at_) cut_all();
    tick();
  });
}

void IoThread::stop_now(Monotonic cut_at) {
  cut_at_ = cut_at;
  if (stopping_) return;
  stopping_ = true;
  for (auto& listener : listeners_) {
    error_code ignored;
    listener->acceptor.close(ignored);
  }
  for (auto& connection : connections_) connection.stop();
  if (now() >= cut_at_) cut_all();
  end_if_done();
}

void IoThread::cut_all() {
  if (std::exchange(is_cut_, true)) return;
  for (auto& connection : connections_) connection.cut();
}

void IoThread::end_if_done() {
  if (!stopping_ || !connections_.empty()) return;
  timer_.cancel();
  probe_.stop();
  work_.reset();
}

}  // namespace kavach::http
