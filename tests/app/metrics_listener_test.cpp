#include "app/metrics_listener.h"

#include <gtest/gtest.h>

#include "app/request_metrics.h"
#include "support/matchers.h"
#include "support/raw_client.h"

namespace kavach::app {
namespace {

TEST(RequestMetrics, CountsByRouteStatusAndRefusal) {
  MetricsRegistry registry;
  RequestMetrics metrics{registry};
  guard::RequestRecord record;
  record.route = "/api/v1/placeorder";
  record.status = 200;
  metrics.answered(record, Monotonic{2'000'000});
  metrics.answered(record, Monotonic{2'000'000});
  record.status = 403;
  record.refusal = "invalid_api_key";
  metrics.answered(record, Monotonic{100'000});
  metrics.offence(guard::OffenceKind::InvalidApiKey);
  const std::string text = registry.render();
  EXPECT_NE(text.find("kavach_requests_total{route=\"/api/v1/placeorder\",status=\"2xx\"} 2"), std::string::npos) << text;
  EXPECT_NE(text.find("kavach_requests_total{route=\"/api/v1/placeorder\",status=\"4xx\"} 1"), std::string::npos);
  EXPECT_NE(text.find("kavach_refusals_total{token=\"invalid_api_key\"} 1"), std::string::npos);
  EXPECT_NE(text.find("kavach_offences_total{kind=\"invalid_api_key\"} 1"), std::string::npos);
  EXPECT_NE(text.find("kavach_request_seconds_count{route=\"/api/v1/placeorder\"} 3"), std::string::npos);
}

TEST(MetricsListener, AnswersMetricsAndNothingElse) {
  MetricsRegistry registry;
  int refreshed = 0;
  const SystemClock clock;
  MetricsListener listener{"127.0.0.1:0", registry,
                           [&] { registry.gauge("kavach_bans", "Networks that are banned now.").set(++refreshed); }, clock,
                           Logger::silent()};
  ASSERT_OK(listener.start());
  const auto ask = [&](std::string_view method, std::string_view path) {
    test::RawClient client{listener.port()};
    client.send(test::request_text(method, path));
    return client.read_reply();
  };
  const auto reply = ask("GET", "/metrics");
  EXPECT_EQ(reply.status, 200);
  EXPECT_NE(reply.body.find("kavach_bans 1"), std::string::npos) << reply.body;
  EXPECT_EQ(ask("GET", "/").status, 404);
  EXPECT_EQ(ask("GET", "/api/v1/funds").status, 404);
  EXPECT_EQ(ask("POST", "/metrics").status, 405);
  listener.stop();
}

}  // namespace
}  // namespace kavach::app
