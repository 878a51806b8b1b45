// Ours: feed, hub, fan-out, client, socket. Everything of the product but the guard before the upgrade.

#include <atomic>
#include <vector>

#include "core/clock.h"
#include "core/log.h"
#include "fanout_server.h"
#include "http/server.h"
#include "identity/request_signing.h"
#include "stream/replies.h"
#include "stream/stream_service.h"

namespace kavach::bench {

market::Instrument instrument(int topic) {
  market::Instrument out;
  out.symbol = "SYMBOL" + std::to_string(topic);
  return out;
}

std::string message(const Change& change) {
  market::Tick tick;
  tick.key = instrument(change.topic).key();
  tick.depth.quote.last = Price::from_units(change.stamp);
  return stream::market_data(tick, market::FeedMode::Ltp, "paper");
}

namespace {

class OpenCredentials final : public guard::Credentials {
 public:
  std::optional<guard::KeyVerdict> judge_key(std::string_view, const IpAddress&) override {
    guard::KeyVerdict verdict{guard::KeyVerdict::Outcome::Accepted, {}, {}};
    verdict.principal.credential = identity::Credential::ApiKey;
    verdict.principal.user = 1;
    verdict.principal.username = "bench";
    return verdict;
  }
  void verify_key(Secret, IpAddress, std::move_only_function<void(guard::KeyVerdict)>) override {}
  bool signature_required(const identity::Principal&) override { return false; }
  Task<Result<void>> check_signature(std::string, identity::SignedRequest, Executor&) override { co_return Result<void>{}; }
  void note_exposed(std::string_view, const IpAddress&) override {}
  std::optional<guard::SessionVerdict> session(std::string_view, const IpAddress&) override { return std::nullopt; }
  std::string_view session_cookie_name() const override { return "session"; }
  bool still_valid(const identity::Principal&) override { return true; }
};

class PublishedFeed final : public market::Feed {
 public:
  std::string_view name() const override { return "bench"; }
  Micros heartbeat() const override { return std::chrono::hours{1}; }
  void connect(market::FeedListener& listener) override {
    listener_ = &listener;
    listener.on_connected();
  }
  void disconnect() override {}
  // Clients subscribe on the I/O thread while nothing is published yet.
  void subscribe(std::span<const market::FeedSubscription> subscriptions) override {
    for (const auto& each : subscriptions) {
      channels_[static_cast<std::size_t>(std::stoi(each.instrument.symbol.substr(6)))] = each.channel;
    }
  }
  void unsubscribe(std::span<const market::FeedChannel>) override {}
  void change(const Change& change) {
    market::Depth depth;
    depth.quote.last = Price::from_units(change.stamp);
    listener_->on_tick(channels_[static_cast<std::size_t>(change.topic)], depth);
  }

 private:
  market::FeedListener* listener_{nullptr};
  std::array<market::FeedChannel, kTopics> channels_{};
};

stream::StreamLimits wide_limits() {
  stream::StreamLimits limits;
  limits.connections_per_user_max = limits.connections_per_address_max = 100'000;
  return limits;
}

market::InstrumentTable all_instruments() {
  std::vector<market::Instrument> all;
  for (int topic = 0; topic < kTopics; ++topic) all.push_back(instrument(topic));
  return market::InstrumentTable{std::move(all)};
}

class KavachServer final : public FanOutServer, public http::Handler {
 public:
  ~KavachServer() override { server_.reset(); }

  std::uint16_t start() override {
    http::ServerSettings settings;
    settings.listeners = {{.address = *IpAddress::parse("127.0.0.1")}};
    settings.io_threads = 1;
    settings.limits.connections_max = 20'000;
    server_ = std::make_unique<http::Server>(settings, *this, clock_, Logger::silent());
    return server_->start() ? server_->port() : 0;
  }

  std::size_t subscribed() override {
    service_.sweep();
    const auto stats = service_.stats();
    return stats.subscriptions > 0 ? stats.authenticated : 0;
  }

  void publish(std::span<const Change> changes) override {
    for (const Change& change : changes) feed_.change(change);
    if (clock_.monotonic() - swept_ > std::chrono::milliseconds{500}) {
      swept_ = clock_.monotonic();
      service_.sweep();
    }
    std::atomic<bool> done{false};
    io_thread_.load()->post([&done] {
      done = true;
      done.notify_one();
    });
    done.wait(false);
  }

 private:
  bool admit_connection(const IpAddress&) override { return true; }
  std::optional<http::Response> admit(http::RequestHead&) override { return std::nullopt; }
  std::size_t body_bytes_max(const http::RequestHead&) override { return 0; }
  Task<http::Response> handle(http::Request request, Executor& executor) override {
    io_thread_ = &executor;
    guard::Call call;
    call.client = request.peer;
    call.request = std::move(request);
    co_return service_.upgrade(call);
  }
  void refused(const IpAddress&, std::string_view, http::Response&) override {}

  SystemClock clock_;
  OpenCredentials credentials_;
  market::Instruments instruments_{all_instruments()};
  InlineExecutor here_;
  PublishedFeed feed_;
  market::FeedHub hub_{feed_, instruments_, clock_, here_, 7};
  stream::StreamService service_{
      stream::StreamServices{credentials_, instruments_, hub_, clock_, "paper", {},
                             [](const IpAddress&) { return false; },
                             [](const IpAddress&, std::string_view, std::string_view) {},
                             [](const trading::AccountId&) { return std::nullopt; }},
      wide_limits()};
  std::atomic<Executor*> io_thread_{nullptr};
  Monotonic swept_{};
  std::unique_ptr<http::Server> server_;
};

}  // namespace

std::unique_ptr<FanOutServer> kavach_server() { return std::make_unique<KavachServer>(); }

}  // namespace kavach::bench
