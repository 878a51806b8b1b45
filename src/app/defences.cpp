#include "app/defences.h"

#include <cstdio>
#include <fstream>
#include <sstream>

namespace kavach::app {

Defences::Defences(Foundation& foundation)
    : base{foundation},
      addresses{base.settings.cidrs(Setting::TrustedProxies)},
      allow_list{base.clock, base.settings.cidrs(Setting::AllowList)},
      protection{base.settings.cidrs(Setting::TrustedProxies), default_gateway(), allow_list, unknown_proxies},
      bans{*base.database, *base.audit, protection, base.clock, base.random.next(),
           [](const Cidr&) { return Result<void>{}; }} {}

Result<void> Defences::load() {
  auto read = base.database->read([this](store::Reader& reader) { return allow_list.load(reader); });
  if (!read) return read;
  return bans.load();
}

std::optional<IpAddress> default_gateway() {
  std::ifstream table{"/proc/net/route"};
  std::string line;
  std::getline(table, line);  // the header
  while (std::getline(table, line)) {
    std::istringstream fields{line};
    std::string interface;
    std::string destination;
    std::string gateway;
    if (!(fields >> interface >> destination >> gateway)) continue;
    unsigned raw = 0;
    if (destination != "00000000" || std::sscanf(gateway.c_str(), "%8x", &raw) != 1 || raw == 0) continue;
    return IpAddress::v4(__builtin_bswap32(raw));  // the table is in network order
  }
  return std::nullopt;
}

}  // namespace kavach::app
