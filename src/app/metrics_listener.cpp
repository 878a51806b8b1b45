#include "app/metrics_listener.h"

#include "core/text.h"

namespace kavach::app {
namespace {

constexpr std::chrono::milliseconds kStopGrace{500};

http::ServerSettings settings_for(const std::string& address) {
  const auto colon = address.rfind(':');
  http::ListenSettings listener;
  listener.address = *IpAddress::parse(address.substr(0, colon));
  listener.port = static_cast<std::uint16_t>(*parse_int(address.substr(colon + 1)));
  http::ServerSettings settings;
  settings.listeners.push_back(listener);
  settings.io_threads = 1;
  return settings;
}

}  // namespace

class MetricsListener::Answers final : public http::Handler {
 public:
  Answers(const MetricsRegistry& registry, std::function<void()> refresh)
      : registry_{registry}, refresh_{std::move(refresh)} {}

  bool admit_connection(const IpAddress&) override { return true; }
  std::optional<http::Response> admit(http::RequestHead& head) override {
    if (head.path != "/metrics") return http::Response::text(404, "Not found\n");
    if (head.method != http::Method::Get) return http::Response::text(405, "Only GET\n").with("Allow", "GET");
    return std::nullopt;
  }
  std::size_t body_bytes_max(const http::RequestHead&) override { return 0; }
  Task<http::Response> handle(http::Request, Executor&) override {
    refresh_();
    http::Response response = http::Response::text(200, registry_.render());
    response.content_type = "text/plain; version=0.0.4; charset=utf-8";
    co_return response;
  }
  void refused(const IpAddress&, std::string_view, http::Response&) override {}

 private:
  const MetricsRegistry& registry_;
  const std::function<void()> refresh_;
};

MetricsListener::MetricsListener(const std::string& address, const MetricsRegistry& registry,
                                 std::function<void()> refresh, const Clock& clock, Logger& log)
    : answers_{std::make_unique<Answers>(registry, std::move(refresh))},
      server_{std::make_unique<http::Server>(settings_for(address), *answers_, clock, log)} {}

MetricsListener::~MetricsListener() { stop(); }
Result<void> MetricsListener::start() { return server_->start(); }
void MetricsListener::stop() { server_->stop(kStopGrace); }
std::uint16_t MetricsListener::port() const { return server_->port(); }

}  // namespace kavach::app
