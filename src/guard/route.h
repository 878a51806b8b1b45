#pragma once

// The route table's row. A route exists only as a row, and a row cannot be written without its policy:
// every member of `Policy` must be named, there are no defaults. tests/guard walks the whole table.

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/task.h"
#include "guard/call.h"

namespace kavach::guard {

/// Who may call.
enum class Access {
  Public,        ///< anybody (login, health, static files)
  Session,       ///< a signed-in console user
  OwnerSession,  ///< a signed-in owner
  ReadKey,       ///< an API key of any scope
  SquareOffKey,  ///< an API key with scope square-off or trade
  TradeKey,      ///< an API key with scope trade
};

/// Whether the caller shows an API key, and never a session.
[[nodiscard]] constexpr bool is_for_keys(Access access) {
  return access == Access::ReadKey || access == Access::SquareOffKey || access == Access::TradeKey;
}
/// Whether the caller must be signed in to the console.
[[nodiscard]] constexpr bool is_for_sessions(Access access) {
  return access == Access::Session || access == Access::OwnerSession;
}

/// Which limit counts the call; the rates are settings. There is no unlimited class.
enum class RateClass {
  Api, Order, SmartOrder, Greeks, Login, Reset, Webhook, ConsoleRead, ConsoleWrite, ConsoleSensitive,
  Default,
  Unrouted,  ///< of no row: whatever is answered before a route is known
};

enum class BodyKind {
  None,  ///< a body is ignored
  Json,  ///< must parse to an object, else the route's family answers 400
  Raw,   ///< handed over as bytes
};

/// Latency class for load shedding: what is refused last when the machine is over its capacity.
enum class Priority { Essential, Normal, Deferrable };  ///< Essential: cancel, close, kill switch

enum class Csrf { Required, NotApplicable };  ///< Required on every state change of a session

struct Policy {
  Access access;
  RateClass rate;
  BodyKind body;
  std::size_t body_bytes_max;
  bool changes_state;
  Csrf csrf;
  Priority priority;
};

using Handle = std::function<Task<http::Response>(Call&)>;

/// How a route phrases the refusals that the wire contract wants in an endpoint's own shape.
struct RefusalShape {
  /// The key is absent or not a usable text: the endpoint's schema error, listing every bad field.
  std::function<http::Response(const Call&)> missing_key;
  /// The key is unknown, expired, revoked or has no broker session: 403 (401 for some).
  std::function<http::Response(const Call&)> invalid_key;
};

struct Route {
  http::Method method;
  std::string path;  ///< `/api/v1/placeorder`, `/auth/active-sessions/{id}`; no trailing slash
  Policy policy;
  Handle handle;
  RefusalShape shape{};  ///< required for keys, meaningless otherwise
};

using Routes = std::vector<Route>;

}  // namespace kavach::guard
