#include "guard/ban.h"

#include "core/text.h"

namespace kavach::guard {
namespace {

constexpr int kWidestV4 = 96 + 8;
constexpr int kWidestV6 = 16;

}  // namespace

std::string_view name_of(BanKind kind) { return kind == BanKind::Automatic ? "automatic" : "manual"; }

Result<Cidr> parse_ban_network(std::string_view text) {
  const auto network = Cidr::parse(trim(text));
  if (!network) {
    return fail(ErrorCode::InvalidInput,
                "Not an address or a network. Write 203.0.113.9, 203.0.113.0/24 or 2001:db8::/64, without host bits.");
  }
  const bool v4 = network->base().is_v4() && network->canonical_bits() >= 96;
  if (network->canonical_bits() < (v4 ? kWidestV4 : kWidestV6)) {
    return fail(ErrorCode::InvalidInput, "That network is too wide: at most an IPv4 /8 or an IPv6 /16.");
  }
  return network->is_single_host() ? Cidr::offender(network->base()) : *network;
}

Result<void> check_ban_duration(std::chrono::seconds duration) {
  if (duration < kBanMin || duration > kBanMax) {
    return fail(ErrorCode::InvalidInput, "A ban lasts between one minute and ten years, or is permanent.");
  }
  return {};
}

Result<BanTerm> parse_ban_term(std::string_view text) {
  text = trim(text);
  if (equals_ignoring_case(text, "permanent")) return Permanent{};
  std::chrono::seconds unit{0};
  if (text.ends_with('m')) unit = std::chrono::minutes{1};
  if (text.ends_with('h')) unit = std::chrono::hours{1};
  if (text.ends_with('d')) unit = std::chrono::hours{24};
  const auto count = text.empty() ? std::nullopt : parse_int(text.substr(0, text.size() - 1));
  if (unit.count() == 0 || !count || *count < 1 || *count > kBanMax / unit) {
    return fail(ErrorCode::InvalidInput, "Write the length as 30m, 24h, 7d or permanent.");
  }
  const std::chrono::seconds duration = unit * *count;
  if (auto checked = check_ban_duration(duration); !checked) return pass_on(std::move(checked));
  return duration;
}

}  // namespace kavach::guard
