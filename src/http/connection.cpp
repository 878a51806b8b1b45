#include "http/connection.h"

#include <algorithm>
#include <exception>

#include "core/vector_registers.h"
#include "http/chunked_body.h"
#include "http/proxy_protocol.h"
#include "http/reply.h"
#include "http/websocket_extensions.h"
#include "http/websocket_frames.h"
#include "http/websocket_session.h"

namespace kavach::http {
namespace {

constexpr std::size_t kBodyStep = 64 * 1024;
constexpr std::size_t kKeptOutput = 256 * 1024;

bool is_among(const std::vector<Cidr>& networks, const IpAddress& address) {
  return std::ranges::any_of(networks, [&](const Cidr& cidr) { return cidr.contains(address); });
}

}  // namespace

Connection::Connection(IoThread& thread, Socket socket, const IpAddress& peer,
                       const ListenSettings& listener, ConnectionCounts::Ticket ticket)
    : thread_{thread},
      transport_{std::move(socket)},
      peer_{peer},
      listener_{listener},
      ticket_{std::move(ticket)},
      parser_{limits()} {}

Connection::~Connection() = default;

const ServerLimits& Connection::limits() const { return thread_.shared().settings.limits; }

void Connection::start(Job on_ended) {
  task_ = run();
  task_.start([this, ended = std::move(on_ended)]() mutable {
    try {
      task_.take();
    } catch (const std::exception& broken) {
      thread_.shared().logger.error("connection_failed", {{"detail", broken.what()}});
    }
    ended();
  });
}

void Connection::stop() {
  if (session_) return session_->close(close_code::kGoingAway, "going away");
  // A request that has just arrived is still answered: its read is done and cannot be cancelled.
  if (waiting_ == Waiting::ForRequest) transport_.cancel();
}

void Connection::cut() {
  is_cut_ = true;
  expired_ = true;
  transport_.abort();
}

Task<void> Connection::run() {
  if (co_await open()) {
    while (co_await read_head() && co_await exchange()) {
      // Requests sent in a heap are served one at a turn: they must not keep others waiting.
      if (!input_.empty()) co_await thread_.turn();
    }
    if (upgrade_) {
      session_ = std::make_shared<WebSocketSession>(thread_, transport_, peer_, std::move(upgrade_), upgrade_deflates_);
      if (thread_.is_stopping()) session_->close(close_code::kGoingAway, "going away");
      co_await session_->run(input_);
    }
  }
  if (lingers_ && !is_cut_ && !gave_way_) {
    co_await linger();
  } else {
    transport_.finish_sending();
  }
  thread_.wheel().clear(*this);
  transport_.close();
  if (withholds_place_ && ticket_) thread_.withhold(std::move(ticket_));
}

Task<bool> Connection::open() {
  auto& shared = thread_.shared();
  if (listener_.proxy_protocol && is_among(shared.settings.proxies, peer_)) {
    if (!co_await take_proxy_header()) co_return false;
  }
  co_return !listener_.tls || co_await shake_hands();
}

Task<bool> Connection::take_proxy_header() {
  const Monotonic until = thread_.now() + limits().head_max;
  ProxyHeader header = parse_proxy_header({});
  while (header.state == ProxyHeader::State::NeedsMore) {
    // Not a byte beyond the header: what follows may be TLS, which reads the socket itself.
    const auto room = input_.room(kProxyHeaderBytesMax);
    const auto wanted = std::min(room.size(), header.bytes - input_.view().size());
    const IoResult result = co_await receive(room.first(wanted), until, Waiting::ForInput);
    if (!waited() || result.status != IoStatus::Done) co_return false;
    input_.filled(result.bytes);
    header = parse_proxy_header(input_.view());
  }
  auto& shared = thread_.shared();
  if (header.state == ProxyHeader::State::Refused) {
    shared.refused_requests.fetch_add(1, std::memory_order_relaxed);
    shared.logger.warning("proxy_header_refused", {{"peer", peer_.text()}});
    co_return false;
  }
  input_.consume(header.bytes);
  if (!header.source) co_return true;
  peer_ = *header.source;
  ticket_ = {};  // the proxy's; the client takes his own
  ticket_ = thread_.place_for(peer_);
  if (!ticket_) shared.handler.turned_away(peer_);
  if (ticket_ && shared.handler.admit_connection(peer_)) co_return true;
  shared.refused_connections.fetch_add(1, std::memory_order_relaxed);
  co_return false;
}

Task<bool> Connection::shake_hands() {
  const auto context = thread_.shared().tls.read();
  transport_.start_tls(**context);
  const Monotonic until = thread_.now() + limits().tls_handshake_max;
  for (;;) {
    const IoResult result = transport_.handshake();
    if (result.status == IoStatus::Done) co_return true;
    if (result.status != IoStatus::WantsRead && result.status != IoStatus::WantsWrite) co_return false;
    const bool is_ready = co_await ready(result.status, until, Waiting::ForInput);
    if (!waited() || !is_ready) co_return false;
  }
}

Task<bool> Connection::read_head() {
  parser_.reset();
  // The first request must start soon after the connection, later ones within the idle time.
  Monotonic until = thread_.now() + (requests_ == 0 ? limits().head_max : limits().keep_alive_idle);
  auto waiting = Waiting::ForRequest;
  for (;;) {
    if (!input_.empty()) {
      const auto state = parser_.parse(input_.view());
      if (state == HeadParser::State::Done) co_return true;
      if (state == HeadParser::State::Refused) {
        co_await refuse(parser_.refusal(), {.request_id = thread_.next_request_id()});
        co_return false;
      }
      if (waiting == Waiting::ForRequest) until = thread_.now() + limits().head_max;
      waiting = Waiting::ForInput;
    } else if (thread_.is_stopping()) {
      co_return false;
    }
    const IoResult result =
        co_await receive(input_.room(limits().head_bytes_max), until, waiting);
    if (!waited() || result.status != IoStatus::Done) {
      const bool too_slow = expired_ && !is_cut_ && !input_.empty();
      if (too_slow) co_await refuse({408, "head_too_slow"}, {.request_id = thread_.next_request_id()});
      co_return false;
    }
    input_.filled(result.bytes);
  }
}

void Connection::complete(RequestHead& head) {
  head.peer = peer_;
  head.local_port = listener_.port;
  head.tls = listener_.tls;
  head.request_id = thread_.next_request_id();
  head.received_at = thread_.now();
}

Task<bool> Connection::exchange() {
  auto& shared = thread_.shared();
  ParsedHead parsed = std::move(parser_.result());
  input_.consume(parser_.bytes());
  complete(parsed.head);
  ++requests_;
  thread_.count_work();
  Answered answered{.request_id = parsed.head.request_id,
                    .omits_body = parsed.head.method == Method::Head,
                    .keeps_open = parsed.keep_alive && requests_ < limits().requests_per_connection_max,
                    .knows_chunks = !parsed.is_http_1_0};

  std::optional<Response> response = shared.handler.admit(parsed.head);
  if (response) {
    answered.keeps_open = false;
    lingers_ = true;
    // A proxy speaks for others, who must not pay for the one.
    withholds_place_ = response->withholds_place && !is_among(shared.settings.proxies, peer_);
  } else {
    Request request;
    static_cast<RequestHead&>(request) = std::move(parsed.head);
    if (parsed.framing != BodyFraming::None) {
      const auto refusal =
          co_await read_body(parsed, shared.handler.body_bytes_max(request), request.body);
      if (refusal) {
        if (refusal->status != 0) co_await refuse(*refusal, std::move(answered));
        co_return false;
      }
      request.received_at = thread_.now();
    }
    shared.requests.fetch_add(1, std::memory_order_relaxed);
    try {
      response = co_await shared.handler.handle(std::move(request), thread_);
    } catch (const std::exception& broken) {
      shared.logger.error("handler_failed",
                          {{"request_id", answered.request_id}, {"detail", broken.what()}});
      response = refusal_reply({500, "internal"});
    }
  }
  is_known_ = response->to_known_caller;
  const bool goes_on = compose(*response, answered);
  bool is_written = write_at_once() || co_await write_rest();
  if (is_written && response->body_source && !answered.omits_body) {
    is_written = co_await write_pieces(*response->body_source, answered.knows_chunks);
  }
  forget_output();
  clear_vector_registers();
  if (is_written && response->status == 101) {
    upgrade_ = std::move(response->upgrade);
    upgrade_deflates_ = agreed_on_deflate(*response);
  }
  // The client did not expect the end and may be sending its next request.
  if (!goes_on && parsed.keep_alive) lingers_ = true;
  co_return goes_on && is_written && response->status != 101;
}

bool Connection::compose(const Response& response, const Answered& answered) {
  const bool closes = !answered.keeps_open || response.close || thread_.is_stopping();
  ReplyFrame frame{thread_.date(), answered.request_id, closes, answered.omits_body, answered.knows_chunks};
  if (output_.capacity() > kKeptOutput) output_ = std::string{};
  output_.clear();
  sent_ = 0;
  if (append_reply(output_, response, frame)) return !closes;
  thread_.shared().logger.error("reply_with_unsafe_header", {{"request_id", answered.request_id}});
  frame.closes = true;
  // Built from literals, so it cannot be unsafe itself.
  static_cast<void>(append_reply(output_, refusal_reply({500, "internal"}), frame));
  return false;
}

Task<void> Connection::refuse(Refusal refusal, Answered answered) {
  auto& shared = thread_.shared();
  shared.refused_requests.fetch_add(1, std::memory_order_relaxed);
  Response response = refusal_reply(refusal);
  shared.handler.refused(peer_, refusal.reason, response);
  answered.keeps_open = false;
  static_cast<void>(compose(response, answered));
  lingers_ = true;
  if (!write_at_once()) co_await write_rest();
}

// Closing a socket with unread input makes the kernel send a reset, which can overtake the reply. So
// the rest of a refused request is read and thrown away, within bounds.
Task<void> Connection::linger() {
  transport_.finish_sending();
  expired_ = is_cut_;
  input_.consume(input_.view().size());
  const Monotonic until = thread_.now() + limits().linger_max;
  std::size_t drained = 0;
  while (drained < limits().linger_bytes_max) {
    const IoResult result = co_await receive(input_.room(kBodyStep), until, Waiting::ForInput);
    if (!waited() || result.status != IoStatus::Done) co_return;
    drained += result.bytes;
  }
}

}  // namespace kavach::http
