#pragma once

// The WebSocket service: decides who may upgrade, counts connections, routes order updates to their
// user and sweeps all clients twice a second. Constructed by app; the pipeline's `/ws` route and the
// WebSocket port call `upgrade`. Thread-safe.

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/guarded.h"
#include "guard/call.h"
#include "stream/client.h"

namespace kavach::stream {

struct StreamServices {
  guard::Credentials& credentials;
  const market::Instruments& instruments;
  market::FeedHub& hub;
  const Clock& clock;
  std::string broker;
  /// Browsers' origins that may connect: the console's own and those of CORS.
  std::vector<std::string> allowed_origins;
  std::function<bool(const IpAddress&)> is_banned;
  std::function<void(const IpAddress&, std::string_view token, std::string_view subject)> on_abuse;
  /// The user and mode of an account, for order updates; nothing for an unknown one.
  struct AccountOwner {
    identity::UserId user{0};
    bool analyze{false};
  };
  std::function<std::optional<AccountOwner>(const trading::AccountId&)> owner_of;
};

class StreamService final : public ClientHost {
 public:
  StreamService(StreamServices services, StreamLimits limits);
  ~StreamService() override;

  /// Answers the handshake: 101 with a client behind it, or the refusal.
  [[nodiscard]] http::Response upgrade(const guard::Call& call);

  /// Reports a durable change of an order to its user's clients, in the order of the calls.
  void order_updated(const trading::OrderUpdate& update);

  /// Time passes: grace, heartbeats, revocations, bans. Called twice a second.
  void sweep();

  struct Stats {
    std::size_t connections{0};
    std::size_t authenticated{0};
    std::size_t subscriptions{0};
    std::size_t queued_bytes{0};      ///< of all clients, at the last sweep
    std::size_t queued_bytes_max{0};  ///< of the one that is furthest behind
    Monotonic lag_max{};              ///< how long a client has been behind, at most
    std::uint64_t conflated{0};       ///< prices replaced by later ones, since the start
    std::map<std::uint16_t, std::uint64_t> closed;  ///< by close code, since the start
    FanOut::Stats fan_out;
  };
  [[nodiscard]] Stats stats() const;
  /// One row a connection, for the console; gathered at the last sweep.
  [[nodiscard]] std::vector<Client::Snapshot> connections() const;

  void opened(Client& client, Executor& executor) override;
  /// Ends one by the id that `connections` shows; false when it is gone.
  bool close_connection(const std::string& id);

  bool authenticated(Client& client, const identity::Principal& principal) override;
  void gone(Client& client) override;
  void subscribe_orders(Client& client, bool wanted) override;
  void abuse(const IpAddress& address, std::string_view token, std::string_view subject) override;
  bool feed_connected() const override;

 private:
  struct Entry {
    std::weak_ptr<Client> client;
    std::uint64_t number{0};
    IpAddress address;
    Executor* executor{nullptr};  ///< the client's I/O thread, once its connection is open
    identity::UserId user{0};     ///< 0 until authenticated
    std::string username;
    bool wants_orders{false};
    Client::Snapshot last_seen;
  };
  struct Registry {
    std::map<const Client*, Entry> clients;
    std::map<Cidr, std::size_t> by_network;  ///< an IPv4 address or an IPv6 /64
    std::unordered_map<identity::UserId, std::size_t> by_user;
    std::uint64_t last_number{0};
    std::uint64_t conflated_of_gone{0};
    std::map<std::uint16_t, std::uint64_t> closed;  ///< bounded by `countable_code`
  };

  [[nodiscard]] bool origin_allowed(const guard::Call& call) const;
  /// False when the address has too many.
  [[nodiscard]] bool enter(const std::shared_ptr<Client>& client, const IpAddress& address);

  StreamServices services_;
  const StreamLimits limits_;
  std::shared_ptr<FanOut> fan_out_;
  Guarded<Registry> registry_;
};

}  // namespace kavach::stream
