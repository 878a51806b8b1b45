#include "http/connection_counts.h"

namespace kavach::http {

ConnectionCounts::Ticket ConnectionCounts::acquire(const IpAddress& peer, bool is_proxy) {
  Ticket ticket;
  const IpAddress holder = Cidr::offender(peer).base();
  const bool granted = by_address_.with([&](auto& by_address) {
    if (total_.load(std::memory_order_relaxed) >= total_max_) return false;
    auto& count = by_address[holder];
    if (!is_proxy && count >= per_address_max_) return false;
    ++count;
    total_.fetch_add(1, std::memory_order_relaxed);
    return true;
  });
  if (granted) {
    ticket.counts_ = this;
    ticket.holder_ = holder;
  }
  return ticket;
}

void ConnectionCounts::release(const IpAddress& holder) {
  by_address_.with([&](auto& by_address) {
    const auto found = by_address.find(holder);
    if (found != by_address.end() && --found->second == 0) by_address.erase(found);
    total_.fetch_sub(1, std::memory_order_relaxed);
  });
}

}  // namespace kavach::http
