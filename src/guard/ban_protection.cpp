#include "guard/ban_protection.h"

#include <algorithm>

namespace kavach::guard {
namespace {

bool touches_loopback(const Cidr& network) {
  static const Cidr kLoopback4 = Cidr::parse("127.0.0.0/8").value();
  static const Cidr kLoopback6 = Cidr::parse("::1").value();
  return overlap(network, kLoopback4) || overlap(network, kLoopback6);
}

}  // namespace

BanProtection::BanProtection(std::vector<Cidr> trusted_proxies, std::optional<IpAddress> gateway,
                             const AllowList& allow_list, const UnknownProxies& unknown_proxies)
    : trusted_proxies_{std::move(trusted_proxies)},
      gateway_{gateway},
      allow_list_{allow_list},
      unknown_proxies_{unknown_proxies} {}

std::string BanProtection::why_never(const Cidr& network) const {
  if (touches_loopback(network)) return "This machine's own addresses are never banned.";
  if (std::ranges::any_of(trusted_proxies_, [&](const Cidr& proxy) { return overlap(proxy, network); })) {
    return "A trusted proxy is never banned: every client behind it would be locked out.";
  }
  if (gateway_ && network.contains(*gateway_)) {
    return "The network's own gateway is never banned: every client that comes through it would be locked out.";
  }
  if (allow_list_.overlaps(network)) {
    return "The allow list names an address of " + network.text() + ". Remove it there first.";
  }
  return {};
}

BanJudgement BanProtection::judge(const Cidr& network, const std::optional<IpAddress>& caller,
                                  TimePoint now) const {
  using enum BanJudgement::Outcome;
  if (std::string never = why_never(network); !never.empty()) return {Refused, std::move(never)};
  if (unknown_proxies_.overlaps(network, now)) {
    return {caller ? NeedsConfirmation : Refused,
            network.text() + " is a private address that many clients seem to share. Banning it locks all of "
                             "them out. Set TRUSTED_PROXIES to tell them apart."};
  }
  if (caller && network.contains(*caller)) {
    return {NeedsConfirmation, "You are connected from " + caller->text() +
                                   ". This ban locks you out at once; only 'kavach unban " + network.text() +
                                   "' on the server lifts it."};
  }
  return {};
}

bool BanProtection::is_exempt(const IpAddress& address) const {
  return address.is_loopback() || allow_list_.contains(address) ||
         (gateway_ && *gateway_ == address) ||
         std::ranges::any_of(trusted_proxies_, [&](const Cidr& proxy) { return proxy.contains(address); });
}

}  // namespace kavach::guard
