#include "console/auth_routes.h"

#include "core/text.h"
#include "crypto/totp.h"
#include "guard/csrf.h"
#include "guard/router.h"
#include "identity/house.h"
#include "identity/software_authenticator.h"

namespace kavach::console {
namespace {

using identity::block_on;
using identity::test::House;
using std::chrono::minutes;
using std::chrono::seconds;

/// A browser before the real routes and services; what the pipeline does around them is done here.
class Browser {
 public:
  Browser(AuthServices& services, const guard::Router& router) : services_{services}, router_{router} {}

  std::map<std::string, std::string, std::less<>> cookies;
  std::string csrf;
  std::string origin{"http://127.0.0.1:5000"};
  std::string site{"same-origin"};

  http::Response send(http::Method method, std::string_view path, std::string body = "{}") {
    const auto routing = router_.find(method, path);
    if (!std::holds_alternative<guard::RouteMatch>(routing)) return http::Response::text(404, "");
    const auto& match = std::get<guard::RouteMatch>(routing);
    guard::Call call;
    call.request.method = method;
    call.request.path = path;
    call.request.body = std::move(body);
    call.request.headers = {{"Host", "127.0.0.1:5000"}, {"Origin", origin}, {"Sec-Fetch-Site", site},
                            {"User-Agent", "Firefox/130.0 Linux"}, {"X-CSRF-Token", csrf}, {"Cookie", cookie_header()}};
    call.client = identity::test::kHome;
    call.path_values = match.values;
    call.executor = &executor_;
    if (match.route->policy.body == guard::BodyKind::Json) call.body = *parse_json(call.request.body);
    if (const auto active = services_.sessions.find(cookies[services_.cookies.session])) {
      call.principal = active->principal;
      call.csrf_token = active->csrf_token;
    }
    if (auto refused = guarded(call, *match.route)) return std::move(*refused);
    auto response = block_on(match.route->handle(call));
    take_cookies(response);
    return response;
  }
  http::Response post(std::string_view path, std::string body = "{}") {
    return send(http::Method::Post, path, std::move(body));
  }
  json::object get(std::string_view path) { return data(send(http::Method::Get, path)); }
  void fetch_csrf() {
    csrf = std::string{parse_json(send(http::Method::Get, "/auth/csrf-token").body)->at("csrf_token").as_string()};
  }
  static json::object data(const http::Response& response) {
    const auto parsed = parse_json(response.body);
    const auto* found = parsed->get_object().if_contains("data");
    return found != nullptr && found->is_object() ? found->get_object() : json::object{};
  }
  static std::string reason(const http::Response& response) {
    const auto object = data(response);
    const auto* found = object.if_contains("reason");
    return found != nullptr ? std::string{found->get_string()} : std::string{};
  }

 private:
  std::optional<http::Response> guarded(const guard::Call& call, const guard::Route& route) {
    if (route.policy.access == guard::Access::Public) return std::nullopt;
    if (call.principal.is_anonymous()) return http::Response::text(401, "");
    if (route.policy.access == guard::Access::OwnerSession && call.principal.role != identity::Role::Owner) {
      return http::Response::text(403, "");
    }
    const guard::CsrfCheck check{[&](std::string_view, std::string_view token) { return token == call.csrf_token; }};
    if (route.policy.csrf == guard::Csrf::Required &&
        check.judge(call.request, false, call.principal.credential_id) != guard::CsrfVerdict::Allowed) {
      return http::Response::text(403, R"({"data":{"reason":"csrf"}})");
    }
    return std::nullopt;
  }
  std::string cookie_header() const {
    std::string header;
    for (const auto& [name, value] : cookies) header += (header.empty() ? "" : "; ") + name + "=" + value;
    return header;
  }
  void take_cookies(const http::Response& response) {
    for (const auto& header : response.headers) {
      if (header.name != "Set-Cookie") continue;
      EXPECT_TRUE(header.value.contains("; HttpOnly; SameSite=Lax")) << header.value;
      const auto equals = header.value.find('=');
      const auto end = header.value.find(';');
      const std::string value = header.value.substr(equals + 1, end - equals - 1);
      if (value.empty()) {
        cookies.erase(header.value.substr(0, equals));
      } else {
        cookies[header.value.substr(0, equals)] = value;
      }
    }
  }

  AuthServices& services_;
  const guard::Router& router_;
  InlineExecutor executor_;
};

class AuthRoutesTest : public testing::Test {
 protected:
  test::TemporaryFolder folder;
  ManualClock clock{identity::test::market_open()};
  House house{folder, clock};
  identity::LoginCsrf login_csrf{house.ring};
  identity::Passkeys passkeys{{*house.database, house.audit, house.users, house.ring, clock, house.random,
                               identity::RelyingParty::from("http://127.0.0.1:5000")}};
  identity::Mailer mailer{{*house.database, house.audit, house.cipher, clock, house.random, Logger::silent()}};
  identity::PasswordReset reset{{house.users, house.accounts, house.tokens, house.factors, passkeys, house.throttle, mailer,
                                 house.audit, Logger::silent(), "http://127.0.0.1:5000"}};
  identity::LoginService login{{house.users, house.sessions, house.factors, house.hashing, house.throttle, house.devices,
                                house.audit, clock, house.random,
                                [this](identity::UserId user) { return passkeys.has_any(user); }}};
  AuthServices services{house.users, house.sessions, house.api_keys, house.factors, house.accounts, house.setup, login,
                        passkeys, reset, mailer, login_csrf, identity::CookieNames{false}, clock, house.random, {}};
  guard::Router router{all_routes()};
  Browser browser{services, router};

  guard::Routes all_routes() {
    guard::Routes routes = auth_routes(services);
    for (auto more : {user_routes(services), apikey_routes(services), mail_routes(services)}) {
      routes.insert(routes.end(), more.begin(), more.end());
    }
    return routes;
  }
  static std::string credentials(std::string_view user, std::string_view password = identity::test::kGood) {
    std::string body;
    JsonWriter{body}.object().field("username", user).field("password", password).end();
    return body;
  }
  /// The signed-in user gets a passkey; its id.
  std::string add_passkey(identity::test::SoftwareAuthenticator& authenticator) {
    authenticator.origin = "http://localhost:5000";
    authenticator.party_id = "localhost";
    const auto challenge = challenge_in(browser.post("/auth/passkeys/options"));
    const auto added = browser.post("/auth/passkeys", with_credential(authenticator.register_for(challenge), "name", "laptop"));
    EXPECT_EQ(added.status, 200) << added.body;
    browser.fetch_csrf();
    return std::string{Browser::data(added).at("id").as_string()};
  }
  static std::string challenge_in(const http::Response& options) {
    return std::string{Browser::data(options).at("publicKey").at("challenge").as_string()};
  }
  static std::string with_credential(const json::object& credential, std::string_view name, std::string_view value) {
    std::string body;
    JsonWriter{body}.object().field(name, value).field("credential", json::value(credential)).end();
    return body;
  }
  void sign_in(std::string_view user) {
    browser.fetch_csrf();
    ASSERT_EQ(browser.post("/auth/login", credentials(user)).status, 200);
    browser.fetch_csrf();
  }
  std::string session_cookie() { return browser.cookies[services.cookies.session]; }
};

TEST_F(AuthRoutesTest, R6SetupLoginKeyAndLogoutEndToEnd) {
  EXPECT_TRUE(browser.get("/auth/check-setup").at("needs_setup").as_bool());
  const auto token = block_on(house.setup.prepare(house.executor));
  browser.fetch_csrf();
  std::string body;
  JsonWriter{body}.object().field("username", "ada").field("email", "ada@example.org")
      .field("password", identity::test::kGood).field("setup_token", (*token)->reveal()).end();
  EXPECT_EQ(browser.post("/auth/setup", body).status, 200);
  EXPECT_EQ(browser.post("/auth/setup", body).status, 409);
  EXPECT_FALSE(browser.get("/auth/check-setup").at("needs_setup").as_bool());
  sign_in("ada");
  const auto status = browser.get("/auth/session-status");
  EXPECT_EQ(status.at("role").as_string(), "owner");
  EXPECT_EQ(status.at("expires_at").as_string(), "2027-06-29T22:00:00.000000Z");
  const auto made = browser.post("/apikey", R"({"name":"bot","scope":"trade","expires_days":30,"allow":["10.0.0.0/8"]})");
  ASSERT_EQ(made.status, 200) << made.body;
  const std::string key{Browser::data(made).at("api_key").as_string()};
  EXPECT_EQ(house.api_keys.find(key, *IpAddress::parse("10.1.1.1")).outcome, identity::KeyCheck::Outcome::Accepted);
  const auto listed = browser.send(http::Method::Get, "/apikey");
  EXPECT_FALSE(listed.body.contains(key));
  EXPECT_TRUE(listed.body.contains(R"("status":"active")"));
  EXPECT_EQ(browser.send(http::Method::Delete, "/apikey/k_1").status, 200);
  EXPECT_EQ(house.api_keys.find(key, *IpAddress::parse("10.1.1.1")).outcome, identity::KeyCheck::Outcome::Revoked);
  const auto stolen = session_cookie();
  EXPECT_EQ(browser.post("/auth/logout").status, 200);
  EXPECT_FALSE(house.sessions.find(stolen));
  browser.cookies[services.cookies.session] = stolen;
  EXPECT_EQ(browser.send(http::Method::Get, "/auth/session-status").status, 401);
}

TEST_F(AuthRoutesTest, R23AForeignPageCannotSignAnybodyIn) {
  house.add("ada");
  EXPECT_EQ(Browser::reason(browser.post("/auth/login", credentials("ada"))), "csrf");
  browser.fetch_csrf();
  const auto token = browser.csrf;
  browser.csrf = std::string(64, 'a');
  EXPECT_EQ(Browser::reason(browser.post("/auth/login", credentials("ada"))), "csrf");
  browser.csrf = token;
  browser.site = "cross-site";
  EXPECT_EQ(browser.post("/auth/login", credentials("ada")).status, 403);
  browser.site = "same-origin";
  browser.origin = "https://evil.example.org";
  EXPECT_EQ(browser.post("/auth/login", credentials("ada")).status, 403);
  browser.origin = "http://127.0.0.1:5000";
  EXPECT_EQ(browser.post("/auth/login", credentials("ada")).status, 200);
}

TEST_F(AuthRoutesTest, R2RefusalsAreIdenticalByteForByte) {
  house.add("ada");
  const auto eve = house.add("eve");
  EXPECT_OK(block_on(house.accounts.set_enabled(eve, false, identity::Actor{}, house.executor)));
  browser.fetch_csrf();
  const auto unknown = browser.post("/auth/login", credentials("nobody"));
  for (const auto& other : {browser.post("/auth/login", credentials("ada", "wrong password 12")),
                            browser.post("/auth/login", credentials("eve"))}) {
    EXPECT_EQ(other.status, unknown.status);
    EXPECT_EQ(other.body, unknown.body);
    EXPECT_EQ(other.headers.size(), unknown.headers.size());
  }
  EXPECT_EQ(unknown.status, 401);
}

TEST_F(AuthRoutesTest, R3APlantedSessionCookieIsNotAdopted) {
  house.add("ada");
  browser.cookies[services.cookies.session] = std::string(43, 'P');
  sign_in("ada");
  EXPECT_NE(session_cookie(), std::string(43, 'P'));
  const auto first = session_cookie();
  EXPECT_EQ(browser.post("/auth/login", credentials("ada")).status, 200);
  EXPECT_FALSE(house.sessions.find(first)) << "the browser's former session ends with a new login";
}

TEST_F(AuthRoutesTest, R8SensitiveChangesNeedAFreshProofAndRotateTheToken) {
  house.add("ada", identity::Role::Owner);
  sign_in("ada");
  clock.advance(minutes{6});
  const std::string key = R"({"name":"bot","scope":"read"})";
  EXPECT_EQ(Browser::reason(browser.post("/apikey", key)), "step_up_required");
  EXPECT_EQ(Browser::reason(browser.post("/auth/2fa/configure", R"({"action":"begin"})")), "step_up_required");
  EXPECT_EQ(Browser::reason(browser.post("/auth/2fa/configure", R"({"action":"confirm","code":"123456"})")), "step_up_required");
  EXPECT_EQ(Browser::reason(browser.post("/auth/passkeys/options")), "step_up_required");
  EXPECT_EQ(Browser::reason(browser.post("/settings/api/smtp/test", R"({"to":"ada@example.org"})")), "step_up_required");
  EXPECT_EQ(browser.post("/auth/step-up", R"({"password":"not the password"})").status, 400);
  const auto before = session_cookie();
  EXPECT_EQ(browser.post("/auth/step-up", R"({"password":"tulip anvil harbour nine"})").status, 200);
  EXPECT_NE(session_cookie(), before);
  EXPECT_FALSE(house.sessions.find(before));
  EXPECT_EQ(Browser::reason(browser.post("/apikey", key)), "csrf");
  browser.fetch_csrf();
  EXPECT_EQ(browser.post("/apikey", key).status, 200);
}

TEST_F(AuthRoutesTest, R17WhatIsGuessedWithAStolenSessionOrAtAResetCountsAgainstTheAddress) {
  house.add("ada");
  sign_in("ada");
  int counted = 0;
  login.on_failed([&](const IpAddress& from) { counted += from == identity::test::kHome ? 1 : 0; });
  EXPECT_EQ(browser.post("/auth/step-up", R"({"password":"not the password"})").status, 400);
  EXPECT_EQ(counted, 1);
  EXPECT_EQ(browser.post("/auth/change-password", R"({"current_password":"not the password","new_password":"another long passphrase"})").status, 400);
  EXPECT_EQ(counted, 2);
  EXPECT_EQ(house.audit.count("login.failed"), 2);
  const auto begun = Browser::data(browser.post("/auth/2fa/configure", R"({"action":"begin"})"));
  const auto secret = *crypto::base32_decode(std::string_view{begun.at("secret").as_string()});
  const auto code = crypto::totp_code(secret, crypto::totp_step(clock.now()));
  EXPECT_EQ(browser.post("/auth/2fa/configure", R"({"action":"confirm","code":")" + code + R"("})").status, 200);
  browser.fetch_csrf();
  EXPECT_EQ(browser.post("/auth/step-up", R"({"code":"aaaa-bbbb-cccc"})").status, 400);
  EXPECT_EQ(counted, 3);
  for (const char* name : {"ada", "nobody"}) {
    EXPECT_EQ(browser.post("/auth/reset-password/confirm", std::string{R"({"username":")"} + name +
                           R"(","code":"aaaa-bbbb-cccc","new_password":"another long passphrase"})").status, 400);
  }
  EXPECT_EQ(counted, 5);
  EXPECT_EQ(browser.post("/auth/reset-password/confirm", R"({"username":"ada","code":"000000","new_password":"short"})").status, 400);
  EXPECT_EQ(counted, 5) << "a password that is too weak is nobody's guess";
}

TEST_F(AuthRoutesTest, R6EnrolThenLoginWithACode) {
  house.add("ada");
  sign_in("ada");
  const auto begun = Browser::data(browser.post("/auth/2fa/configure", R"({"action":"begin"})"));
  const auto secret = *crypto::base32_decode(std::string_view{begun.at("secret").as_string()});
  EXPECT_EQ(begun.at("qr").at("modules").as_string().size(),
            static_cast<std::size_t>(begun.at("qr").at("size").as_int64() * begun.at("qr").at("size").as_int64()));
  const auto code = [&] { return crypto::totp_code(secret, crypto::totp_step(clock.now())); };
  const auto confirmed = browser.post("/auth/2fa/configure", R"({"action":"confirm","code":")" + code() + R"("})");
  EXPECT_EQ(Browser::data(confirmed).at("recovery_codes").as_array().size(), 10U);
  clock.advance(seconds{60});
  Browser other{services, router};
  other.fetch_csrf();
  const auto wanted = other.post("/auth/login", credentials("ada"));
  EXPECT_TRUE(Browser::data(wanted).at("totp_required").as_bool());
  EXPECT_EQ(other.send(http::Method::Get, "/auth/session-status").status, 401);
  EXPECT_EQ(other.post("/auth/login/totp", R"({"code":"000000"})").status, 401);
  EXPECT_EQ(other.post("/auth/login/totp", R"({"code":")" + code() + R"("})").status, 200);
  EXPECT_TRUE(other.get("/auth/session-status").at("totp_enabled").as_bool());
  other.fetch_csrf();
  clock.advance(minutes{6});
  EXPECT_EQ(other.post("/auth/step-up", R"({"password":"tulip anvil harbour nine"})").status, 400)
      << "the password is no step-up where a second factor is enrolled";
}

TEST_F(AuthRoutesTest, R6APasskeyInsteadOfThePassword) {
  house.add("ada");
  sign_in("ada");
  identity::test::SoftwareAuthenticator authenticator;
  add_passkey(authenticator);
  Browser other{services, router};
  other.fetch_csrf();
  authenticator.counter = 2;
  const auto login = challenge_in(other.post("/auth/login/passkey/options"));
  EXPECT_EQ(other.post("/auth/login/passkey", with_credential(authenticator.sign_for(login), "name", "")).status, 200);
  EXPECT_EQ(other.get("/auth/session-status").at("username").as_string(), "ada");
  EXPECT_EQ(browser.get("/auth/2fa/status").at("passkeys").as_array().size(), 1U);

  clock.advance(minutes{6});
  other.fetch_csrf();
  EXPECT_EQ(other.post("/auth/step-up", R"({"password":"tulip anvil harbour nine"})").status, 400)
      << "the password is no step-up where a passkey is enrolled";
  authenticator.counter = 3;
  const auto again = challenge_in(other.post("/auth/step-up/passkey"));
  auto answer = authenticator.sign_for(again);
  EXPECT_EQ(other.post("/auth/step-up", with_credential(answer, "name", "")).status, 200);
  other.fetch_csrf();
  EXPECT_EQ(other.post("/auth/step-up", with_credential(answer, "name", "")).status, 400) << "an answer works once";
}

TEST_F(AuthRoutesTest, R3AnAddedPasskeyEndsTheOtherSessionsAndRenewsThisOne) {
  house.add("ada");
  Browser other{services, router};
  other.fetch_csrf();
  EXPECT_EQ(other.post("/auth/login", credentials("ada")).status, 200);
  sign_in("ada");
  identity::test::SoftwareAuthenticator authenticator;
  const std::string former = session_cookie();
  add_passkey(authenticator);
  EXPECT_NE(session_cookie(), former);
  EXPECT_EQ(other.send(http::Method::Get, "/auth/session-status").status, 401);
  EXPECT_EQ(browser.send(http::Method::Get, "/auth/session-status").status, 200);
}

TEST_F(AuthRoutesTest, R3ARemovedPasskeyEndsTheOtherSessionsOrAStoreThatFailsKeepsEverything) {
  house.add("ada");
  sign_in("ada");
  identity::test::SoftwareAuthenticator authenticator;
  const std::string path = "/auth/passkeys/" + add_passkey(authenticator);
  const auto other = house.sign_in(house.users.find("ada")->id);
  const std::string former = session_cookie();

  house.database->fail(test::FailingDatabase::Failure::AfterUnit, 0, 1);
  EXPECT_EQ(browser.send(http::Method::Delete, path).status, 503) << "the failure is told";
  house.database->heal();
  EXPECT_EQ(session_cookie(), former);
  EXPECT_EQ(browser.get("/auth/2fa/status").at("passkeys").as_array().size(), 1U);
  EXPECT_TRUE(house.sessions.find(other.token.reveal()));

  EXPECT_EQ(browser.send(http::Method::Delete, path).status, 200) << "and the same request works afterwards";
  EXPECT_NE(session_cookie(), former);
  EXPECT_EQ(browser.get("/auth/2fa/status").at("passkeys").as_array().size(), 0U);
  EXPECT_FALSE(house.sessions.find(former));
  EXPECT_FALSE(house.sessions.find(other.token.reveal()));
}

TEST_F(AuthRoutesTest, R5DevicesAreListedAndEnded) {
  house.add("ada");
  sign_in("ada");
  Browser other{services, router};
  other.fetch_csrf();
  EXPECT_EQ(other.post("/auth/login", credentials("ada")).status, 200);
  const auto listed = browser.get("/auth/active-sessions").at("sessions").as_array();
  ASSERT_EQ(listed.size(), 2U);
  for (const auto& session : listed) {
    if (session.at("current").as_bool()) continue;
    const std::string path = "/auth/active-sessions/" + std::string{session.at("id").as_string()};
    EXPECT_EQ(browser.send(http::Method::Delete, path).status, 200);
  }
  EXPECT_EQ(other.send(http::Method::Get, "/auth/session-status").status, 401);
  EXPECT_EQ(browser.send(http::Method::Get, "/auth/session-status").status, 200);
}

TEST_F(AuthRoutesTest, R11NobodyTouchesAnothersKeys) {
  const auto ada = house.add("ada");
  const auto key = house.make_key(ada);
  house.add("eve");
  sign_in("eve");
  EXPECT_EQ(browser.get("/apikey").at("keys").as_array().size(), 0U);
  EXPECT_EQ(browser.send(http::Method::Delete, "/apikey/" + key.id).status, 404);
  EXPECT_EQ(browser.post("/apikey/" + key.id + "/regenerate").status, 404);
  EXPECT_EQ(browser.post("/apikey/" + key.id + "/reveal").status, 404);
  EXPECT_EQ(house.api_keys.find(key.key.reveal(), identity::test::kHome).outcome, identity::KeyCheck::Outcome::Accepted);
}

TEST_F(AuthRoutesTest, OnlyOwnersManageAccounts) {
  house.add("ada", identity::Role::Owner);
  house.add("vic", identity::Role::Viewer);
  sign_in("vic");
  EXPECT_EQ(browser.send(http::Method::Get, "/users/api/list").status, 403);
  Browser owner{services, router};
  owner.fetch_csrf();
  EXPECT_EQ(owner.post("/auth/login", credentials("ada")).status, 200);
  owner.fetch_csrf();
  EXPECT_EQ(owner.get("/users/api/list").at("users").as_array().size(), 2U);
  EXPECT_EQ(owner.post("/users/api/disable", R"({"username":"ada"})").status, 409);
  EXPECT_EQ(owner.post("/users/api/disable", R"({"username":"vic"})").status, 200);
  EXPECT_EQ(browser.send(http::Method::Get, "/auth/session-status").status, 401) << "signed out at once";
}

TEST_F(AuthRoutesTest, BodiesAreStrictlyTyped) {
  house.add("ada");
  sign_in("ada");
  for (const char* body : {R"({})", R"({"name":5,"scope":"read"})", R"({"name":"a","scope":"admin"})",
                           R"({"name":"a","scope":"read","expires_days":"30"})", R"({"name":"a","scope":"read","expires_days":0})",
                           R"({"name":"a","scope":"read","allow":"10.0.0.0/8"})", R"({"name":"a","scope":"read","allow":["10.0.0.1/8"]})",
                           R"({"name":"a","scope":"read","retrievable":"false"})"}) {
    EXPECT_EQ(browser.post("/apikey", body).status, 400) << body;
  }
}

TEST_F(AuthRoutesTest, R6RecoveryCodesOfAPasskeyAccountStepUpAndGoWithTheLastPasskey) {
  const auto ada = house.add("ada");
  sign_in("ada");
  EXPECT_EQ(browser.post("/auth/2fa/configure", R"({"action":"recovery_codes"})").status, 409) << "nothing to stand in for";
  identity::test::SoftwareAuthenticator authenticator;
  const auto passkey = add_passkey(authenticator);
  const auto made = browser.post("/auth/2fa/configure", R"({"action":"recovery_codes"})");
  ASSERT_EQ(made.status, 200) << made.body;
  const std::string code{Browser::data(made).at("recovery_codes").as_array().front().as_string()};
  clock.advance(minutes{6});
  EXPECT_EQ(browser.post("/auth/step-up", R"({"password":"tulip anvil harbour nine"})").status, 400);
  EXPECT_EQ(browser.post("/auth/step-up", R"({"code":")" + code + R"("})").status, 200);
  browser.fetch_csrf();
  EXPECT_EQ(browser.send(http::Method::Delete, "/auth/passkeys/" + passkey).status, 200);
  EXPECT_EQ(house.factors.status(ada).recovery_codes_left, 0U);
  Browser other{services, router};
  other.fetch_csrf();
  const auto alone = other.post("/auth/login", credentials("ada"));
  EXPECT_FALSE(Browser::data(alone).contains("totp_required")) << alone.body;
}

TEST_F(AuthRoutesTest, R6APasskeyCompletesAResetLink) {
  const auto ada = house.add("ada");
  sign_in("ada");
  identity::test::SoftwareAuthenticator authenticator;
  add_passkey(authenticator);
  const auto link = block_on(house.tokens.issue(identity::TokenPurpose::PasswordReset, ada, minutes{15}, house.executor));
  const std::string token = R"({"token":")" + std::string{link->reveal()} + R"("})";
  Browser other{services, router};
  EXPECT_EQ(Browser::reason(other.post("/auth/reset-password/link", token)), "csrf");
  other.fetch_csrf();
  EXPECT_EQ(Browser::data(other.post("/auth/reset-password/link", token)).at("methods").as_array(), json::array({"passkey"}));
  std::string alone;
  JsonWriter{alone}.object().field("token", link->reveal()).field("new_password", "a fresh passphrase of words").end();
  const auto refused = other.post("/auth/reset-password/confirm", alone);
  EXPECT_EQ(refused.status, 400) << refused.body;
  const auto challenge = challenge_in(other.post("/auth/reset-password/passkey", token));
  authenticator.counter = 2;
  std::string whole;
  JsonWriter{whole}.object().field("token", link->reveal()).field("new_password", "a fresh passphrase of words")
      .field("credential", json::value(authenticator.sign_for(challenge))).end();
  EXPECT_EQ(other.post("/auth/reset-password/confirm", whole).status, 200);
  EXPECT_EQ(browser.send(http::Method::Get, "/auth/session-status").status, 401) << "every session has ended";
  for (const char* path : {"/auth/reset-password/link", "/auth/reset-password/passkey"}) {
    const auto used = other.post(path, token);
    const auto unknown = other.post(path, R"({"token":")" + std::string(43, 'A') + R"("})");
    EXPECT_EQ(used.status, 404);
    EXPECT_EQ(used.body, unknown.body);
    EXPECT_EQ(unknown.status, 404);
  }
}

TEST_F(AuthRoutesTest, R2AResetRequestAnswersAlike) {
  house.add("ada");
  browser.fetch_csrf();
  const auto known = browser.post("/auth/reset-password", R"({"username_or_email":"ada"})");
  const auto unknown = browser.post("/auth/reset-password", R"({"username_or_email":"nobody"})");
  EXPECT_EQ(known.body, unknown.body);
  EXPECT_EQ(known.status, 200);
}

}  // namespace
}  // namespace kavach::console
