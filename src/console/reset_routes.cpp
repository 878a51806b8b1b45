// Forgotten passwords, and the mail server that sends the links.

#include <utility>

#include "console/auth_call.h"
#include "console/auth_routes.h"

namespace kavach::console {
namespace {

/// Answers alike whether the account exists.
Task<http::Response> request(AuthCall call) {
  auto account = call.text("username_or_email");
  if (!account) co_return missing("username_or_email");
  call.services->password_reset.request(std::move(*account), call.actor());
  DataReply out;
  out.json().object().key("methods").array();
  if (call.services->mailer.settings()) out.json().value("mail");
  out.json().value("totp").end().end();
  co_return out.reply();
}

/// What the page has to ask for beside the link.
Task<http::Response> look_at_link(AuthCall call) {
  auto token = call.text("token");
  if (!token) co_return missing("token");
  const auto methods = co_await call.services->password_reset.proofs_for(std::move(*token), call.executor());
  if (!methods) co_return failure_reply(methods.error());
  DataReply out;
  out.json().object().key("methods").array();
  for (const auto& method : *methods) out.json().value(method);
  out.json().end().end();
  co_return out.reply();
}

Task<http::Response> passkey_options(AuthCall call) {
  auto token = call.text("token");
  if (!token) co_return missing("token");
  co_return options_reply(co_await call.services->password_reset.passkey_options(std::move(*token), call.executor()));
}

Task<http::Response> confirm(AuthCall call) {
  auto next = call.secret("new_password");
  if (!next) co_return missing("new_password");
  auto token = call.text("token");
  auto credential = credential_of(call);
  auto username = call.text("username");
  auto code = call.text("code");
  Result<void> changed = fail(ErrorCode::InvalidInput, "Send a token, or a username and a code.");
  if (token) {
    changed = co_await call.services->password_reset.confirm_with_link(
        std::move(*token), {code.value_or(""), std::move(credential)}, std::move(*next), call.actor(), call.executor());
  } else if (username && code) {
    changed = co_await call.services->password_reset.confirm_with_code(
        std::move(*username), std::move(*code), std::move(*next), call.actor(), call.executor());
  }
  if (!changed) {
    Error error = changed.error();
    if (error.code == ErrorCode::Unauthenticated) {
      call.services->login.count_failure(call.call->client);
      error.code = ErrorCode::InvalidInput;  // 401 would read as "signed out"
    }
    co_return failure_reply(error);
  }
  co_return done_reply("The password is changed. Sign in with the new one.");
}

Task<http::Response> configure_mail(AuthCall call) {
  if (auto refused = require_fresh(call)) co_return std::move(*refused);
  const auto& body = call.call->json_body();
  const auto host = call.text("host");
  const auto from = call.text("from");
  const auto security = identity::parse_mail_security(call.text("security").value_or("starttls"));
  const auto* port = body.if_contains("port");
  if (!host) co_return missing("host");
  if (!from) co_return missing("from");
  if (!security) co_return bad_request("security must be starttls, tls or none.");
  if (port == nullptr || !port->is_int64() || port->get_int64() < 1 || port->get_int64() > 65535) {
    co_return bad_request("port must be a whole number from 1 to 65535.");
  }
  identity::MailSettings settings{*host, static_cast<int>(port->get_int64()), call.text("username").value_or(""), *from,
                                  *security, false};
  const auto saved = co_await call.services->mailer.configure(std::move(settings), call.secret("password"),
                                                              call.actor(), call.executor());
  if (!saved) co_return failure_reply(saved.error());
  co_return done_reply("Saved. Send a test mail to be sure.");
}

Task<http::Response> test_mail(AuthCall call) {
  if (auto refused = require_fresh(call)) co_return std::move(*refused);
  auto to = call.text("to");
  if (!to) co_return missing("to");
  identity::Mail mail{std::move(*to), "Kavach can send mail", "This is the test mail you asked for.\n"};
  const auto sent = co_await call.services->mailer.send_and_wait(std::move(mail), call.executor());
  if (!sent) co_return failure_reply(sent.error());
  co_return done_reply("The mail server took the mail.");
}

}  // namespace

void add_reset_routes(AuthServices& services, guard::Routes& routes) {
  using http::Method;
  routes.push_back(auth_route(services, Method::Post, "/auth/reset-password", Kind::PublicReset, request));
  routes.push_back(auth_route(services, Method::Post, "/auth/reset-password/link", Kind::PublicReset, look_at_link));
  routes.push_back(auth_route(services, Method::Post, "/auth/reset-password/passkey", Kind::PublicReset, passkey_options));
  routes.push_back(auth_route(services, Method::Post, "/auth/reset-password/confirm", Kind::PublicReset, confirm));
}

guard::Routes mail_routes(AuthServices& services) {
  using http::Method;
  guard::Routes routes;
  routes.push_back(auth_route(services, Method::Post, "/settings/api/smtp", Kind::OwnerSensitive, configure_mail));
  routes.push_back(auth_route(services, Method::Post, "/settings/api/smtp/test", Kind::OwnerSensitive, test_mail));
  return routes;
}

}  // namespace kavach::console
