#include "console/reply.h"

#include "guard/error_status.h"
#include "guard/refusals.h"

namespace kavach::console {
namespace {

constexpr std::string_view kInternal = "The gateway failed; its log has the reason.";

http::Response error_of(const Error& error, std::string body) {
  http::Response response = http::Response::json(guard::http_status(error.code), std::move(body));
  if (const int wait = guard::retry_after_seconds(error.code); wait > 0) {
    response.with("Retry-After", std::to_string(wait));
  }
  return response;
}

std::string_view shown(const Error& error) {
  return error.code == ErrorCode::Internal || error.message.empty() ? kInternal : std::string_view{error.message};
}

}  // namespace

http::Response done_reply(std::string_view message) {
  std::string body;
  JsonWriter{body}.object().field("status", "success").field("message", message).end();
  return http::Response::json(200, std::move(body));
}

http::Response failure_reply(const Error& error) {
  std::string body;
  JsonWriter{body}.object().field("status", "error").field("message", shown(error)).end();
  return error_of(error, std::move(body));
}

http::Response refusal_reply(const trading::Refusal& refusal) {
  std::string body;
  JsonWriter json{body};
  json.object().field("status", "error").field("message", shown(refusal.error));
  json.key("data").object().field("code", refusal.code);
  if (!refusal.order_id.empty()) json.field("orderid", refusal.order_id);
  json.end().end();
  return error_of(refusal.error, std::move(body));
}

http::Response step_up_reply() {
  const guard::RefusalRow& row = guard::row_of(guard::Refusal::StepUpRequired);
  std::string body;
  JsonWriter json{body};
  json.object().field("status", "error").field("message", row.text);
  json.key("data").object().field("reason", row.token).end().end();
  auto response = http::Response::json(row.status, std::move(body));
  response.refusal = row.token;
  return response;
}

http::Response bad_request(std::string_view message) {
  return failure_reply(Error{ErrorCode::InvalidInput, std::string{message}, {}});
}

Task<http::Response> ready(http::Response response) { co_return response; }

}  // namespace kavach::console
