#include "guard/pipeline.h"

#include <gmock/gmock.h>

#include <stdexcept>

#include "core/task.h"
#include "crypto/hmac.h"
#include "crypto/sha256.h"
#include "guard/authentication.h"
#include "guard/steps.h"
#include "identity/api_keys.h"
#include "support/guard_fixture.h"
#include "support/scripted_credentials.h"

namespace kavach::guard {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using Outcome = KeyVerdict::Outcome;

struct Answer {
  std::string token;
  std::string route;
  std::string username;
  std::string attempted;
  int status{0};
  std::string key_id;
};

class Recorder final : public RequestObserver {
 public:
  void waited(std::size_t, Monotonic delay) override { delays.push_back(delay); }
  void turned_away(const IpAddress& peer) override { away.push_back(peer.text()); }
  void answered(const RequestRecord& record) override {
    answers.push_back({std::string{record.refusal}, std::string{record.route}, record.username,
                       std::string{record.attempted_key}, record.status, std::string{record.key_id}});
  }
  std::vector<Answer> answers;
  std::vector<Monotonic> delays;
  std::vector<std::string> away;
};

/// Every request passes through `admit` and `handle`, as the server does it.
struct PipelineTest : GuardFixture {
  PipelineTest() {
    using test::principal_of;
    credentials.keys["owner-key"] = {Outcome::Accepted, principal_of(7, "ada"), {}};
    credentials.keys["viewer-key"] = {Outcome::Accepted, principal_of(8, "eve", identity::Role::Viewer), {}};
    credentials.keys["exit-key"] = {Outcome::Accepted, principal_of(7, "ada"), {}};
    credentials.keys["exit-key"].principal.scopes = identity::scopes_of(identity::KeyScope::SquareOff);
    credentials.slow_keys["slow-key"] = credentials.keys["owner-key"];
    credentials.sessions["trader-cookie"] = {
        principal_of(7, "ada", identity::Role::Trader, identity::Credential::Session), "right-token"};
    credentials.sessions["viewer-cookie"] = {
        principal_of(8, "eve", identity::Role::Viewer, identity::Credential::Session), "right-token"};
  }

  static RefusalShape shape() {
    return {[](const Call&) { return http::Response::json(400, R"({"apikey":["Missing data."]})"); },
            [](const Call&) { return http::Response::json(403, R"({"message":"Invalid openalgo apikey"})"); }};
  }
  Route route(http::Method method, std::string path, Access access, RateClass rate, BodyKind body) {
    const bool is_session = is_for_sessions(access);
    const bool changes = method == http::Method::Post && access != Access::ReadKey;
    return {method, std::move(path),
            {.access = access, .rate = rate, .body = body, .body_bytes_max = 4096, .changes_state = changes,
             .csrf = is_session && changes ? Csrf::Required : Csrf::NotApplicable, .priority = Priority::Normal},
            [this](Call& call) -> Task<http::Response> {
              if (on_handle) on_handle(call);
              co_return http::Response::json(200, "{}");
            },
            is_for_keys(access) ? shape() : RefusalShape{}};
  }
  Routes routes() {
    using enum Access;
    using http::Method;
    return {route(Method::Post, "/api/v1/quotes", ReadKey, RateClass::Api, BodyKind::Json),
            route(Method::Get, "/api/v1/instruments", ReadKey, RateClass::Api, BodyKind::None),
            route(Method::Post, "/api/v1/placeorder", TradeKey, RateClass::Order, BodyKind::Json),
            route(Method::Post, "/api/v1/cancelorder", SquareOffKey, RateClass::Order, BodyKind::Json),
            route(Method::Post, "/orders", Session, RateClass::Order, BodyKind::Json),
            route(Method::Get, "/profile", Session, RateClass::ConsoleRead, BodyKind::None),
            route(Method::Get, "/users", OwnerSession, RateClass::ConsoleRead, BodyKind::None),
            route(Method::Get, "/health", Public, RateClass::Default, BodyKind::None)};
  }
  Pipeline& pipeline() {
    if (pipeline_) return *pipeline_;
    router.emplace(changed_routes.empty() ? routes() : std::move(changed_routes));
    PipelineParts parts;
    parts.connection_steps.push_back(std::make_unique<OverloadedStep>(*defences));
    parts.entry_steps.push_back(std::make_unique<PlaceStep>(*defences));
    parts.unrouted_steps.push_back(std::make_unique<UnroutedRateStep>(*defences));
    parts.head_steps.push_back(std::make_unique<AddressStep>(*defences));
    parts.head_steps.push_back(std::make_unique<BanStep>(*defences));
    parts.head_steps.push_back(std::make_unique<HostStep>(*defences, HostCheck{{"kavach.example"}}));
    parts.head_steps.push_back(std::make_unique<RouteStep>(*router, cors, std::uint16_t{0}));
    parts.head_steps.push_back(std::make_unique<SheddingStep>(*defences));
    parts.call_steps.push_back(std::make_unique<RateStep>(*defences));
    parts.call_steps.push_back(std::make_unique<AuthoriseStep>());
    parts.call_steps.push_back(std::make_unique<CsrfStep>(*defences));
    pipeline_.emplace(std::move(parts), credentials, recorder, clock, Logger::silent());
    return *pipeline_;
  }

  struct Ask {
    http::Method method{http::Method::Get};
    std::string path{"/health"};
    std::vector<http::Header> headers{};
    std::string body{};
    std::string query{};
    std::string from{"198.51.100.7"};
  };
  http::Response ask(Ask what) {
    http::Request request;
    request.method = what.method;
    request.method_text = http::name_of(what.method);
    request.path = what.path;
    request.query = what.query;
    request.headers = std::move(what.headers);
    request.headers.push_back({"Host", "kavach.example"});
    request.peer = ip(what.from);
    request.request_id = "00112233aabbccdd";
    if (auto refused = pipeline().admit(request)) return std::move(*refused);
    request.body = std::move(what.body);
    auto task = pipeline().handle(std::move(request), executor);
    task.start([] {});
    credentials.finish_verifying();
    return task.take();
  }
  http::Response post(std::string path, std::string body, std::vector<http::Header> headers = {},
                      std::string from = "198.51.100.7") {
    headers.push_back({"Content-Type", "application/json"});
    return ask({http::Method::Post, std::move(path), std::move(headers), std::move(body), {}, std::move(from)});
  }
  [[nodiscard]] const Answer& last() const { return recorder.answers.back(); }

  InlineExecutor executor;
  test::ScriptedCredentials credentials;
  Recorder recorder;
  Cors cors = std::move(*Cors::create({}));
  std::function<void(Call&)> on_handle;
  Routes changed_routes;
  std::optional<Router> router;
  std::optional<Pipeline> pipeline_;
};

TEST_F(PipelineTest, AnAcceptedCallIsRecordedWithItsUserAndNoRefusal) {
  std::string user;
  on_handle = [&](Call& call) { user = call.principal.username; };
  EXPECT_EQ(post("/api/v1/quotes", R"({"apikey":"owner-key"})").status, 200);
  EXPECT_EQ(user, "ada");
  EXPECT_EQ(last().token, "");
  EXPECT_EQ(last().route, "/api/v1/quotes");
  EXPECT_EQ(last().username, "ada");
}

TEST_F(PipelineTest, R10TheKeyIsGoneBeforeAHandlerSeesTheCall) {
  bool called = false;
  on_handle = [&](Call& call) {
    called = true;
    EXPECT_EQ(call.json_body().at("apikey").as_string(), "authenticated");
    EXPECT_TRUE(call.request.body.empty());
    for (const auto& header : call.request.headers) EXPECT_THAT(header.value, Not(HasSubstr("owner-key")));
  };
  EXPECT_EQ(post("/api/v1/quotes", R"({"apikey":"owner-key","symbol":"SBIN"})", {{"X-Api-Key", "owner-key"}}).status, 200);
  EXPECT_EQ(post("/api/v1/quotes", R"({"symbol":"SBIN"})", {{"x-api-key", "owner-key"}}).status, 200);
  on_handle = [&](Call& call) {
    EXPECT_EQ(call.request.query, "exchange=NSE&limit=5");
    EXPECT_FALSE(call.request.has_query("apikey"));
  };
  EXPECT_EQ(ask({.path = "/api/v1/instruments", .query = "exchange=NSE&%61pikey=owner-key&limit=5"}).status, 200);
  EXPECT_TRUE(called);
}

TEST_F(PipelineTest, AKeyNotYetSeenByThisProcessIsVerified) {
  EXPECT_EQ(post("/api/v1/quotes", R"({"apikey":"slow-key"})").status, 200);
  EXPECT_EQ(last().username, "ada");
}

TEST_F(PipelineTest, R11AKeyInTheAddressIsRefusedAndNoted) {
  const auto reply = ask({.method = http::Method::Post,
                          .path = "/api/v1/quotes",
                          .body = R"({"apikey":"owner-key"})",
                          .query = "apikey=owner-key"});
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(last().token, "key_in_query");
  EXPECT_THAT(credentials.exposed, ElementsAre("owner-key"));
}

TEST_F(PipelineTest, RefusalsOfAKeyHaveTheRoutesShape) {
  for (const char* body : {"{}", R"({"apikey":7})", R"({"apikey":""})", R"({"apikey":null})"}) {
    EXPECT_EQ(post("/api/v1/quotes", body).body, R"({"apikey":["Missing data."]})") << body;
    EXPECT_EQ(last().token, "missing_credential");
  }
  EXPECT_EQ(post("/api/v1/quotes", R"({"apikey":")" + std::string(300, 'a') + "\"}").status, 400);
  const auto wrong = post("/api/v1/quotes", R"({"apikey":"guess"})");
  EXPECT_EQ(wrong.status, 403);
  EXPECT_EQ(wrong.body, R"({"message":"Invalid openalgo apikey"})");
  EXPECT_EQ(last().token, "invalid_api_key");
  EXPECT_EQ(last().attempted, "digest of guess");
  EXPECT_EQ(last().username, "");
}

TEST_F(PipelineTest, R14WhenNobodyCanSayWhoAsksNobodyIsAccused) {
  credentials.keys["owner-key"].outcome = Outcome::Unavailable;
  const auto reply = post("/api/v1/quotes", R"({"apikey":"owner-key"})");
  EXPECT_EQ(reply.status, 503);
  EXPECT_THAT(reply.headers, testing::Contains(testing::Field(&http::Header::name, "Retry-After")));
  EXPECT_EQ(last().token, "storage_unavailable");
  credentials.keys["owner-key"].outcome = Outcome::Busy;
  EXPECT_EQ(post("/api/v1/quotes", R"({"apikey":"owner-key"})").status, 503);
  EXPECT_EQ(last().token, "overloaded");
}

TEST_F(PipelineTest, R20AFloodOfStrangersDoesNotUseTheOwnersRate) {
  int refused = 0;
  for (int i = 0; i < 2'000 && refused == 0; ++i) {
    refused = post("/api/v1/quotes", R"({"apikey":"guess"})").status == 429 ? i : 0;
  }
  ASSERT_GT(refused, 0);
  EXPECT_EQ(last().token, "address_rate_limited");
  EXPECT_EQ(post("/api/v1/quotes", R"({"apikey":"owner-key"})").status, 200) << "from the same address";
}

TEST_F(PipelineTest, R20BrokenBodiesAndKeysFromTheWrongPlaceAreCountedByAddress) {
  credentials.keys["owner-key"].outcome = Outcome::AddressRefused;
  for (const char* body : {"{", R"({"apikey":"owner-key"})"}) {
    const std::string from = body[1] == 0 ? "198.51.100.8" : "198.51.100.9";
    int status = 0;
    for (int i = 0; i < 2'000 && status != 429; ++i) status = post("/api/v1/quotes", body, {}, from).status;
    EXPECT_EQ(status, 429) << body;
  }
  credentials.keys["owner-key"].outcome = Outcome::Accepted;
  EXPECT_EQ(post("/api/v1/quotes", R"({"apikey":"owner-key"})").status, 200);
}

TEST_F(PipelineTest, R11TheRecordSaysWhoseKeyWasNotAccepted) {
  for (const Outcome outcome : {Outcome::AddressRefused, Outcome::Expired}) {
    credentials.keys["owner-key"].outcome = outcome;
    EXPECT_EQ(post("/api/v1/quotes", R"({"apikey":"owner-key"})").status, 403);
    EXPECT_EQ(last().key_id, "k_ada");
    EXPECT_EQ(last().username, "") << "whoever shows it is not known to be her";
  }
  post("/api/v1/quotes", R"({"apikey":"guess"})");
  EXPECT_EQ(last().key_id, "");
}

TEST_F(PipelineTest, R20WhatHasNoRouteHasARateOfItsOwn) {
  int status = 0;
  int asked = 0;
  for (; asked < 100 && status != 429; ++asked) status = ask({.path = "/nowhere"}).status;
  EXPECT_EQ(asked, 61) << "60 per minute";
  EXPECT_EQ(last().token, "address_rate_limited");
  EXPECT_EQ(ask({.method = http::Method::Delete}).status, 429) << "a wrong method counts with it";
  EXPECT_EQ(ask({.method = http::Method::Options, .path = "/api/v1/quotes",
                 .headers = {{"Origin", "https://evil.example"}, {"Access-Control-Request-Method", "POST"}}})
                .status,
            429);
  const auto api = post("/api/v1/nowhere", "{}");
  EXPECT_EQ(api.body, R"({"message":"60 per 1 minute"})") << "in the contract's words";
  EXPECT_THAT(api.headers, testing::Contains(testing::Field(&http::Header::name, "Retry-After")));
  EXPECT_EQ(ask({}).status, 200) << "what has a route has another bucket";
  EXPECT_EQ(ask({.path = "/nowhere", .from = "198.51.100.8"}).status, 404) << "and so has somebody else";
  clock.advance(std::chrono::minutes{1});
  EXPECT_EQ(ask({.path = "/nowhere"}).status, 404);
}

TEST_F(PipelineTest, R20HeadsThatBreakHttpMeetTheSameRate) {
  int status = 0;
  int sent = 0;
  for (; sent < 100 && status != 429; ++sent) {
    http::Response refusal = http::Response::json(400, "{}");
    pipeline().refused(ip("198.51.100.7"), "header_name", refusal);
    status = refusal.status;
    EXPECT_EQ(last().token, status == 429 ? "address_rate_limited" : "header_name");
  }
  EXPECT_EQ(sent, 61);
}

TEST_F(PipelineTest, AFloodCostsStrangersTheirConnectionsAndNotTheOwnerHis) {
  for (int i = 0; i < 200; ++i) {
    for (int j = 0; j < 5; ++j) static_cast<void>(defences->shedder.admits(Priority::Normal, Standing::Stranger));
    pipeline().observe_waiting(0, std::chrono::seconds{1});
    defences->observe_waiting(0, std::chrono::seconds{1});
    clock.advance(std::chrono::milliseconds{10});
  }
  EXPECT_EQ(recorder.delays.size(), 200U);
  ASSERT_GE(defences->shedder.level(), 8);
  int taken = 0;
  for (int i = 0; i < 100; ++i) taken += pipeline().admit_connection(ip("203.0.113.9")) ? 1 : 0;
  EXPECT_LE(taken, 5);
  EXPECT_GE(recorder.away.size(), 95U);
  EXPECT_EQ(post("/api/v1/quotes", R"({"apikey":"owner-key"})").status, 503) << "he has not shown himself here yet";
  int refused = 0;
  do {
    refused += post("/api/v1/quotes", R"({"apikey":"owner-key"})").status == 503 ? 1 : 0;
  } while (last().username != "ada" && refused < 100);
  EXPECT_GT(refused, 5) << "he has not shown himself here yet";
  ASSERT_EQ(last().username, "ada") << "some of everything passes";
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(pipeline().admit_connection(ip("198.51.100.7")));
}

TEST_F(PipelineTest, R22SlowBodiesTakeNobodysPlace) {
  std::vector<http::Request> uploading(6'000);
  for (http::Request& request : uploading) {
    request.method = http::Method::Post;
    request.method_text = "POST";
    request.path = "/api/v1/quotes";
    request.headers = {{"Host", "kavach.example"}};
    request.peer = ip("203.0.113.9");
    EXPECT_FALSE(pipeline().admit(request));  // the head has come, the body never will
  }
  EXPECT_EQ(defences->shedder.in_flight(), 0);
  std::int64_t during = -1;
  on_handle = [&](Call&) { during = defences->shedder.in_flight(); };
  EXPECT_EQ(post("/api/v1/quotes", R"({"apikey":"owner-key"})").status, 200);
  EXPECT_EQ(during, 1) << "a request being handled has its place";
  EXPECT_EQ(defences->shedder.in_flight(), 0);
}

TEST_F(PipelineTest, AHandlersOwnRefusalIsRecordedByItsToken) {
  auto routes = this->routes();
  routes.back().handle = [](Call&) -> Task<http::Response> {
    auto response = http::Response::json(403, "{}");
    response.refusal = row_of(Refusal::StepUpRequired).token;
    co_return response;
  };
  changed_routes = std::move(routes);
  EXPECT_EQ(ask({}).status, 403);
  EXPECT_EQ(last().token, "step_up_required");
}

TEST_F(PipelineTest, R8AViewerReadsAndDoesNotTrade) {
  EXPECT_EQ(post("/api/v1/quotes", R"({"apikey":"viewer-key"})").status, 200);
  EXPECT_EQ(post("/api/v1/placeorder", R"({"apikey":"viewer-key"})").status, 403);
  EXPECT_EQ(last().token, "out_of_scope");
  const std::vector<http::Header> viewer{{"Cookie", "session=viewer-cookie"}, {"X-CSRF-Token", "right-token"}};
  EXPECT_EQ(ask({.path = "/profile", .headers = viewer}).status, 200);
  EXPECT_EQ(post("/orders", "{}", viewer).status, 403);
  EXPECT_EQ(last().token, "out_of_scope");
}

TEST_F(PipelineTest, R11ASquareOffKeyReadsAndGetsOutAndAnythingElseIsAnOffence) {
  EXPECT_EQ(post("/api/v1/quotes", R"({"apikey":"exit-key"})").status, 200);
  EXPECT_EQ(post("/api/v1/cancelorder", R"({"apikey":"exit-key"})").status, 200);
  EXPECT_EQ(post("/api/v1/cancelorder", R"({"apikey":"owner-key"})").status, 200);
  bool handled = false;
  on_handle = [&](Call&) { handled = true; };
  const auto refused = post("/api/v1/placeorder", R"({"apikey":"exit-key"})");
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(last().token, "out_of_scope");
  EXPECT_EQ(last().username, "ada");
  EXPECT_EQ(last().key_id, "k_ada");
  EXPECT_EQ(refused.body, post("/api/v1/placeorder", R"({"apikey":"viewer-key"})").body) << "as any key that may not";
  EXPECT_EQ(post("/api/v1/cancelorder", R"({"apikey":"viewer-key"})").status, 403);
  EXPECT_EQ(last().token, "out_of_scope");
  EXPECT_FALSE(handled);
}

TEST_F(PipelineTest, R11ACredentialWithoutAnyScopeDoesNothing) {
  credentials.keys["bare-key"] = credentials.keys["owner-key"];
  credentials.keys["bare-key"].principal.scopes = {};
  for (const char* path : {"/api/v1/quotes", "/api/v1/cancelorder", "/api/v1/placeorder"}) {
    EXPECT_EQ(post(path, R"({"apikey":"bare-key"})").status, 403) << path;
    EXPECT_EQ(last().token, "out_of_scope") << path;
  }
}

TEST_F(PipelineTest, ASessionIsAskedForWhereTheRouteWantsOne) {
  EXPECT_EQ(ask({.path = "/profile"}).status, 401);
  EXPECT_EQ(last().token, "missing_credential");
  EXPECT_EQ(ask({.path = "/profile", .headers = {{"Cookie", "session=gone"}}}).status, 401);
  EXPECT_EQ(last().token, "session_expired");
  EXPECT_EQ(ask({.path = "/profile", .headers = {{"X-API-KEY", "owner-key"}}}).status, 401) << "a key is no session";
  EXPECT_EQ(ask({.path = "/users", .headers = {{"Cookie", "session=trader-cookie"}}}).status, 403);
  EXPECT_EQ(last().token, "owner_only");
  EXPECT_EQ(ask({.path = "/api/v1/instruments", .headers = {{"Cookie", "session=trader-cookie"}}}).status, 400)
      << "a session is no key";
}

TEST_F(PipelineTest, R23WhatASessionChangesNeedsItsTokenAndOurOwnPage) {
  const auto order = [&](std::vector<http::Header> more) {
    more.push_back({"Cookie", "session=trader-cookie"});
    return post("/orders", "{}", std::move(more)).status;
  };
  EXPECT_EQ(order({{"X-CSRF-Token", "right-token"}}), 200);
  EXPECT_EQ(order({}), 403);
  EXPECT_EQ(last().token, "csrf");
  EXPECT_EQ(order({{"X-CSRF-Token", "wrong-token"}}), 403);
  EXPECT_EQ(order({{"X-CSRF-Token", "right-token"}, {"Sec-Fetch-Site", "cross-site"}}), 403);
  EXPECT_EQ(last().token, "cross_site");
  EXPECT_EQ(order({{"X-CSRF-Token", "right-token"}, {"Origin", "http://evil.example"}}), 403);
  EXPECT_EQ(order({{"X-CSRF-Token", "right-token"}, {"Origin", "http://kavach.example"}}), 200);
  const auto form = ask({.method = http::Method::Post,
                         .path = "/orders",
                         .headers = {{"Content-Type", "text/plain"}, {"Cookie", "session=trader-cookie"}},
                         .body = "{}"});
  EXPECT_EQ(form.status, 415) << "what a form can send without asking first";
}

TEST_F(PipelineTest, ABannedAddressAndAStrangeHostEndAtTheHead) {
  EXPECT_EQ(ask({.headers = {}, .from = "198.51.100.7"}).status, 200);
  for (int i = 0; i < 1'000; ++i) offend(OffenceKind::WebSocketAbuse, ip("198.51.100.7"));
  EXPECT_EQ(ask({}).status, 403);
  EXPECT_EQ(last().token, "banned");
  EXPECT_EQ(ask({.path = "/wp-login.php", .from = "198.51.100.8"}).status, 404);
  EXPECT_EQ(last().token, "not_found");
  EXPECT_EQ(last().route, "-");
  EXPECT_EQ(ask({.method = http::Method::Delete, .from = "198.51.100.8"}).status, 405);
}

TEST_F(PipelineTest, AStrayExceptionTellsTheClientARequestIdAndNothingElse) {
  on_handle = [](Call&) { throw std::runtime_error{"/var/lib/kavach/secret path"}; };
  const auto reply = ask({});
  EXPECT_EQ(reply.status, 500);
  EXPECT_THAT(reply.body, HasSubstr("00112233aabbccdd"));
  EXPECT_THAT(reply.body, Not(HasSubstr("secret")));
  EXPECT_EQ(last().token, "internal");
  EXPECT_EQ(last().status, 500);
}

struct SignedPipelineTest : PipelineTest {
  SignedPipelineTest() { credentials.signing.insert("k_ada"); }
  const std::string body = R"({"apikey":"owner-key","symbol":"SBIN"})";
};

TEST_F(SignedPipelineTest, R13WhatWasSentIsWhatIsChecked) {
  EXPECT_EQ(post("/api/v1/quotes", body, {{"X-Timestamp", "1814240700"}, {"X-Nonce", "nonce-0123456789"}, {"X-Signature", "ab"}})
                .status,
            200);
  ASSERT_EQ(credentials.signatures.size(), 1U);
  const auto& checked = credentials.signatures[0];
  EXPECT_EQ(checked.method, "POST");
  EXPECT_EQ(checked.path, "/api/v1/quotes");
  EXPECT_EQ(checked.body_digest, crypto::sha256_hex(body)) << "of the body as sent, with its key";
  EXPECT_EQ(checked.timestamp, "1814240700");
  EXPECT_EQ(checked.nonce, "nonce-0123456789");
  EXPECT_EQ(checked.signature, "ab");
  EXPECT_EQ(ask({.path = "/api/v1/instruments", .headers = {{"X-API-KEY", "owner-key"}}, .query = "exchange=NSE"}).status, 200);
  EXPECT_EQ(credentials.signatures[1].path, "/api/v1/instruments?exchange=NSE");
}

TEST_F(SignedPipelineTest, R13ABadSignatureStopsTheCallAndCostsTheOwnerNothing) {
  bool called = false;
  on_handle = [&](Call&) { called = true; };
  credentials.signature = fail(ErrorCode::Unauthenticated, "wrong");
  EXPECT_EQ(post("/api/v1/quotes", body).status, 401);
  EXPECT_EQ(last().token, "bad_signature");
  EXPECT_EQ(last().username, "");
  int status = 0;
  for (int i = 0; i < 2'000 && status != 429; ++i) status = post("/api/v1/quotes", body).status;
  EXPECT_EQ(last().token, "address_rate_limited");
  EXPECT_FALSE(called);
  credentials.signature = {};
  EXPECT_EQ(post("/api/v1/quotes", body).status, 200);
}

TEST_F(SignedPipelineTest, R14AStoreThatCannotRememberANonceIsNoBadSignature) {
  credentials.signature = fail(ErrorCode::StorageFull, "disk");
  EXPECT_EQ(post("/api/v1/quotes", body).status, 503);
  EXPECT_EQ(last().token, "storage_unavailable");
}

TEST_F(SignedPipelineTest, R13OtherKeysNeedNoSignature) {
  EXPECT_EQ(post("/api/v1/quotes", R"({"apikey":"viewer-key"})").status, 200);
  EXPECT_TRUE(credentials.signatures.empty());
}

TEST_F(SignedPipelineTest, R13TheManualsExampleIsRight) {
  const identity::SignedRequest request{"POST", "/api/v1/quotes", crypto::sha256_hex(R"({"apikey":"k","symbol":"SBIN"})"),
                                        "1814240700", "0123456789abcdef", {}};
  EXPECT_EQ(crypto::HmacSha256{Secret{"correct-horse-battery-staple"}}.hex(identity::signed_text(request)),
            "e732941e076ac81a3e297e3e8465993f68269207d4c4542be92561ad65ac13e0");
}

// The order of things, with steps that only write down that they were asked.
struct OrderTest : PipelineTest {
  struct Head final : HeadStep {
    Head(OrderTest& owner, std::string is) : test{owner}, name{std::move(is)} {}
    std::optional<Refused> judge(const http::RequestHead&, Passage& passage) override {
      passage.match.route = &test.only;
      return test.note<Refused>(name, [] { return refuse(Refusal::Banned); });
    }
    OrderTest& test;
    std::string name;
  };
  struct Step final : CallStep {
    Step(OrderTest& owner, std::string is) : test{owner}, name{std::move(is)} {}
    std::optional<Refused> judge(Call&, const Route&) override {
      return test.note<Refused>(name, [] { return refuse(Refusal::OutOfScope); });
    }
    OrderTest& test;
    std::string name;
  };
  struct Finish final : ReplyStep {
    explicit Finish(OrderTest& owner) : test{owner} {}
    void finish(const http::RequestHead&, const Passage&, http::Response& response) override {
      response.with("X-Finished", "yes");
      test.log.emplace_back("finish");
    }
    OrderTest& test;
  };

  OrderTest() {
    PipelineParts parts;
    parts.head_steps.push_back(std::make_unique<Head>(*this, "head 1"));
    parts.head_steps.push_back(std::make_unique<Head>(*this, "head 2"));
    parts.call_steps.push_back(std::make_unique<Step>(*this, "call 1"));
    parts.call_steps.push_back(std::make_unique<Step>(*this, "call 2"));
    parts.reply_steps.push_back(std::make_unique<Finish>(*this));
    pipeline_.emplace(std::move(parts), credentials, recorder, clock, Logger::silent());
    on_handle = [this](Call&) { log.emplace_back("handler"); };
  }
  template <class T, class Make>
  std::optional<T> note(const std::string& name, Make make) {
    log.push_back(name);
    if (name != refusing) return std::nullopt;
    return make();
  }
  std::vector<std::string> run(std::string who, std::string key = "owner-key") {
    refusing = std::move(who);
    log.clear();
    post("/api/v1/quotes", R"({"apikey":")" + key + "\"}");
    return log;
  }

  Route only = route(http::Method::Post, "/api/v1/quotes", Access::ReadKey, RateClass::Api, BodyKind::Json);
  std::string refusing;
  std::vector<std::string> log;
};

TEST_F(OrderTest, EachStepIsAskedOnceInOrderAndTheFirstRefusalEndsIt) {
  EXPECT_THAT(run("nobody"), ElementsAre("head 1", "head 2", "call 1", "call 2", "handler", "finish"));
  EXPECT_EQ(last().token, "");
  EXPECT_THAT(run("head 1"), ElementsAre("head 1", "finish"));
  EXPECT_EQ(last().token, "banned");
  EXPECT_THAT(run("head 2"), ElementsAre("head 1", "head 2", "finish"));
  EXPECT_THAT(run("call 1"), ElementsAre("head 1", "head 2", "call 1", "finish"));
  EXPECT_EQ(last().token, "out_of_scope");
  EXPECT_THAT(run("call 2"), ElementsAre("head 1", "head 2", "call 1", "call 2", "finish"));
  EXPECT_EQ(recorder.answers.size(), 5U) << "one record each";
}

TEST_F(OrderTest, WhatAuthenticationRefusesIsStillCountedByTheRate) {
  EXPECT_THAT(run("nobody", "guess"), ElementsAre("head 1", "head 2", "call 1", "finish"));
  EXPECT_EQ(last().token, "invalid_api_key");
  run("call 1", "guess");
  EXPECT_EQ(last().token, "out_of_scope") << "the rate's word comes first";
}

TEST_F(OrderTest, ARefusalOfTheServerIsFinishedAndRecordedToo) {
  http::Response refusal = http::Response::text(400, "Bad request");
  pipeline().refused(ip("198.51.100.7"), "head_too_large", refusal);
  EXPECT_THAT(log, ElementsAre("finish"));
  EXPECT_EQ(refusal.headers.size(), 1U);
  EXPECT_EQ(last().token, "head_too_large");
}

}  // namespace
}  // namespace kavach::guard
