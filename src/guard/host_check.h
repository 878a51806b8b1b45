#pragma once

// Against DNS rebinding: a request is served only under a name the operator configured. The pipeline
// answers 421 otherwise, before anything of the request is believed. Immutable; any thread.

#include <string>
#include <string_view>
#include <vector>

namespace kavach::guard {

class HostCheck {
 public:
  /// Names or IP literals without port; `*.example.org` stands for every name below it. Loopback names
  /// are always allowed.
  explicit HostCheck(const std::vector<std::string>& allowed);

  /// `host` is the Host header as received: `name`, `name:port`, `[v6]:port`. Empty is refused.
  [[nodiscard]] bool allows(std::string_view host) const;

 private:
  std::vector<std::string> names_;
  std::vector<std::string> suffixes_;  ///< `.example.org`
};

/// The name of `name:port` or `[v6]:port`, lower case, without a final dot; empty when malformed.
[[nodiscard]] std::string host_name_of(std::string_view authority);

/// The authority of an origin `http(s)://authority`, empty for `null` and anything else.
[[nodiscard]] std::string_view authority_of_origin(std::string_view origin);

}  // namespace kavach::guard
