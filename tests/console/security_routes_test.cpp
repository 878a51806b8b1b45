#include "console/security_routes.h"

#include <gtest/gtest.h>

#include <future>

#include "guard/router.h"
#include "support/guard_fixture.h"

namespace kavach::console {
namespace {

using namespace std::chrono_literals;
using guard::ip;
using guard::OffenceKind;

struct SecurityRoutes : guard::GuardFixture {
  SecurityRoutes() {
    owner.credential = identity::Credential::Session;
    owner.user = 1;
    owner.username = "ada";
    owner.role = identity::Role::Owner;
  }

  http::Response send(http::Method method, const std::string& target, std::string_view body = {},
                      const std::string& content_type = "application/json") {
    const auto question = target.find('?');
    guard::Call call;
    call.request.method = method;
    call.request.path = target.substr(0, question);
    if (question != std::string::npos) call.request.query = target.substr(question + 1);
    call.request.request_id = "00112233";
    call.request.headers = {{"Content-Type", content_type}};
    call.request.body = body;
    call.client = ip("203.0.113.1");
    call.principal = owner;
    call.executor = &executor;
    const guard::Route* route = nullptr;
    for (const guard::Route& row : routes) {
      if (row.method == method && row.path == call.request.path) route = &row;
    }
    if (route == nullptr) return http::Response::text(404, "no such row");
    if (route->policy.body == guard::BodyKind::Json) call.body = *parse_json(body);
    Task<http::Response> task = route->handle(call);
    std::promise<void> done;
    task.start([&done] { done.set_value(); });
    done.get_future().wait();
    return task.take();
  }
  http::Response get(const std::string& target) { return send(http::Method::Get, target); }
  http::Response post(const std::string& target, std::string_view body) { return send(http::Method::Post, target, body); }
  /// Everything that a file holds.
  std::string file_of(const std::string& path) {
    const auto response = get(path);
    if (!response.body_source) return "no file: " + response.body;
    std::string whole;
    for (;;) {
      auto piece = response.body_source->next(executor);
      std::promise<void> read;
      piece.start([&read] { read.set_value(); });
      read.get_future().wait();
      const auto text = piece.take();
      if (!text || text->empty()) return whole;
      whole += *text;
    }
  }
  json::object data() { return parse_json(get("/security/api/data").body)->at("data").as_object(); }

  InlineExecutor executor;
  bool fresh{true};
  identity::Principal owner;
  CspReports reports{clock, Logger::silent()};
  SecurityServices services{.defences = *defences,
                            .database = *database,
                            .audit = audit,
                            .workers = *workers,
                            .clock = clock,
                            .csp_reports = reports,
                            .is_fresh = [this](const guard::Call&) { return fresh; }};
  guard::Routes routes = security_routes(services);
};

TEST_F(SecurityRoutes, EveryRowIsComplete) { EXPECT_NO_THROW(guard::Router{security_routes(services)}); }

// A scripted attack whose every figure is known beforehand.
TEST_F(SecurityRoutes, R40a_EveryFigureMatchesTheAttack) {
  offend(OffenceKind::InvalidApiKey, ip("198.51.100.1"), "aabbccddeeff00112233", 4);
  offend(OffenceKind::NotFound, ip("198.51.100.1"), "/.env");
  offend(OffenceKind::FailedLogin, ip("198.51.100.2"), "", 9);
  offend(OffenceKind::FailedLogin, ip("198.51.100.3"), "", 10);
  offend(OffenceKind::Malformed, ip("2001:db8::7"), "", 2);
  defences->warden.store_pending();
  ASSERT_EQ(post("/security/ban", R"({"ip_address":"198.51.100.128/25","reason":"scanners","permanent":true})").status, 200);

  const json::object seen = data();
  EXPECT_EQ(seen.at("your_address"), "203.0.113.1");
  const auto& totals = seen.at("totals").as_object();
  EXPECT_EQ(totals.at("bans"), 2);
  EXPECT_EQ(totals.at("bans"), database.number("SELECT COUNT(*) FROM guard_bans"));
  EXPECT_EQ(totals.at("permanent_bans"), 1);
  EXPECT_EQ(totals.at("suspects"), 3);
  EXPECT_EQ(totals.at("offences_24h"), 4 + 1 + 9 + 10 + 2);
  const auto& suspects = seen.at("suspects").as_array();
  ASSERT_EQ(suspects.size(), 3U);
  EXPECT_EQ(suspects[0].at("address"), "198.51.100.2");
  EXPECT_EQ(suspects[0].at("nearest").at("count"), 9);
  EXPECT_EQ(suspects[0].at("nearest").at("threshold"), 10);
  EXPECT_EQ(suspects[1].at("address"), "198.51.100.1");
  EXPECT_EQ(suspects[1].at("invalid_api_keys"), 4);
  EXPECT_EQ(suspects[1].at("not_found"), 5) << "a scanner's path weighs five";
  EXPECT_EQ(suspects[2].at("address"), "2001:db8::/64");
  EXPECT_EQ(suspects[2].at("other"), 2);
  ASSERT_EQ(seen.at("paths").as_array().size(), 1U);
  EXPECT_EQ(seen.at("paths").as_array()[0].at("path"), "/.env");
  ASSERT_EQ(seen.at("keys").as_array().size(), 1U);
  EXPECT_EQ(seen.at("keys").as_array()[0].at("key_digest"), "aabbccddeeff");
  EXPECT_EQ(seen.at("keys").as_array()[0].at("count"), 4);
  EXPECT_EQ(seen.at("settings").at("not_found_threshold"), 20);
  EXPECT_EQ(seen.at("allowlist").as_array()[0].at("source"), "environment");
  EXPECT_EQ(parse_json(get("/security/stats").body)->at("data"), seen.at("totals"));

  const auto history = parse_json(get("/security/api/data?offender=198.51.100.3").body)->at("data").at("history").as_array();
  ASSERT_EQ(history.size(), 1U);
  EXPECT_EQ(history[0].at("reason"), "failed_login");
  EXPECT_EQ(history[0].at("action"), "ban");
}

TEST_F(SecurityRoutes, BanAndUnban) {
  EXPECT_EQ(post("/security/ban", R"({"ip_address":"198.51.100.9","reason":"x","duration_hours":48,"permanent":false})").status, 200);
  EXPECT_TRUE(banned("198.51.100.9"));
  clock.advance(48h);
  EXPECT_FALSE(banned("198.51.100.9"));
  EXPECT_EQ(post("/security/ban", R"({"ip_address":"198.51.100.9","duration_hours":24})").status, 200);
  EXPECT_EQ(post("/security/unban", R"({"ip_address":"198.51.100.9"})").status, 200);
  EXPECT_FALSE(banned("198.51.100.9"));
  EXPECT_EQ(post("/security/unban", R"({"ip_address":"198.51.100.9"})").status, 404);
}

TEST_F(SecurityRoutes, R40a_BodiesAreStrictlyTyped) {
  for (const char* wrong :
       {R"({})", R"({"ip_address":5})", R"({"ip_address":"nonsense"})", R"({"ip_address":"0.0.0.0/0","permanent":true})",
        R"({"ip_address":"198.51.100.9","permanent":"false"})", R"({"ip_address":"198.51.100.9","duration_hours":"24"})",
        R"({"ip_address":"198.51.100.9","duration_hours":0})", R"({"ip_address":"198.51.100.9","duration_hours":1.5})",
        R"({"ip_address":"198.51.100.9","duration_hours":9999999})", R"({"ip_address":"198.51.100.9","reason":{}})"}) {
    EXPECT_EQ(post("/security/ban", wrong).status, 400) << wrong;
  }
  EXPECT_EQ(post("/security/settings", R"({"auto_ban_enabled":"false"})").status, 400);
  EXPECT_TRUE(defences->settings.read()->auto_ban_enabled);
  EXPECT_EQ(post("/security/settings", R"({"auto_ban_enabled":false,"not_found_threshold":5})").status, 200);
  EXPECT_FALSE(defences->settings.read()->auto_ban_enabled);
  EXPECT_EQ(data().at("settings").at("not_found_threshold"), 5);
}

TEST_F(SecurityRoutes, R19_BanningOneselfAsksAndSaysWhatHappens) {
  const auto asked = post("/security/ban", R"({"ip_address":"203.0.113.1","permanent":true})");
  EXPECT_EQ(asked.status, 409);
  const auto answer = parse_json(asked.body)->at("data").as_object();
  EXPECT_EQ(answer.at("reason"), "confirm_required");
  EXPECT_NE(answer.at("consequence").as_string().find("kavach unban"), std::string::npos);
  EXPECT_FALSE(banned("203.0.113.1"));
  EXPECT_EQ(post("/security/ban", R"({"ip_address":"203.0.113.1","permanent":true,"confirm":true})").status, 200);
  EXPECT_TRUE(banned("203.0.113.1"));
  EXPECT_EQ(post("/security/ban", R"({"ip_address":"127.0.0.1","permanent":true,"confirm":true})").status, 400);
  EXPECT_EQ(post("/security/ban", R"({"ip_address":"10.0.0.1","permanent":true,"confirm":true})").status, 400);
}

TEST_F(SecurityRoutes, R8_LoweringTheDefencesNeedsAFreshSecondFactor) {
  ASSERT_EQ(post("/security/ban", R"({"ip_address":"198.51.100.9"})").status, 200);
  fresh = false;
  for (const auto& [path, body] : {std::pair{"/security/unban", R"({"ip_address":"198.51.100.9"})"},
                                   std::pair{"/security/settings", R"({"auto_ban_enabled":false})"},
                                   std::pair{"/security/allowlist", R"({"network":"198.51.100.0/24"})"}}) {
    const auto refused = post(path, body);
    EXPECT_EQ(refused.status, 403) << path;
    EXPECT_EQ(parse_json(refused.body)->at("data").at("reason"), "step_up_required");
  }
  EXPECT_TRUE(banned("198.51.100.9"));
  EXPECT_EQ(post("/security/ban", R"({"ip_address":"198.51.100.10"})").status, 200) << "defending oneself is always possible";
}

TEST_F(SecurityRoutes, AllowListAndFiles) {
  EXPECT_EQ(post("/security/allowlist", R"({"network":"192.0.2.0/24","note":"=office"})").status, 200);
  EXPECT_TRUE(defences->allow_list.contains(ip("192.0.2.77")));
  EXPECT_EQ(post("/security/allowlist", R"({"network":"192.0.2.0/24"})").status, 409);
  const auto file = get("/security/allowlist/export");
  EXPECT_EQ(file.content_type, "text/csv; charset=utf-8");
  EXPECT_NE(file.body.find(R"("192.0.2.0/24","'=office","console",)"), std::string::npos) << file.body;
  fresh = false;
  EXPECT_EQ(send(http::Method::Delete, "/security/allowlist?network=192.0.2.0/24").status, 403);
  fresh = true;
  EXPECT_EQ(send(http::Method::Delete, "/security/allowlist?network=192.0.2.0/24").status, 200);
  EXPECT_FALSE(defences->allow_list.contains(ip("192.0.2.77")));

  const auto upload = [&](std::string_view content) {
    return send(http::Method::Post, "/security/bans/import?filename=bans.csv", content, "text/csv");
  };
  EXPECT_EQ(upload("network,duration,reason\r\n198.51.100.1,48h,seen\r\n198.51.101.0/24,permanent,\r\n").status, 200);
  EXPECT_TRUE(banned("198.51.100.1") && banned("198.51.101.9"));
  EXPECT_EQ(upload("198.51.100.2,48h\n127.0.0.1,48h\n").status, 400) << "one row may not, so none is stored";
  EXPECT_FALSE(banned("198.51.100.2"));
  EXPECT_EQ(upload("<html>").status, 415);
  EXPECT_EQ(upload("<html>").refusal, "unsupported_upload");
  EXPECT_EQ(send(http::Method::Post, "/security/bans/import?filename=bans.exe", "198.51.100.2,48h\n", "text/csv").status, 415);
  EXPECT_NE(file_of("/security/bans/export").find(R"("198.51.101.0/24","manual","import","1",)"), std::string::npos);
  fresh = false;
  for (const char* path : {"/security/bans/export", "/security/bans/history/export", "/security/allowlist/export"}) {
    EXPECT_EQ(get(path).refusal, "step_up_required") << path;
  }
}

TEST_F(SecurityRoutes, R32_BansAndTheirHistoryGoOutAsFiles) {
  ASSERT_EQ(post("/security/ban", R"({"ip_address":"198.51.100.9","reason":"=cmd"})").status, 200);
  ASSERT_EQ(post("/security/ban", R"({"ip_address":"198.51.100.10","permanent":true,"reason":"scans"})").status, 200);
  ASSERT_EQ(post("/security/unban", R"({"ip_address":"198.51.100.9"})").status, 200);

  const std::string in_force = file_of("/security/bans/export?format=jsonl");
  const auto ban = parse_json(in_force.substr(0, in_force.find('\n'))).value();
  EXPECT_EQ(ban.at("network"), "198.51.100.10");
  EXPECT_TRUE(ban.at("expires_at").is_null());
  EXPECT_EQ(in_force.find("198.51.100.9"), std::string::npos) << "lifted";

  const std::string history = file_of("/security/bans/history/export?format=csv");
  EXPECT_TRUE(history.starts_with("\"network\",\"action\",\"kind\",\"reason\",\"at\",\"expires_at\",\"actor\"\r\n")) << history;
  const auto banned_at = history.find(R"("198.51.100.9","ban","manual","'=cmd",)");
  const auto lifted_at = history.find(R"("198.51.100.9","unban","manual","'=cmd",)");
  EXPECT_LT(banned_at, lifted_at);
  EXPECT_NE(lifted_at, std::string::npos) << history;
  EXPECT_NE(history.find(R"("198.51.100.10","ban","manual","scans",)"), std::string::npos);
  EXPECT_NE(file_of("/security/bans/history/export?format=jsonl").find(R"("action":"unban")"), std::string::npos);
  EXPECT_EQ(get("/security/bans/history/export?format=xml").status, 400);
  EXPECT_EQ(audit.count("records.exported"), 3);
}

TEST_F(SecurityRoutes, HostsAndForgiveness) {
  defences->warden.report({OffenceKind::NotFound, ip("198.51.100.1"), "/a", "rebind.evil"});
  defences->warden.report({OffenceKind::NotFound, ip("198.51.100.2"), "/a", "other.example"});
  EXPECT_EQ(post("/security/ban-host", R"({"host":"rebind.evil","reason":"rebinding"})").status, 200);
  EXPECT_TRUE(banned("198.51.100.1"));
  EXPECT_FALSE(banned("198.51.100.2"));
  EXPECT_EQ(post("/security/ban-host", R"({"host":"nobody.example"})").status, 404);
  EXPECT_EQ(post("/security/clear-404", R"({"ip_address":"198.51.100.2"})").status, 200);
  EXPECT_EQ(defences->tracker.suspect_count(clock.now()), 0U);
  EXPECT_EQ(audit.count("offences.forgotten"), 1);
}

TEST_F(SecurityRoutes, ReportsAreCountedWhateverTheyHold) {
  for (const char* body : {R"({"csp-report":{"blocked-uri":"inline"}})", R"([{"type":"csp-violation","body":{"blockedURL":"x"}}])",
                           "garbage", "[]", "null", ""}) {
    EXPECT_EQ(send(http::Method::Post, "/security/csp-report", body, "application/csp-report").status, 204);
  }
  EXPECT_EQ(reports.total(), 6U);
}

}  // namespace
}  // namespace kavach::console
