#pragma once

// One WebSocket client: its identity, its subscriptions and its outgoing queue. Lives on its
// connection's I/O thread; frames are handled strictly in order, also while a key is being verified.
// Nothing is sent to a client that has not authenticated except errors, pongs and the broker list.

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>

#include "core/clock.h"
#include "core/guarded.h"
#include "guard/credentials.h"
#include "http/websocket.h"
#include "market/instrument_table.h"
#include "stream/command.h"
#include "stream/fan_out.h"
#include "stream/replies.h"
#include "stream/waiting_prices.h"

namespace kavach::stream {

/// Close codes of our own (RFC 6455, 7.4.2 leaves 4000-4999 to applications).
enum class CloseCode : std::uint16_t {
  GoingAway = 1001,
  PolicyViolation = 1008,
  Unauthenticated = 4401,  ///< no valid key within the grace time
  AccessEnded = 4403,      ///< key revoked, session ended, account disabled, address banned
  TooSlow = 4408,          ///< cannot keep up with what it subscribed to
  Idle = 4409,             ///< silent, or never subscribed to anything
  TooMany = 4429,          ///< over a limit of connections or messages
};

struct StreamLimits {
  std::chrono::seconds auth_grace{15};
  std::size_t connections_per_user_max{10};
  std::size_t connections_per_address_max{50};
  std::size_t subscriptions_max{3000};
  std::size_t message_bytes_max{16'384};
  std::size_t messages_per_second_max{50};
  std::chrono::seconds heartbeat{30};
  std::chrono::seconds idle_timeout{90};
  std::chrono::seconds unsubscribed_max{600};    ///< authenticated, yet no subscription at all
  std::chrono::seconds stalled_max{20};          ///< something waits and nothing of it is taken; below the server's own limit
  std::size_t queue_high_bytes{64 * 1024};       ///< above it quotes are conflated
  std::size_t queue_cut_bytes{2 * 1024 * 1024};  ///< above it the client is cut
  std::size_t violations_max{20};                ///< protocol errors before the connection is closed
  std::size_t waiting_messages_max{64};          ///< while a key is being verified
};

class Client;

/// What clients share; the service implements it. Thread-safe.
class ClientHost {
 public:
  virtual ~ClientHost() = default;
  virtual void opened(Client& client, Executor& executor) = 0;
  /// Counts the client towards its user; false when the user has too many.
  [[nodiscard]] virtual bool authenticated(Client& client, const identity::Principal& principal) = 0;
  /// Called once, when the connection has closed or was never opened.
  virtual void gone(Client& client) = 0;
  virtual void subscribe_orders(Client& client, bool wanted) = 0;
  /// `token` names the abuse in docs/defences.md; `subject` is the digest of a wrong key, the id of one that may not be
  /// used from there, or empty.
  virtual void abuse(const IpAddress& address, std::string_view token, std::string_view subject) = 0;
  [[nodiscard]] virtual bool feed_connected() const = 0;
};

struct ClientParts {
  ClientHost& host;
  guard::Credentials& credentials;
  const market::Instruments& instruments;
  FanOut& fan_out;
  const Clock& clock;
  const StreamLimits& limits;
  std::string broker;
};

class Client final : public http::WebSocketListener,
                     public Receiver,
                     public std::enable_shared_from_this<Client> {
 public:
  /// `principal` is set when the upgrade already carried a console session.
  Client(ClientParts parts, IpAddress address, std::optional<identity::Principal> principal);
  ~Client() override;
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void opened(std::shared_ptr<http::WebSocketConnection> connection) override;
  void message(std::string_view payload, bool is_text) override;
  void pong() override;
  void violated(std::uint16_t code) override;
  void drained() override;
  void closed(std::uint16_t code) override;
  [[nodiscard]] std::size_t message_bytes_max() const override { return parts_.limits.message_bytes_max; }

  void offer(const Topic& topic, const PriceFrames& frames) override;
  [[nodiscard]] bool deflates() const override;
  /// Never dropped, never reordered; a client that cannot take it is cut.
  void send_order_update(const http::SharedFrame& frame);

  /// Time passes: grace, heartbeat, silence, revocation. On this client's thread.
  void check(bool address_banned);
  void close(CloseCode code, std::string_view reason);

  struct Snapshot {
    std::string id;  ///< given by the service, for the console
    std::string username;
    std::string address;
    std::size_t subscriptions{0};
    std::size_t queued_bytes{0};
    std::uint64_t frames_sent{0};
    std::uint64_t frames_conflated{0};
    Monotonic lag{};  ///< how long it has been behind; zero while it keeps up
    TimePoint connected_at{};
    std::uint16_t closed_with{0};  ///< the close code, once it has closed
  };
  [[nodiscard]] Snapshot snapshot() const;

 private:
  void run(std::string_view payload);
  void handle(Authenticate command, const std::string& request_id);
  void handle(const Subscribe& command, const std::string& request_id);
  void handle(const Unsubscribe& command, const std::string& request_id);
  void handle(const UnsubscribeAll& command, const std::string& request_id);
  void handle(const SubscribeOrders& command, const std::string& request_id);
  void handle(const UnsubscribeOrders& command, const std::string& request_id);
  void handle(const GetBrokerInfo& command, const std::string& request_id);
  void handle(const GetSupportedBrokers& command, const std::string& request_id);
  void handle(const Ping& command, const std::string& request_id);

  void verify(Secret api_key);
  void decide(guard::KeyVerdict verdict);
  void admit(identity::Principal principal);
  void resume_waiting();
  [[nodiscard]] std::string subscribe_one(const SymbolEntry& entry, Mode mode);
  void leave(const Topic& topic);
  [[nodiscard]] bool access_ended() const;
  void violation(const CommandError& error);
  void send(std::string text);
  void send_frame(http::SharedFrame frame);
  [[nodiscard]] bool within_message_rate();
  [[nodiscard]] bool require_principal();

  ClientParts parts_;
  const IpAddress address_;
  std::optional<identity::Principal> principal_;
  std::shared_ptr<http::WebSocketConnection> connection_;
  /// Where a key's verification reports to; nothing once the connection has closed, for its thread may
  /// be gone when the verification ends.
  std::shared_ptr<Guarded<Executor*>> home_{std::make_shared<Guarded<Executor*>>(nullptr)};
  std::unordered_set<Topic> subscriptions_;
  bool wants_orders_{false};
  bool verifying_{false};
  bool closing_{false};
  bool gone_{false};
  std::deque<std::string> waiting_;  ///< messages that arrived while a key was being verified
  WaitingPrices waiting_prices_;
  Monotonic behind_since_{};

  TimePoint connected_at_{};
  Monotonic opened_at_{};
  Monotonic heard_at_{};
  Monotonic pinged_at_{};
  Monotonic last_useful_at_{};
  Monotonic drained_at_{};  ///< when nothing waited last
  Monotonic rate_window_{};
  std::size_t rate_count_{0};
  std::size_t violations_{0};
  std::uint64_t frames_sent_{0};
  std::uint64_t frames_conflated_{0};
  std::uint16_t closed_with_{0};
};

}  // namespace kavach::stream
