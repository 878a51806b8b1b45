#pragma once

// The vocabulary of bans: values that the ledger stores, the console shows and the list enforces.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "core/clock.h"
#include "core/net_address.h"
#include "core/result.h"

namespace kavach::guard {

enum class BanKind { Automatic, Manual };
[[nodiscard]] std::string_view name_of(BanKind kind);

struct Ban {
  Cidr network;
  BanKind kind{BanKind::Manual};
  std::string reason;
  std::int64_t count{1};  ///< how many bans this network has earned, this one included
  TimePoint created_at{};
  std::optional<TimePoint> expires_at;  ///< nothing: for ever
  std::string created_by;
};

inline constexpr std::chrono::seconds kBanMin = std::chrono::minutes{1};
inline constexpr std::chrono::seconds kBanMax = std::chrono::hours{24} * 3'650;

struct Permanent {};
/// As long as the offender's history demands (guard/escalation.h).
struct Escalating {
  std::chrono::seconds base{std::chrono::hours{24}};
  std::int64_t repeat_limit{3};
};
using BanTerm = std::variant<std::chrono::seconds, Permanent, Escalating>;

struct BanRequest {
  Cidr network;
  BanKind kind{BanKind::Manual};
  std::string reason;  ///< truncated to 200 bytes
  BanTerm term{Permanent{}};
  std::string actor;       ///< user name, `system` or `cli`
  std::string request_id;  ///< empty when no request caused it
};

/// What `kavach ban` and the console accept: an address (banned as what one offender is: itself, or its
/// IPv6 /64) or a network not wider than an IPv4 /8 or an IPv6 /16.
[[nodiscard]] Result<Cidr> parse_ban_network(std::string_view text);

/// `24h`, `48h`, `7d`, `30m`, or `permanent`; between kBanMin and kBanMax.
[[nodiscard]] Result<BanTerm> parse_ban_term(std::string_view text);

/// The same bound for a duration that comes as a number.
[[nodiscard]] Result<void> check_ban_duration(std::chrono::seconds duration);

}  // namespace kavach::guard
