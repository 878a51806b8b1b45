#pragma once

// Which other origins' pages may read replies of `/api/`. None by default. The console is never
// shared: its routes get no CORS header at all. Immutable; any thread.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "http/message.h"

namespace kavach::guard {

struct CorsSettings {
  bool enabled{false};
  std::vector<std::string> origins;  ///< exact: `https://charts.example.org`; or the single `*`
  std::vector<std::string> methods{"GET", "POST"};
  std::vector<std::string> headers{"Content-Type", "X-API-KEY"};
  std::vector<std::string> exposed_headers{"Retry-After", "RateLimit-Limit", "RateLimit-Remaining",
                                           "RateLimit-Reset", "X-Request-ID"};
  bool credentials{false};
  std::chrono::seconds max_age{600};
};

class Cors {
 public:
  /// Fails for an origin that is not `scheme://host[:port]`, and for `*` together with credentials.
  [[nodiscard]] static Result<Cors> create(CorsSettings settings);

  /// The answer to a preflight (OPTIONS with Origin and Access-Control-Request-Method), or nothing when
  /// the request is none. An origin, method or header that is not configured gets 403 without any
  /// CORS header.
  [[nodiscard]] std::optional<http::Response> preflight(const http::RequestHead& head) const;

  /// Adds what the browser needs to show the reply to its page; always `Vary: Origin` on `/api/`.
  void decorate(const http::RequestHead& head, http::Response& response) const;

 private:
  explicit Cors(CorsSettings settings) : settings_{std::move(settings)} {}
  [[nodiscard]] bool allows_origin(std::string_view origin) const;
  void name_origin(std::string_view origin, http::Response& response) const;

  CorsSettings settings_;
};

}  // namespace kavach::guard
