#pragma once

// The bodies every endpoint shares: refusals in the three families of the wire contract, the plain
// error, and what the order desk's refusals become.

#include <string>
#include <string_view>

#include "api/context.h"
#include "api/field_errors.h"
#include "core/json.h"
#include "core/result.h"
#include "core/task.h"
#include "http/message.h"
#include "trading/order_desk.h"

namespace kavach::api {

/// How an endpoint words a schema refusal.
enum class ErrorFamily {
  Literal,  ///< `message` is a text that holds the error map in Python notation
  Object,   ///< `message` is the error map
  Listed,   ///< `message` is a headline, `errors` is the map
};

enum class Mode { Live, Analyze };
[[nodiscard]] inline Mode mode_of(const Context& context) {
  return context.analyze ? Mode::Analyze : Mode::Live;
}

inline constexpr std::string_view kUnexpected = "An unexpected error occurred";

/// `{"message":…,"status":"error"}`, in analyze mode with `mode`.
[[nodiscard]] http::Response error_reply(int status, std::string_view message, Mode mode = Mode::Live);
/// 400 in the family's shape.
[[nodiscard]] http::Response schema_refusal(ErrorFamily family, std::string_view headline,
                                            const FieldErrors& errors, Mode mode);
/// The plain error with the status of the error's code; internal failures say nothing of themselves.
[[nodiscard]] http::Response failure_reply(const Error& error, Mode mode = Mode::Live);
/// The plain error with `code`, and `orderid` when a rejected order is in the book.
[[nodiscard]] http::Response refusal_reply(const trading::Refusal& refusal, Mode mode);
/// 504: the order may be live.
[[nodiscard]] http::Response outcome_unknown(std::string_view order_id, Mode mode);

/// `Symbol 'X' not found for exchange 'NSE'. Please verify…`
[[nodiscard]] std::string symbol_not_found(std::string_view symbol, market::Exchange exchange);

/// A finished handler.
[[nodiscard]] Task<http::Response> ready(http::Response response);

/// `{`, and `"mode":"analyze",` when it applies: the start of a reply whose keys are sorted.
class ReplyWriter {
 public:
  explicit ReplyWriter(std::size_t reserve = 256) { body_.reserve(reserve); }
  [[nodiscard]] JsonWriter& json() { return json_; }
  [[nodiscard]] http::Response reply(int status = 200) {
    return http::Response::json(status, std::move(body_));
  }

 private:
  std::string body_;
  JsonWriter json_{body_};
};

}  // namespace kavach::api
