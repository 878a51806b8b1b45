#include <gtest/gtest.h>

#include <algorithm>
#include <future>

#include "audit/audit_chain.h"
#include "audit/schema.h"
#include "console/routes.h"
#include "core/civil_time.h"
#include "support/test_database.h"

namespace kavach::console {
namespace {

class RecordRoutes : public testing::Test {
 protected:
  http::Response get(const std::string& target) {
    const auto question = target.find('?');
    guard::Call call;
    call.request.path = target.substr(0, question);
    if (question != std::string::npos) call.request.query = target.substr(question + 1);
    call.executor = &executor_;
    for (const guard::Route& route : routes_) {
      if (route.path != call.request.path) continue;
      Task<http::Response> task = route.handle(call);
      std::promise<void> done;
      task.start([&done] { done.set_value(); });
      done.get_future().wait();
      return task.take();
    }
    return http::Response::text(404, "no such row");
  }
  /// The whole body of an export.
  std::string download(const http::Response& file) {
    std::string all;
    for (;;) {
      auto task = file.body_source->next(executor_);
      std::promise<void> done;
      task.start([&done] { done.set_value(); });
      done.get_future().wait();
      const auto piece = task.take();
      EXPECT_OK(piece);
      if (!piece || piece->empty()) return all;
      all += *piece;
    }
  }
  json::value data(const std::string& target) {
    const auto response = get(target);
    EXPECT_EQ(response.status, 200) << response.body;
    return parse_json(response.body).value().as_object()["data"];
  }
  void request(std::string_view route, int status, std::string_view host = "localhost") {
    audit::TrafficRecord record;
    record.at = clock_.now();
    record.address = IpAddress::v4(0xC0A80001);
    record.method = "POST";
    record.route = route;
    record.host = host;
    record.status = status;
    record.request_id = "00aa";
    record.principal = "ada";
    record.duration = std::chrono::microseconds{120};
    traffic_.record(record);
  }
  /// Waits for what was recorded: the writer commits in order.
  void settle() {
    traffic_.tick(clock_.now());
    ASSERT_OK(database_->write_and_wait([](store::Transaction&) { return Result<void>{}; }));
  }

  InlineExecutor executor_;
  ManualClock clock_{from_ist(Date{std::chrono::year{2027}, std::chrono::June, std::chrono::day{29}}, std::chrono::hours{10})};
  WorkerPool workers_{1, 8};
  ::kavach::test::TestDatabase database_{{audit::audit_schema()}};
  std::unique_ptr<audit::AuditChain> chain_ = audit::AuditChain::open(*database_, clock_, Logger::silent()).value();
  audit::TrafficLog traffic_{*database_, Logger::silent()};
  audit::LatencyLog latency_{*database_, Logger::silent(), clock_.now()};
  LogTail tail_;
  RecordServices services_{*database_, traffic_, latency_, tail_, clock_, workers_,
                           [] { return audit::AuditTrust{}; },
                           [](const audit::ChainHead& head) {
                             audit::SignedHead signed_head;
                             signed_head.head = head;
                             return signed_head;
                           }, *chain_,
                           [this](const guard::Call&) { return fresh_; }};
  bool fresh_{true};
  guard::Routes routes_ = record_routes(services_);
};

TEST_F(RecordRoutes, OnlyTheOwnerReadsRecords) {
  for (const guard::Route& route : routes_) {
    EXPECT_EQ(route.policy.access, guard::Access::OwnerSession) << route.path;
    EXPECT_FALSE(route.policy.changes_state) << route.path;
  }
}

TEST_F(RecordRoutes, R32TrafficIsSearchedAndSummedUp) {
  request("/api/v1/quotes", 200);
  request("/api/v1/funds", 403);
  settle();
  EXPECT_EQ(data("/traffic/api/logs").at("rows").as_array().size(), 2U);
  const auto failed = data("/traffic/api/logs?status=403");
  ASSERT_EQ(failed.at("rows").as_array().size(), 1U);
  EXPECT_EQ(failed.at("rows").at(0).at("route"), "/api/v1/funds");
  EXPECT_EQ(failed.at("rows").at(0).at("address"), "192.168.0.1");
  EXPECT_EQ(data("/traffic/api/logs?address=10.0.0.1").at("rows").as_array().size(), 0U);
  EXPECT_TRUE(failed.at("next").is_null());
  EXPECT_EQ(data("/traffic/api/logs?limit=1").at("next").is_string(), true);
  const auto stats = data("/traffic/api/stats");
  EXPECT_EQ(stats.at("total"), 2);
  EXPECT_EQ(stats.at("errors"), 1);
}

TEST_F(RecordRoutes, BadFiltersAreRefusedAndNotIgnored) {
  for (const char* target : {"/traffic/api/logs?status=abc", "/traffic/api/logs?from=yesterday", "/traffic/api/logs?before=-1",
                             "/traffic/api/logs?limit=x", "/logs/api/lines?level=loud", "/traffic/export?format=exe",
                             "/traffic/export", "/audit/api/events?to=2027-13-01"}) {
    EXPECT_EQ(get(target).status, 400) << target;
  }
  EXPECT_EQ(get("/traffic/api/logs?route=" + std::string(201, 'a')).status, 400);
}

TEST_F(RecordRoutes, ExportsAreFilesAndDisarmFormulas) {
  request("/api/v1/quotes", 200, "=cmd|' /C calc'!A0");
  settle();
  const auto file = get("/traffic/export?format=csv");
  EXPECT_EQ(file.content_type, "text/csv; charset=utf-8");
  EXPECT_EQ(file.headers.front().value, "attachment; filename=\"kavach-traffic-2027-06-29.csv\"");
  EXPECT_EQ(download(file).find(",\"=cmd"), std::string::npos);
  EXPECT_NE(download(get("/traffic/export?format=jsonl")).find("/api/v1/quotes"), std::string::npos);
}

TEST_F(RecordRoutes, R8_AnExportWantsAFreshSecondFactorAndIsRecorded) {
  for (const char* path : {"/traffic/export?format=csv", "/latency/export?format=csv", "/audit/export?format=jsonl"}) {
    fresh_ = false;
    const auto refused = get(path);
    EXPECT_EQ(refused.status, 403) << path;
    EXPECT_NE(refused.body.find("step_up_required"), std::string::npos);
    EXPECT_EQ(refused.body_source, nullptr);
    fresh_ = true;
    EXPECT_EQ(get(std::string{path} + "&route=orders&apikey=canary").status, 200) << path;
  }
  chain_->tick();
  settle();
  EXPECT_EQ(database_.number("SELECT COUNT(*) FROM audit_events WHERE body LIKE '%route=orders&format=%'"), 3);
  EXPECT_EQ(database_.number("SELECT COUNT(*) FROM audit_events WHERE body LIKE '%canary%'"), 0) << "R31";
  EXPECT_EQ(database_.number("SELECT COUNT(*) FROM audit_events WHERE kind = 'records.exported'"), 3);
}

TEST_F(RecordRoutes, AnExportComesInBoundedPiecesAndHasWhatWasThereWhenItBegan) {
  for (int i = 0; i < 2'500; ++i) {
    if (i % 500 == 0) clock_.advance(std::chrono::seconds{2});
    request("/api/v1/quotes", 200);
    if (i % 500 == 499) settle();
  }
  settle();
  const auto file = get("/traffic/export?format=jsonl");
  auto first = file.body_source->next(executor_);
  std::promise<void> done;
  first.start([&done] { done.set_value(); });
  done.get_future().wait();
  const std::string piece = *first.take();
  EXPECT_LT(piece.size(), std::size_t{1} << 20U);
  request("/late", 200);
  settle();
  const std::string all = piece + download(file);
  EXPECT_EQ(std::ranges::count(all, '\n'), 2'500);
  EXPECT_EQ(all.find("/late"), std::string::npos);
}

TEST_F(RecordRoutes, OnlySoManyExportsRunAtOnce) {
  std::vector<http::Response> running;
  for (int i = 0; i < 4; ++i) running.push_back(get("/traffic/export?format=csv"));
  EXPECT_EQ(get("/traffic/export?format=csv").status, 503);
  running.pop_back();
  EXPECT_EQ(get("/traffic/export?format=csv").status, 200);
}

TEST_F(RecordRoutes, LatencyOfOrdersIsSearched) {
  const auto order = [&](const std::string& id, std::string_view route, int millis) {
    latency_.order({clock_.now(), id, std::string{route}, "complete", std::chrono::milliseconds{millis}, {}});
  };
  order("1", "/api/v1/placeorder", 3);
  order("2", "/api/v1/placeorder", 30);
  order("3", "/console/api/orders", 300);
  latency_.tick(clock_.now());
  settle();
  const auto found = [&](const std::string& filter) {
    return data("/latency/api/logs?" + filter).at("rows").as_array().size();
  };
  EXPECT_EQ(found(""), 3U);
  EXPECT_EQ(found("orderid=2"), 1U);
  EXPECT_EQ(found("route=placeorder"), 2U);
  EXPECT_EQ(found("slower_than_ms=30"), 2U);
  EXPECT_EQ(found("status=rejected"), 0U);
  EXPECT_EQ(found("from=2027-06-30"), 0U);
  EXPECT_EQ(get("/latency/api/logs?slower_than_ms=-1").status, 400);
  EXPECT_EQ(std::ranges::count(download(get("/latency/export?format=csv&route=placeorder")), '\n'), 3);
}

TEST_F(RecordRoutes, R30TheChainIsShownAndVerified) {
  ASSERT_OK(database_->write_and_wait([&](store::Transaction& transaction) {
    return chain_->append(transaction, {"login.succeeded", "ada", "192.168.0.1", "00aa", {{"device", "Firefox"}}});
  }));
  const auto events = data("/audit/api/events?kind=login.");
  ASSERT_EQ(events.at("rows").as_array().size(), 1U);
  EXPECT_EQ(events.at("rows").at(0).at("fields").at("device"), "Firefox");
  EXPECT_EQ(data("/audit/api/verify").at("intact"), true);

  ASSERT_OK(database_->write_and_wait([](store::Transaction& transaction) -> Result<void> {
    auto changed = transaction.execute("UPDATE audit_events SET actor = 'mallory' WHERE seq = 1", {});
    if (!changed) return pass_on(changed);
    return {};
  }));
  const auto verdict = data("/audit/api/verify");
  EXPECT_EQ(verdict.at("intact"), false);
  EXPECT_EQ(verdict.at("first_bad_sequence"), 1);
}

TEST_F(RecordRoutes, LatencyByRouteAndOrder) {
  audit::StageTimes stages;
  stages.set(audit::Stage::Guard, std::chrono::microseconds{4});
  latency_.request("/api/v1/quotes", std::chrono::microseconds{40}, stages);
  const auto stats = data("/latency/api/stats");
  ASSERT_EQ(stats.at("routes").as_array().size(), 1U);
  EXPECT_EQ(stats.at("routes").at(0).at("route"), "/api/v1/quotes");
  EXPECT_EQ(stats.at("routes").at(0).at("count"), 1);
  EXPECT_NEAR(stats.at("routes").at(0).at("p50").to_number<double>(), 40.0, 3.0);
  EXPECT_EQ(stats.at("routes").at(0).at("stages").at(0).at("stage"), "guard");
  EXPECT_EQ(data("/latency/api/logs").at("rows").as_array().size(), 0U);
}

TEST_F(RecordRoutes, LogLinesInBothFormats) {
  tail_.add(LogLevel::Info, R"(2027-06-29T04:50:11.123456Z info gateway.started port=5000)");
  tail_.add(LogLevel::Warning, R"({"time":"2027-06-29T04:50:12.000000Z","level":"warning","event":"ban.created","address":"1.2.3.4","request_id":"00aa"})");
  const auto all = data("/logs/api/lines").at("rows").as_array();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].at("component"), "ban");
  EXPECT_EQ(all[0].at("request_id"), "00aa");
  EXPECT_EQ(all[1].at("message"), "gateway.started port=5000");
  EXPECT_EQ(data("/logs/api/lines?level=warning").at("rows").as_array().size(), 1U);
  EXPECT_EQ(data("/logs/api/lines?text=PORT%3D5000").at("rows").as_array().size(), 1U);
  // The first line is of 10:20:11 in Mumbai.
  EXPECT_EQ(data("/logs/api/lines?from=2027-06-29T10:20&to=2027-06-29T10:21").at("rows").as_array().size(), 2U);
  EXPECT_EQ(data("/logs/api/lines?to=2027-06-29T10:20").at("rows").as_array().size(), 0U);
  EXPECT_EQ(data("/logs/api/lines?from=2027-06-30").at("rows").as_array().size(), 0U);
  EXPECT_EQ(data("/logs/api/lines?limit=1").at("next"), "2");
  EXPECT_EQ(data("/logs/api/lines?before=2").at("rows").as_array().size(), 1U);
}

TEST(LogTail, IsBounded) {
  LogTail tail;
  for (std::size_t i = 0; i < LogTail::kLinesMax + 10; ++i) tail.add(LogLevel::Info, std::string(5'000, 'x'));
  const auto lines = tail.search(~0ULL, {}, LogTail::kLinesMax * 2);
  EXPECT_EQ(lines.size(), LogTail::kLinesMax);
  EXPECT_EQ(lines.front().number, LogTail::kLinesMax + 10);
  EXPECT_EQ(lines.front().text.size(), LogTail::kLineBytesMax);
}

TEST(LogTail, HostileLinesAreShownAndNotParsedIntoFields) {
  EXPECT_EQ(parts_of("").message, "");
  EXPECT_EQ(parts_of("{broken").message, "{broken");
  EXPECT_EQ(parts_of("one two").message, "one two");
  EXPECT_EQ(parts_of(R"(t info x a="b\" request_id=\"forged\"" request_id="real")").request_id, "real");
}

}  // namespace
}  // namespace kavach::console
