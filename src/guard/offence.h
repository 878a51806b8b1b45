#pragma once

// What counts against an address. The pipeline, the WebSocket and the webhooks report offences to the
// warden; a storage failure is never one.

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/clock.h"
#include "core/net_address.h"

namespace kavach::guard {

enum class OffenceKind {
  InvalidApiKey,    ///< an unknown, revoked or malformed API key, also repeated
  NotFound,         ///< distinct paths that no route has
  FailedLogin,
  ForgedCsrf,       ///< another site sent a state change
  Malformed,        ///< a request that breaks HTTP
  RateAbuse,        ///< went on after a 429; at most one a second counts
  WebSocketAbuse,   ///< broke the WebSocket protocol or its limits
  OutOfScope,       ///< a key was used for what it may not do
};
inline constexpr std::size_t kOffenceKinds = static_cast<std::size_t>(OffenceKind::OutOfScope) + 1;
inline constexpr std::array<OffenceKind, kOffenceKinds> kAllOffenceKinds{
    OffenceKind::InvalidApiKey, OffenceKind::NotFound,  OffenceKind::FailedLogin,    OffenceKind::ForgedCsrf,
    OffenceKind::Malformed,     OffenceKind::RateAbuse, OffenceKind::WebSocketAbuse, OffenceKind::OutOfScope};

/// `invalid_api_key`, `not_found` …: also the reason of the ban it leads to.
[[nodiscard]] std::string_view name_of(OffenceKind kind);
[[nodiscard]] std::optional<OffenceKind> offence_kind(std::string_view name);

/// A ban of `ban` follows the `threshold`th offence within a day.
struct OffenceRule {
  std::int64_t threshold{10};
  std::chrono::seconds ban{std::chrono::hours{24}};
  friend bool operator==(const OffenceRule&, const OffenceRule&) = default;
};

struct OffenceRules {
  std::array<OffenceRule, kOffenceKinds> by_kind;
  [[nodiscard]] const OffenceRule& of(OffenceKind kind) const { return by_kind[static_cast<std::size_t>(kind)]; }
  [[nodiscard]] OffenceRule& of(OffenceKind kind) { return by_kind[static_cast<std::size_t>(kind)]; }
  /// The defaults of docs/settings.md.
  [[nodiscard]] static OffenceRules defaults();
  friend bool operator==(const OffenceRules&, const OffenceRules&) = default;
};

inline constexpr std::chrono::hours kOffenceWindow{24};

/// Views live as long as the call that passes the offence on.
struct Offence {
  OffenceKind kind{OffenceKind::Malformed};
  IpAddress client;
  /// The path of a NotFound; the keyed digest of an attempted API key (never the key); else empty.
  std::string_view subject{};
  std::string_view host{};  ///< the Host header, for `ban-host`; may be empty
};

/// How many offences a request for this unknown path is: none for what browsers ask for on their own and
/// for the console's own files, several for what only scanners look for.
[[nodiscard]] std::uint8_t not_found_weight(std::string_view path);

}  // namespace kavach::guard
