#include "guard/host_check.h"

#include <algorithm>

#include "core/net_address.h"
#include "core/text.h"

namespace kavach::guard {
namespace {

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

bool is_port(std::string_view text) {
  const auto port = parse_int(text);
  return port && *port >= 0 && *port <= 65'535 && !text.starts_with('-');
}

}  // namespace

std::string host_name_of(std::string_view authority) {
  std::string_view name = authority;
  std::string_view rest;
  if (authority.starts_with('[')) {
    const auto end = authority.find(']');
    if (end == std::string_view::npos) return {};
    const auto address = IpAddress::parse(authority.substr(0, end + 1));
    rest = authority.substr(end + 1);
    if (!address || (!rest.empty() && !(rest.starts_with(':') && is_port(rest.substr(1))))) return {};
    return "[" + address->text() + "]";
  }
  if (const auto colon = authority.find(':'); colon != std::string_view::npos) {
    if (!is_port(authority.substr(colon + 1))) return {};
    name = authority.substr(0, colon);
  }
  std::string lower = to_lower(name);
  if (lower.ends_with('.')) lower.pop_back();
  if (lower.empty() || lower.size() > 253 || !std::ranges::all_of(lower, is_name_character)) return {};
  return lower;
}

std::string_view authority_of_origin(std::string_view origin) {
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (origin.starts_with(scheme)) {
      const std::string_view authority = origin.substr(scheme.size());
      return authority.find('/') == std::string_view::npos ? authority : std::string_view{};
    }
  }
  return {};
}

HostCheck::HostCheck(const std::vector<std::string>& allowed)
    : names_{"localhost", "127.0.0.1", "[::1]"} {
  for (const std::string& entry : allowed) {
    if (entry.starts_with("*.")) {
      suffixes_.push_back(to_lower(entry.substr(1)));
    } else if (const auto address = IpAddress::parse(entry); address && !address->is_v4()) {
      names_.push_back("[" + address->text() + "]");
    } else if (std::string name = host_name_of(entry); !name.empty()) {
      names_.push_back(std::move(name));
    }
  }
}

bool HostCheck::allows(std::string_view host) const {
  const std::string name = host_name_of(host);
  if (name.empty()) return false;
  return std::ranges::find(names_, name) != names_.end() ||
         std::ranges::any_of(suffixes_, [&](const std::string& suffix) {
           return name.size() > suffix.size() && name.ends_with(suffix);
         });
}

}  // namespace kavach::guard
