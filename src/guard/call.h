#pragma once

// One authenticated, authorised call on its way into a handler: what the pipeline has established.

#include <boost/json/value.hpp>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/stage.h"
#include "core/executor.h"
#include "core/json.h"
#include "core/net_address.h"
#include "http/message.h"
#include "identity/principal.h"

namespace kavach::guard {

/// An order that a call has placed, for the latency records.
struct PlacedOrder {
  std::string order_id;
  std::string status;  ///< when it was answered
  Monotonic asked{};     ///< when the order desk was asked
  Monotonic answered{};
  audit::StageTimes stages;  ///< those inside the desk
};

struct Call {
  http::Request request;
  IpAddress client;                 ///< the canonical client address, forwarded headers resolved
  bool secure{false};               ///< reached over HTTPS, at us or at a trusted proxy
  identity::Principal principal;    ///< anonymous only on public routes
  std::map<std::string, std::string, std::less<>> path_values;  ///< `{id}` of the route template
  /// The body of a route with `Body::Json`, parsed once; always an object.
  std::optional<json::value> body;
  std::string csrf_token;           ///< the session's; empty without one
  std::string attempted_key;        ///< keyed digest of the API key that was refused as unknown
  std::string refused_key;          ///< id of an API key that exists and was not accepted
  std::vector<http::Header> reply_headers;  ///< what the steps add to the reply, whoever writes it
  std::vector<PlacedOrder> orders;          ///< what the handler placed
  Executor* executor{nullptr};      ///< this connection's I/O thread, for resume_on

  [[nodiscard]] const json::object& json_body() const { return body->as_object(); }
};

}  // namespace kavach::guard
