#include "guard/client_address.h"

#include <algorithm>

#include "core/text.h"

namespace kavach::guard {
namespace {

constexpr std::string_view kForwardedFor = "X-Forwarded-For";
constexpr std::string_view kForwarded = "Forwarded";
constexpr std::string_view kRealIp = "X-Real-IP";

std::string_view unquoted(std::string_view text) {
  text = trim(text);
  if (text.size() >= 2 && text.starts_with('"') && text.ends_with('"')) {
    text = text.substr(1, text.size() - 2);
  }
  return text;
}

/// Every value of a list header, left to right: several header lines are one list (RFC 9110, 5.3).
std::vector<std::string_view> list_values(const http::RequestHead& head, std::string_view name) {
  std::vector<std::string_view> out;
  for (const http::Header& header : head.headers) {
    if (!equals_ignoring_case(header.name, name)) continue;
    for (const std::string_view part : split(header.value, ',')) {
      if (!trim(part).empty()) out.push_back(trim(part));
    }
  }
  return out;
}

/// The value of one parameter of a Forwarded element (RFC 7239, 4), empty when it is absent. A quoted
/// address contains neither commas nor semicolons, so plain splitting is enough; anything cleverer
/// is garbage to us and ends the walk.
std::string_view forwarded_parameter(std::string_view element, std::string_view name) {
  for (const std::string_view pair : split(element, ';')) {
    const auto equals = pair.find('=');
    if (equals == std::string_view::npos) continue;
    if (equals_ignoring_case(trim(pair.substr(0, equals)), name)) {
      return unquoted(pair.substr(equals + 1));
    }
  }
  return {};
}

std::vector<std::string_view> forwarded_hops(const http::RequestHead& head) {
  std::vector<std::string_view> hops;
  for (const std::string_view element : list_values(head, kForwarded)) {
    hops.push_back(forwarded_parameter(element, "for"));
  }
  return hops;
}

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= 5 &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool carries_forwarded_headers(const http::RequestHead& head) {
  return head.header_count(kForwardedFor) > 0 || head.header_count(kForwarded) > 0 ||
         head.header_count(kRealIp) > 0;
}

}  // namespace

std::optional<IpAddress> parse_hop(std::string_view text) {
  text = unquoted(text);
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view rest = text.substr(end + 1);
    if (!rest.empty() && !(rest.starts_with(':') && is_port(rest.substr(1)))) return std::nullopt;
    return IpAddress::parse(text.substr(0, end + 1));
  }
  const auto colon = text.find(':');
  // One colon is an IPv4 address with a port; more are an IPv6 address, which has none without brackets.
  if (colon != std::string_view::npos && text.find(':', colon + 1) == std::string_view::npos) {
    if (!is_port(text.substr(colon + 1))) return std::nullopt;
    text = text.substr(0, colon);
  }
  return IpAddress::parse(text);
}

ClientAddressResolver::ClientAddressResolver(std::vector<Cidr> trusted_proxies)
    : trusted_{std::move(trusted_proxies)} {}

bool ClientAddressResolver::is_trusted_proxy(const IpAddress& address) const {
  return std::ranges::any_of(trusted_, [&](const Cidr& net) { return net.contains(address); });
}

// Right to left: the last entry was written by our peer, the one before it by the hop that entry
// names, and so on. The first hop that is no trusted proxy is the client; what stands left of it is
// only the client's word. Where a proxy wrote no address, the hop that reported it is all we know.
std::optional<IpAddress> ClientAddressResolver::nearest_untrusted(
    const std::vector<std::string_view>& hops, const IpAddress& peer) const {
  if (hops.empty()) return std::nullopt;
  IpAddress nearest = peer;
  for (auto hop = hops.rbegin(); hop != hops.rend(); ++hop) {
    const auto address = parse_hop(*hop);
    if (!address) return nearest;
    nearest = *address;
    if (!is_trusted_proxy(nearest)) return nearest;
  }
  return nearest;
}

bool ClientAddressResolver::is_secure(const http::RequestHead& head) const {
  if (head.tls) return true;
  // Every hop must have been HTTPS: a list that begins with a client's own `https` proves nothing.
  std::vector<std::string_view> schemes = list_values(head, "X-Forwarded-Proto");
  if (schemes.empty()) {
    for (const std::string_view element : list_values(head, kForwarded)) {
      schemes.push_back(forwarded_parameter(element, "proto"));
    }
  }
  return !schemes.empty() && std::ranges::all_of(schemes, [](std::string_view scheme) {
    return equals_ignoring_case(scheme, "https");
  });
}

ClientAddress ClientAddressResolver::resolve(const http::RequestHead& head) const {
  ClientAddress client{.address = head.peer, .secure = head.tls};
  if (!is_trusted_proxy(head.peer)) {
    client.unknown_proxy = trusted_.empty() && carries_forwarded_headers(head) &&
                           (head.peer.is_private() || head.peer.is_loopback());
    return client;
  }
  client.secure = is_secure(head);
  for (const auto& hops : {list_values(head, kForwardedFor), forwarded_hops(head),
                           list_values(head, kRealIp)}) {
    const auto candidate = nearest_untrusted(hops, head.peer);
    // A header that names only proxies says nothing about the client: an inner proxy wrote the outer one.
    if (!candidate || is_trusted_proxy(*candidate)) {
      if (candidate && !client.through_proxy && client.address == head.peer) client.address = *candidate;
      continue;
    }
    if (client.through_proxy && client.address != *candidate) client.ambiguous = true;
    if (!client.through_proxy) client.address = *candidate;
    client.through_proxy = true;
  }
  return client;
}

}  // namespace kavach::guard
