#pragma once

// The envelope of every answer outside the trading API: `{"status":"success","data":…}` or
// `{"status":"error","message":…}`.

#include <string>
#include <string_view>

#include "core/json.h"
#include "core/result.h"
#include "core/task.h"
#include "http/message.h"
#include "trading/order_desk.h"

namespace kavach::console {

/// Opens `{"status":"success","data":` for one value, which the caller writes; `reply` closes it.
class DataReply {
 public:
  explicit DataReply(std::size_t reserve = 512) {
    body_.reserve(reserve);
    json_.object().field("status", "success").key("data");
  }
  [[nodiscard]] JsonWriter& json() { return json_; }
  [[nodiscard]] http::Response reply() {
    json_.end();
    return http::Response::json(200, std::move(body_));
  }

 private:
  std::string body_;
  JsonWriter json_{body_};
};

/// Success without data.
[[nodiscard]] http::Response done_reply(std::string_view message);
/// The error's own message; what is internal says nothing of itself.
[[nodiscard]] http::Response failure_reply(const Error& error);
/// A refused order, with its stable code and, when a rejected order is in the book, its id.
[[nodiscard]] http::Response refusal_reply(const trading::Refusal& refusal);
/// 403 `step_up_required`: the caller has to show a second factor and repeat this.
[[nodiscard]] http::Response step_up_reply();
[[nodiscard]] http::Response bad_request(std::string_view message);

/// A finished handler.
[[nodiscard]] Task<http::Response> ready(http::Response response);

}  // namespace kavach::console
