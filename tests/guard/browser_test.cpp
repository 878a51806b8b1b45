#include <gtest/gtest.h>

#include <set>

#include "guard/cors.h"
#include "guard/csrf.h"
#include "guard/error_status.h"
#include "guard/host_check.h"
#include "guard/refusals.h"
#include "guard/security_headers.h"
#include "support/matchers.h"

namespace kavach::guard {
namespace {

http::RequestHead head_with(std::vector<http::Header> headers, http::Method method = http::Method::Post,
                            std::string path = "/api/v1/quotes") {
  http::RequestHead head;
  head.method = method;
  head.path = std::move(path);
  head.headers = std::move(headers);
  return head;
}

std::string header_of(const http::Response& response, std::string_view name) {
  for (const http::Header& header : response.headers) {
    if (header.name == name) return header.value;
  }
  return {};
}

TEST(HostCheck, R23_RebindingNamesAreRefused) {
  const HostCheck check{{"trade.example.org", "*.home.example", "192.0.2.10", "2001:db8::5"}};
  for (const char* fine : {"trade.example.org", "TRADE.example.org:443", "trade.example.org.", "a.home.example",
                           "localhost:5000", "127.0.0.1:5000", "[::1]:5000", "192.0.2.10:5000", "[2001:db8:0::5]"}) {
    EXPECT_TRUE(check.allows(fine)) << fine;
  }
  for (const char* wrong : {"", "evil.example", "trade.example.org.evil.example", "home.example", "xhome.example",
                            "localhost.evil.example", "127.0.0.1.evil.example", "trade.example.org:x", "trade.example.org:99999",
                            "trade.example.org@evil.example", "evil.example/trade.example.org", "[::1", "2001:db8::5", "127.0.0.2"}) {
    EXPECT_FALSE(check.allows(wrong)) << wrong;
  }
}

TEST(Csrf, R23_AllThreeSignsMustAgree) {
  const CsrfCheck check{[](std::string_view binding, std::string_view token) { return binding == "s1" && token == "t1"; }};
  const auto judge = [&](std::vector<http::Header> headers, bool secure = false, std::string_view binding = "s1") {
    headers.push_back({"Host", "trade.example.org"});
    return check.judge(head_with(std::move(headers)), secure, binding);
  };
  using enum CsrfVerdict;
  EXPECT_EQ(judge({{"X-CSRF-Token", "t1"}}), Allowed);
  EXPECT_EQ(judge({{"X-CSRF-Token", "t1"}, {"Origin", "http://trade.example.org"}, {"Sec-Fetch-Site", "same-origin"}}), Allowed);
  EXPECT_EQ(judge({}), BadToken);
  EXPECT_EQ(judge({{"X-CSRF-Token", ""}}), BadToken);
  EXPECT_EQ(judge({{"X-CSRF-Token", "t2"}}), BadToken);
  EXPECT_EQ(judge({{"X-CSRF-Token", "t1"}, {"X-CSRF-Token", "t1"}}), BadToken);
  EXPECT_EQ(judge({{"X-CSRF-Token", "t1"}}, false, "s2"), BadToken) << "another session's token";
  EXPECT_EQ(judge({{"X-CSRF-Token", "t1"}}, false, ""), BadToken) << "login without a pre-session";
  for (const char* origin : {"null", "http://evil.example", "http://trade.example.org.evil.example", "http://trade.example.org:81",
                             "ftp://trade.example.org", "http://trade.example.org/x"}) {
    EXPECT_EQ(judge({{"X-CSRF-Token", "t1"}, {"Origin", origin}}), CrossSite) << origin;
  }
  for (const char* site : {"cross-site", "same-site", "garbage"}) {
    EXPECT_EQ(judge({{"X-CSRF-Token", "t1"}, {"Sec-Fetch-Site", site}}), CrossSite) << site;
  }
  EXPECT_EQ(judge({{"X-CSRF-Token", "t1"}, {"Origin", "http://trade.example.org"}}, true), CrossSite)
      << "a page without TLS on the same name";
  EXPECT_EQ(judge({{"X-CSRF-Token", "t1"}, {"Origin", "https://trade.example.org"}}, true), Allowed);
}

TEST(Cors, R23_ExactOriginsAndNothingElse) {
  CorsSettings settings{.enabled = true, .origins = {"https://charts.example"}};
  const auto cors = Cors::create(settings).value();
  const auto preflight = [&](const char* origin, const char* method = "POST", const char* headers = "content-type, x-api-key",
                             const char* path = "/api/v1/quotes") {
    return cors.preflight(head_with({{"Origin", origin}, {"Access-Control-Request-Method", method}, {"Access-Control-Request-Headers", headers}},
                                    http::Method::Options, path));
  };
  const auto fine = preflight("https://charts.example");
  ASSERT_TRUE(fine);
  EXPECT_EQ(fine->status, 204);
  EXPECT_EQ(header_of(*fine, "Access-Control-Allow-Origin"), "https://charts.example");
  EXPECT_EQ(header_of(*fine, "Access-Control-Allow-Credentials"), "");
  for (const char* origin : {"https://evil.example", "http://charts.example", "https://charts.example.evil.example", "null",
                             "https://CHARTS.example", "https://charts.example:444"}) {
    const auto refused = preflight(origin);
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->status, 403) << origin;
    EXPECT_EQ(header_of(*refused, "Access-Control-Allow-Origin"), "") << origin;
  }
  EXPECT_EQ(preflight("https://charts.example", "DELETE")->status, 403);
  EXPECT_EQ(preflight("https://charts.example", "POST", "x-csrf-token")->status, 403);
  EXPECT_EQ(preflight("https://charts.example", "POST", "", "/auth/login")->status, 403) << "the console is never shared";
  EXPECT_FALSE(cors.preflight(head_with({{"Origin", "https://charts.example"}}, http::Method::Options)));

  http::Response stranger;
  cors.decorate(head_with({{"Origin", "https://evil.example"}}), stranger);
  EXPECT_EQ(header_of(stranger, "Access-Control-Allow-Origin"), "");
  EXPECT_EQ(header_of(stranger, "Vary"), "Origin");
  http::Response console;
  cors.decorate(head_with({{"Origin", "https://charts.example"}}, http::Method::Get, "/security/api/data"), console);
  EXPECT_EQ(header_of(console, "Access-Control-Allow-Origin"), "");
}

TEST(Cors, R23_NoWildcardWithCredentials) {
  EXPECT_FALSE(Cors::create({.enabled = true, .origins = {"*"}, .credentials = true}));
  EXPECT_TRUE(Cors::create({.enabled = true, .origins = {"*"}}));
  for (const char* wrong : {"charts.example", "https://", "https://a/b", "https://*.example", "javascript:alert(1)"}) {
    EXPECT_FALSE(Cors::create({.enabled = true, .origins = {wrong}})) << wrong;
  }
}

TEST(SecurityHeaders, R23_EveryReplyDefendsItsReader) {
  const auto headers = SecurityHeaders::create({}).value();
  http::Response plain;
  headers.decorate(false, plain);
  const std::string csp = header_of(plain, "Content-Security-Policy");
  EXPECT_NE(csp.find("default-src 'none'"), std::string::npos);
  EXPECT_NE(csp.find("frame-ancestors 'none'"), std::string::npos);
  EXPECT_NE(csp.find("report-uri /security/csp-report"), std::string::npos);
  EXPECT_EQ(csp.find("unsafe"), std::string::npos);
  EXPECT_EQ(header_of(plain, "X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(header_of(plain, "Cross-Origin-Opener-Policy"), "same-origin");
  EXPECT_EQ(header_of(plain, "Cross-Origin-Resource-Policy"), "same-origin");
  EXPECT_EQ(header_of(plain, "Cache-Control"), "no-store");
  EXPECT_EQ(header_of(plain, "Strict-Transport-Security"), "");
  http::Response secure;
  secure.with("Cache-Control", "public, max-age=31536000, immutable");
  headers.decorate(true, secure);
  EXPECT_NE(header_of(secure, "Strict-Transport-Security").find("max-age=63072000"), std::string::npos);
  EXPECT_EQ(header_of(secure, "Cache-Control"), "public, max-age=31536000, immutable");
}

TEST(SecurityHeaders, R23_ThePolicyCannotBeWeakened) {
  const auto refuses = [](std::string name, std::string sources) {
    SecurityHeaderSettings settings;
    settings.csp_directives.emplace(std::move(name), std::move(sources));
    return !SecurityHeaders::create(settings);
  };
  EXPECT_TRUE(refuses("script-src", "'self' 'unsafe-inline'"));
  EXPECT_TRUE(refuses("style-src", "'UNSAFE-inline'"));
  EXPECT_TRUE(refuses("script-src", "*"));
  EXPECT_TRUE(refuses("script-src", "data:"));
  EXPECT_TRUE(refuses("frame-ancestors", "'self'"));
  EXPECT_TRUE(refuses("img-src", "'self'; script-src *"));
  EXPECT_TRUE(refuses("img-src", "'self'\r\nX: y"));
  EXPECT_FALSE(refuses("img-src", "'self' https://logo.example"));
}

TEST(Refusals, TokensAreAClosedListThatTheManualShows) {
  std::set<std::string_view> tokens;
  for (const RefusalRow& row : refusal_table()) {
    EXPECT_TRUE(tokens.insert(row.token).second) << row.token;
    EXPECT_GE(row.status, 400);
    EXPECT_LT(row.status, 600);
  }
  EXPECT_EQ(row_of(Refusal::Banned).text, "Access Denied: Your IP has been banned");
  EXPECT_EQ(row_of(Refusal::MisdirectedHost).status, 421);
}

TEST(ErrorStatus, R14_StorageFailuresAreNeverAVerdictOnTheCaller) {
  for (const ErrorCode code : {ErrorCode::StorageFull, ErrorCode::StorageReadOnly, ErrorCode::StorageLocked,
                               ErrorCode::StorageCorrupt, ErrorCode::StorageFailed}) {
    EXPECT_EQ(http_status(code), 503);
    EXPECT_GT(retry_after_seconds(code), 0);
  }
  EXPECT_EQ(retry_after_seconds(ErrorCode::OutcomeUnknown), 0) << "an order is not sent again blindly";
}

}  // namespace
}  // namespace kavach::guard
