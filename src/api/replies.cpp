#include "api/replies.h"

#include "guard/error_status.h"

namespace kavach::api {
namespace {

void write_mode(JsonWriter& json, Mode mode) {
  if (mode == Mode::Analyze) json.field("mode", "analyze");
}

// A code that stands for a bug or a broken disk shows a client nothing but its existence.
std::string_view shown_message(const Error& error) {
  if (error.code == ErrorCode::Internal || error.message.empty()) return kUnexpected;
  return error.message;
}

http::Response with_retry(http::Response response, ErrorCode code) {
  const int seconds = guard::retry_after_seconds(code);
  if (seconds > 0) response.with("Retry-After", std::to_string(seconds));
  return response;
}

}  // namespace

http::Response error_reply(int status, std::string_view message, Mode mode) {
  ReplyWriter out;
  out.json().object().field("message", message);
  write_mode(out.json(), mode);
  out.json().field("status", "error").end();
  return out.reply(status);
}

http::Response schema_refusal(ErrorFamily family, std::string_view headline,
                              const FieldErrors& errors, Mode mode) {
  ReplyWriter out;
  JsonWriter& json = out.json();
  json.object();
  switch (family) {
    case ErrorFamily::Literal: {
      std::string literal;
      append_python_literal(literal, errors);
      json.field("message", literal);
      break;
    }
    case ErrorFamily::Object:
      json.key("message");
      write_errors(json, errors);
      break;
    case ErrorFamily::Listed:
      json.key("errors");
      write_errors(json, errors);
      json.field("message", headline);
      break;
  }
  write_mode(json, mode);
  json.field("status", "error").end();
  return out.reply(400);
}

http::Response failure_reply(const Error& error, Mode mode) {
  return with_retry(error_reply(guard::http_status(error.code), shown_message(error), mode), error.code);
}

http::Response refusal_reply(const trading::Refusal& refusal, Mode mode) {
  if (refusal.error.code == ErrorCode::OutcomeUnknown) return outcome_unknown(refusal.order_id, mode);
  ReplyWriter out;
  JsonWriter& json = out.json();
  json.object();
  if (!refusal.code.empty()) json.field("code", refusal.code);
  json.field("message", shown_message(refusal.error));
  write_mode(json, mode);
  if (!refusal.order_id.empty()) json.field("orderid", refusal.order_id);
  json.field("status", "error").end();
  return with_retry(out.reply(guard::http_status(refusal.error.code)), refusal.error.code);
}

http::Response outcome_unknown(std::string_view order_id, Mode mode) {
  ReplyWriter out;
  out.json().object().field("code", "ORDER_OUTCOME_UNKNOWN").field(
      "message",
      "The broker did not answer in time. Do not send it again: ask orderstatus with this id.");
  write_mode(out.json(), mode);
  out.json().field("orderid", order_id).field("status", "error").end();
  return out.reply(504);
}

std::string symbol_not_found(std::string_view symbol, market::Exchange exchange) {
  std::string out = "Symbol '";
  out += symbol;
  out += "' not found for exchange '";
  out += market::name_of(exchange);
  out += "'. Please verify the symbol name and ensure master contracts are downloaded.";
  return out;
}

Task<http::Response> ready(http::Response response) { co_return response; }

}  // namespace kavach::api
