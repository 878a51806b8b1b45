#include "stream/stream_service.h"

#include <algorithm>

#include "guard/authentication.h"
#include "guard/csrf.h"
#include "http/websocket_handshake.h"

namespace kavach::stream {
namespace {

/// A client may end with any of 4,000 codes; a metric must not grow a series for each.
std::uint16_t countable_code(std::uint16_t code) {
  constexpr std::uint16_t kOther = 0;
  const bool is_standard = code >= 1000 && code <= 1011;
  const bool is_ours = code == 4401 || code == 4403 || code == 4408 || code == 4409 || code == 4429;
  return is_standard || is_ours ? code : kOther;
}

}  // namespace

StreamService::StreamService(StreamServices services, StreamLimits limits)
    : services_{std::move(services)},
      limits_{limits},
      fan_out_{std::make_shared<FanOut>(services_.hub, services_.broker)} {}

StreamService::~StreamService() { services_.hub.unsubscribe_all(*fan_out_); }

// Programs send no Origin; a browser always does, and only from a page that may.
bool StreamService::origin_allowed(const guard::Call& call) const {
  if (call.request.header_count("Origin") == 0) return true;
  if (call.request.header_count("Origin") > 1) return false;
  const auto origin = call.request.header("Origin");
  return std::ranges::find(services_.allowed_origins, origin) != services_.allowed_origins.end();
}

bool StreamService::enter(const std::shared_ptr<Client>& client, const IpAddress& address) {
  return registry_.with([&](Registry& registry) {
    const Cidr network = Cidr::offender(address);
    const auto count = registry.by_network.find(network);
    if (count != registry.by_network.end() && count->second >= limits_.connections_per_address_max) return false;
    Entry entry;
    entry.client = client;
    entry.address = address;
    entry.number = ++registry.last_number;
    entry.last_seen.address = address.text();
    entry.last_seen.connected_at = services_.clock.now();
    registry.clients.emplace(client.get(), std::move(entry));
    ++registry.by_network[network];
    return true;
  });
}

http::Response StreamService::upgrade(const guard::Call& call) {
  if (!origin_allowed(call)) {
    abuse(call.client, "ws_origin", {});
    return guard::error_reply(403, "WebSocket connections from this origin are not allowed.");
  }
  auto accepted = http::websocket_accept(call.request);
  if (!accepted) {
    return guard::error_reply(426, accepted.error().message)
        .with("Upgrade", "websocket")
        .with("Sec-WebSocket-Version", "13");
  }
  // Only our own page may use its session: another site that may connect brings a key, and a cookie
  // without an Origin is not a browser's.
  std::optional<identity::Principal> principal;
  if (!call.principal.is_anonymous() && !call.request.header("Origin").empty() &&
      guard::from_our_own_page(call.request, call.secure)) {
    principal = call.principal;
  }
  auto client = std::make_shared<Client>(
      ClientParts{*this, services_.credentials, services_.instruments, *fan_out_, services_.clock, limits_,
                  services_.broker},
      call.client, std::move(principal));
  if (!enter(client, call.client)) {
    abuse(call.client, "ws_connections", {});
    return guard::error_reply(429, "Too many WebSocket connections from your address; close some first.");
  }
  accepted->upgrade = std::move(client);
  return std::move(*accepted);
}

void StreamService::opened(Client& client, Executor& executor) {
  registry_.with([&](Registry& registry) {
    const auto found = registry.clients.find(&client);
    if (found != registry.clients.end()) found->second.executor = &executor;
  });
}

bool StreamService::authenticated(Client& client, const identity::Principal& principal) {
  return registry_.with([&](Registry& registry) {
    const auto found = registry.clients.find(&client);
    if (found == registry.clients.end()) return false;
    auto& count = registry.by_user[principal.user];
    if (count >= limits_.connections_per_user_max) return false;
    ++count;
    found->second.user = principal.user;
    found->second.username = principal.username;
    return true;
  });
}

void StreamService::gone(Client& client) {
  registry_.with([&](Registry& registry) {
    const auto found = registry.clients.find(&client);
    if (found == registry.clients.end()) return;
    const auto network = registry.by_network.find(Cidr::offender(found->second.address));
    if (network != registry.by_network.end() && --network->second == 0) registry.by_network.erase(network);
    if (found->second.user != 0) {
      const auto user = registry.by_user.find(found->second.user);
      if (user != registry.by_user.end() && --user->second == 0) registry.by_user.erase(user);
    }
    const Client::Snapshot last = client.snapshot();
    registry.conflated_of_gone += last.frames_conflated;
    ++registry.closed[countable_code(last.closed_with)];
    registry.clients.erase(found);
  });
}

void StreamService::subscribe_orders(Client& client, bool wanted) {
  registry_.with([&](Registry& registry) {
    const auto found = registry.clients.find(&client);
    if (found != registry.clients.end()) found->second.wants_orders = wanted;
  });
}

void StreamService::abuse(const IpAddress& address, std::string_view token, std::string_view subject) {
  services_.on_abuse(address, token, subject);
}

bool StreamService::feed_connected() const {
  return services_.hub.stats().state == market::FeedState::Connected;
}

void StreamService::order_updated(const trading::OrderUpdate& update) {
  const auto owner = services_.owner_of(update.account);
  if (!owner) return;
  std::vector<std::pair<std::weak_ptr<Client>, Executor*>> targets;
  std::string username;
  registry_.with([&](Registry& registry) {
    for (auto& [_, entry] : registry.clients) {
      if (!entry.wants_orders || entry.user != owner->user || entry.executor == nullptr) continue;
      username = entry.username;
      targets.emplace_back(entry.client, entry.executor);
    }
  });
  if (targets.empty()) return;
  const std::string_view broker = owner->analyze ? "sandbox" : std::string_view{services_.broker};
  const auto frame = http::text_frame(order_update(update, username, broker, owner->analyze));
  for (const auto& [client, executor] : targets) {
    // Posting keeps the order of the calls: an executor runs its jobs first in, first out.
    executor->post([client, frame] {
      if (const auto alive = client.lock()) alive->send_order_update(frame);
    });
  }
}

void StreamService::sweep() {
  struct Due {
    std::weak_ptr<Client> client;
    Executor* executor;
    IpAddress address;
  };
  std::vector<Due> due;
  registry_.with([&](Registry& registry) {
    due.reserve(registry.clients.size());
    for (auto& [_, entry] : registry.clients) {
      if (entry.executor != nullptr) {
        due.push_back({entry.client, entry.executor, entry.address});
      }
    }
  });
  for (const Due& next : due) {
    next.executor->post([this, weak = next.client, banned = services_.is_banned(next.address)] {
      const auto client = weak.lock();
      if (!client) return;
      client->check(banned);
      registry_.with([&](Registry& registry) {
        const auto found = registry.clients.find(client.get());
        if (found != registry.clients.end()) found->second.last_seen = client->snapshot();
      });
    });
  }
}

bool StreamService::close_connection(const std::string& id) {
  std::weak_ptr<Client> found;
  Executor* const executor = registry_.with([&](Registry& registry) -> Executor* {
    for (auto& [_, entry] : registry.clients) {
      if ("ws_" + std::to_string(entry.number) != id) continue;
      found = entry.client;
      return entry.executor;
    }
    return nullptr;
  });
  if (executor == nullptr) return false;
  executor->post([found] {
    if (const auto client = found.lock()) client->close(CloseCode::AccessEnded, "closed by the operator");
  });
  return true;
}

StreamService::Stats StreamService::stats() const {
  Stats stats = registry_.with([](const Registry& registry) {
    Stats counted;
    counted.connections = registry.clients.size();
    counted.conflated = registry.conflated_of_gone;
    counted.closed = registry.closed;
    for (const auto& [_, entry] : registry.clients) {
      const Client::Snapshot& seen = entry.last_seen;
      counted.authenticated += entry.user != 0 ? 1 : 0;
      counted.subscriptions += seen.subscriptions;
      counted.queued_bytes += seen.queued_bytes;
      counted.queued_bytes_max = std::max(counted.queued_bytes_max, seen.queued_bytes);
      counted.lag_max = std::max(counted.lag_max, seen.lag);
      counted.conflated += seen.frames_conflated;
    }
    return counted;
  });
  stats.fan_out = fan_out_->stats();
  return stats;
}

std::vector<Client::Snapshot> StreamService::connections() const {
  return registry_.with([](const Registry& registry) {
    std::vector<Client::Snapshot> rows;
    rows.reserve(registry.clients.size());
    for (const auto& [_, entry] : registry.clients) {
      rows.push_back(entry.last_seen);
      rows.back().id = "ws_" + std::to_string(entry.number);
    }
    return rows;
  });
}

}  // namespace kavach::stream
