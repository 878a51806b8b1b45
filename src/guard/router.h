#pragma once

// Finds the row for a request. Built once at start-up from the route table, immutable afterwards.
// A trailing slash is optional; a double slash is answered with a redirect to the single-slash path.

#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "guard/route.h"

namespace kavach::guard {

struct RouteMatch {
  const Route* route{nullptr};
  std::map<std::string, std::string, std::less<>> values;  ///< of the template's `{names}`
};
struct NoSuchPath {};
struct WrongMethod {
  std::string allow;  ///< the Allow header: `GET, POST`
};
struct RedirectTo {
  std::string path;
};
using Routing = std::variant<RouteMatch, NoSuchPath, WrongMethod, RedirectTo>;

class Router {
 public:
  /// Throws std::logic_error (a bug, at start-up) for two rows with one method and path, a row whose
  /// state change by a session lacks CSRF, a key route without its refusal shapes, or a body bound
  /// of zero on a route that takes a body.
  explicit Router(Routes routes);
  Router(const Router&) = delete;
  Router& operator=(const Router&) = delete;

  /// HEAD finds the GET row. OPTIONS finds no row: CORS answers it before.
  [[nodiscard]] Routing find(http::Method method, std::string_view path) const;
  [[nodiscard]] const Routes& routes() const { return routes_; }

 private:
  struct Template {
    std::vector<std::string> segments;  ///< `{name}` matches one whole segment
    std::vector<const Route*> rows;
  };

  const std::vector<const Route*>* exact(std::string_view path) const;
  static Routing choose(const std::vector<const Route*>& rows, http::Method method, RouteMatch match);

  Routes routes_;
  std::unordered_map<std::string_view, std::vector<const Route*>> fixed_;
  std::vector<Template> templates_;
};

}  // namespace kavach::guard
