#pragma once

// The stream room with a feed, credentials and connections in the hands of the test.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/json.h"
#include "http/websocket.h"
#include "market/feed_hub.h"
#include "stream/client.h"
#include "support/matchers.h"
#include "support/scripted_credentials.h"
#include "support/scripted_market.h"

namespace kavach::stream {

using namespace std::chrono_literals;

/// A broker's feed in the hands of the test. It connects with the credential of that moment and refuses any but
/// `accepted`. Thread-safe.
class ScriptedFeed final : public market::Feed {
 public:
  std::string_view name() const override { return "scripted"; }
  Micros heartbeat() const override { return 2s; }
  void connect(market::FeedListener& listener) override {
    bool is_accepted = false;
    {
      const std::lock_guard lock{mutex_};
      ++connects_;
      listener_ = &listener;
      is_accepted = credential_ == accepted_;
    }
    if (is_accepted) return listener.on_connected();
    listener.on_disconnected(Error{ErrorCode::Unauthenticated, "The broker refused the token.", ""});
  }
  void disconnect() override {
    const std::lock_guard lock{mutex_};
    ++cuts_;
    channels_.clear();
  }
  void subscribe(std::span<const market::FeedSubscription> subscriptions) override {
    const std::lock_guard lock{mutex_};
    for (const auto& each : subscriptions) {
      channels_[each.channel] = each.instrument.symbol;
      note("+" + each.instrument.symbol + ":" + std::string{name_of(each.mode)});
    }
  }
  void unsubscribe(std::span<const market::FeedChannel> gone) override {
    const std::lock_guard lock{mutex_};
    for (const auto channel : gone) {
      note("-" + channels_[channel]);
      channels_.erase(channel);
    }
  }

  void tick(std::string_view symbol, std::string_view last) { tick_over(channels_of(symbol), last); }
  /// Over channels that may belong to a connection of the past.
  void tick_over(const std::vector<market::FeedChannel>& channels, std::string_view last) {
    market::Depth depth;
    depth.quote.last = test::price(last);
    for (const auto channel : channels) listener_->on_tick(channel, depth);
  }
  [[nodiscard]] std::vector<market::FeedChannel> channels_of(std::string_view symbol) const {
    const std::lock_guard lock{mutex_};
    std::vector<market::FeedChannel> wanted;
    for (const auto& [channel, name] : channels_) {
      if (name == symbol) wanted.push_back(channel);
    }
    return wanted;
  }
  void say_alive() { listener_->on_heartbeat(); }
  void lose(std::string why) {
    {
      const std::lock_guard lock{mutex_};
      channels_.clear();
    }
    listener_->on_disconnected(Error{ErrorCode::Unavailable, std::move(why), ""});
  }
  /// What the broker takes from now on, and what the next connection will show.
  void set_token(std::string accepted, std::string credential) {
    const std::lock_guard lock{mutex_};
    accepted_ = std::move(accepted);
    credential_ = std::move(credential);
  }

  [[nodiscard]] std::size_t instruments() const {
    const std::lock_guard lock{mutex_};
    return channels_.size();
  }
  [[nodiscard]] int connects() const {
    const std::lock_guard lock{mutex_};
    return connects_;
  }
  [[nodiscard]] int cuts() const {
    const std::lock_guard lock{mutex_};
    return cuts_;
  }
  /// `+SBIN:LTP`, `-SBIN`; those since the last look.
  [[nodiscard]] std::vector<std::string> take_calls() {
    const std::lock_guard lock{mutex_};
    return std::exchange(calls_, {});
  }
  /// Whether the feed is told this within ten seconds; also when it was told before.
  [[nodiscard]] bool is_told(const std::string& call) {
    std::unique_lock lock{mutex_};
    return told_.wait_for(lock, 10s, [&] { return std::ranges::find(calls_, call) != calls_.end(); });
  }

 private:
  void note(std::string call) {
    calls_.push_back(std::move(call));
    told_.notify_all();
  }

  mutable std::mutex mutex_;
  std::condition_variable told_;
  std::map<market::FeedChannel, std::string> channels_;
  std::vector<std::string> calls_;
  std::string accepted_{"today's token"};
  std::string credential_{"today's token"};
  int connects_{0};
  int cuts_{0};
  market::FeedListener* listener_{nullptr};
};

class QueueExecutor final : public Executor {
 public:
  void post(Job job) override { jobs.push_back(std::move(job)); }
  void run() {
    while (!jobs.empty()) {
      Job job = std::move(jobs.front());
      jobs.pop_front();
      job();
    }
  }
  std::deque<Job> jobs;
};

/// A socket whose other end reads at once, or not at all while `stalled`.
class FakeConnection final : public http::WebSocketConnection {
 public:
  explicit FakeConnection(Executor& executor) : executor_{executor} {}

  void send(http::SharedFrame frame) override {
    if (!stalled) {
      take(*frame);
      return;
    }
    queued_ += frame->size();
    waiting_.push_back(std::move(frame));
  }
  void close(std::uint16_t code, std::string_view reason) override {
    if (close_code != 0) return;
    close_code = code;
    close_reason = reason;
  }
  void ping() override { ++pings; }
  std::size_t queued_bytes() const override { return queued_; }
  bool deflates() const override { return is_deflating; }
  Executor& executor() override { return executor_; }
  const IpAddress& peer() const override { return peer_; }

  /// The client reads again, everything.
  void resume(http::WebSocketListener& listener) {
    stalled = false;
    for (const auto& frame : std::exchange(waiting_, {})) take(*frame);
    queued_ = 0;
    listener.drained();
  }
  [[nodiscard]] std::vector<std::string> take_sent() { return std::exchange(sent, {}); }

  bool stalled{false};
  bool is_deflating{false};
  std::vector<std::string> sent;  ///< payloads
  std::uint16_t close_code{0};
  std::string close_reason;
  int pings{0};

 private:
  void take(const std::string& frame) {
    const auto length = static_cast<unsigned char>(frame[1]);
    sent.push_back(frame.substr(length < 126 ? 2 : length == 126 ? 4 : 10));
  }
  Executor& executor_;
  const IpAddress peer_{};
  std::size_t queued_{0};
  std::deque<http::SharedFrame> waiting_;
};

class FakeHost final : public ClientHost {
 public:
  void opened(Client&, Executor&) override { ++opens; }
  bool authenticated(Client&, const identity::Principal& principal) override {
    users.push_back(principal.username);
    return has_room;
  }
  void gone(Client&) override { ++departures; }
  void subscribe_orders(Client&, bool wanted) override { orders_wanted = wanted; }
  void abuse(const IpAddress&, std::string_view token, std::string_view subject) override {
    abuses.push_back(std::string{token} + (subject.empty() ? "" : ": ") + std::string{subject});
  }
  bool feed_connected() const override { return true; }

  int opens{0};
  int departures{0};
  bool has_room{true};
  bool orders_wanted{false};
  std::vector<std::string> users;
  std::vector<std::string> abuses;
};

inline market::Instrument equity(std::string symbol) {
  market::Instrument out;
  out.symbol = std::move(symbol);
  return out;
}

struct StreamTest : testing::Test {
  StreamTest() {
    credentials.keys["ada-key"] = {guard::KeyVerdict::Outcome::Accepted, test::principal_of(7, "ada"), {}};
    credentials.keys["bob-key"] = {guard::KeyVerdict::Outcome::Accepted, test::principal_of(8, "bob"), {}};
    credentials.slow_keys["slow-key"] = credentials.keys["ada-key"];
  }

  market::Instruments instruments{market::InstrumentTable{{equity("SBIN"), equity("INFY"), equity("TCS")}}};
  ManualClock clock{TimePoint{1'814'240'700s}};
  QueueExecutor executor;
  ScriptedFeed feed;
  market::FeedHub hub{feed, instruments, clock, executor, 7};
  test::ScriptedCredentials credentials;
  StreamLimits limits;
};

/// One client on a fake connection.
struct ClientTest : StreamTest {
  struct Peer {
    std::shared_ptr<Client> client;
    std::shared_ptr<FakeConnection> connection;
    void say(std::string_view text) { client->message(text, true); }
    /// The only answer since the last look.
    [[nodiscard]] std::string ask(std::string_view text) {
      connection->sent.clear();
      say(text);
      EXPECT_EQ(connection->sent.size(), 1U) << text;
      return connection->sent.empty() ? std::string{} : connection->sent.back();
    }
  };

  Peer make(std::optional<identity::Principal> principal = std::nullopt) {
    Peer peer{std::make_shared<Client>(
                  ClientParts{host, credentials, instruments, *fan_out, clock, limits, "paper"},
                  *IpAddress::parse("198.51.100.7"), std::move(principal)),
              std::make_shared<FakeConnection>(executor)};
    peer.client->opened(peer.connection);
    return peer;
  }
  Peer make_admitted(std::string_view key = "ada-key") {
    Peer peer = make();
    peer.say(R"({"action":"authenticate","api_key":")" + std::string{key} + "\"}");
    peer.connection->sent.clear();
    return peer;
  }
  void tick(std::string_view symbol, std::string_view last) {
    feed.tick(symbol, last);
    executor.run();
  }
  static std::string subscribe(std::string_view symbol, int mode = 1) {
    return R"({"action":"subscribe","mode":)" + std::to_string(mode) + R"(,"symbols":[{"exchange":"NSE","symbol":")" +
           std::string{symbol} + "\"}]}";
  }

  FakeHost host;
  std::shared_ptr<FanOut> fan_out = std::make_shared<FanOut>(hub, "paper");
};

/// `SBIN 820.5` of a price, `type` of anything else.
inline std::string gist(const std::string& text) {
  const auto parsed = parse_json(text);
  if (!parsed || !parsed->is_object()) return "not a message: " + text;
  const auto& message = parsed->as_object();
  if (message.contains("code")) return std::string{message.at("code").as_string()};
  const std::string type{message.at("type").as_string()};
  if (type == "order_update") return "order " + std::string{message.at("orderid").as_string()};
  if (type != "market_data") return type;
  const auto last = text.substr(text.find("\"ltp\":") + 6);
  return std::string{message.at("symbol").as_string()} + " " + last.substr(0, last.find(','));
}
inline std::vector<std::string> gists(const std::vector<std::string>& texts) {
  std::vector<std::string> out;
  for (const std::string& text : texts) out.push_back(gist(text));
  return out;
}

}  // namespace kavach::stream
