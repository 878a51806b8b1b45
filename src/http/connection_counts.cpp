#include "http/connection_counts.h"

namespace kavach::http {

ConnectionCounts::Answer ConnectionCounts::acquire(const IpAddress& peer, bool is_proxy) {
  Answer answer;
  const IpAddress holder = Cidr::offender(peer).base();
  answer.refused = by_address_.with([&](auto& by_address) {
    // The share first: whoever has his is refused for that, and nobody gives way to him.
    const auto found = by_address.find(holder);
    if (!is_proxy && found != by_address.end() && found->second >= per_address_max_) {
      return Refused::AddressHasItsShare;
    }
    if (total_.load(std::memory_order_relaxed) >= total_max_) return Refused::AllPlacesTaken;
    ++by_address[holder];
    total_.fetch_add(1, std::memory_order_relaxed);
    return Refused::No;
  });
  if (answer.refused == Refused::No) {
    answer.ticket.counts_ = this;
    answer.ticket.holder_ = holder;
  }
  return answer;
}

void ConnectionCounts::Ticket::withhold() {
  if (counts_ != nullptr && std::exchange(is_open_, false)) {
    counts_->total_.fetch_sub(1, std::memory_order_relaxed);
  }
}

void ConnectionCounts::release(const IpAddress& holder, bool is_open) {
  by_address_.with([&](auto& by_address) {
    const auto found = by_address.find(holder);
    if (found != by_address.end() && --found->second == 0) by_address.erase(found);
    if (is_open) total_.fetch_sub(1, std::memory_order_relaxed);
  });
}

}  // namespace kavach::http
