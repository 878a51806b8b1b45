#pragma once

// How many connections are open, in all and per offender (IPv4 address or IPv6 /64). Shared by the
// I/O threads; asked once per accept. Its size is bounded by the limit on all connections and by the
// places that are withheld.

#include <atomic>
#include <cstddef>
#include <unordered_map>
#include <utility>

#include "core/guarded.h"
#include "core/net_address.h"

namespace kavach::http {

/// Thread-safe. Must outlive its tickets.
class ConnectionCounts {
 public:
  /// A place among the open connections, given back when it dies.
  class Ticket {
   public:
    Ticket() = default;
    Ticket(Ticket&& other) noexcept
        : counts_{std::exchange(other.counts_, nullptr)}, holder_{other.holder_}, is_open_{other.is_open_} {}
    Ticket& operator=(Ticket&& other) noexcept {
      std::swap(counts_, other.counts_);
      std::swap(holder_, other.holder_);
      std::swap(is_open_, other.is_open_);
      return *this;
    }
    ~Ticket() {
      if (counts_ != nullptr) counts_->release(holder_, is_open_);
    }
    [[nodiscard]] explicit operator bool() const { return counts_ != nullptr; }
    /// The connection is closed, but its place among those of its address stays taken until the ticket
    /// dies.
    void withhold();

   private:
    friend class ConnectionCounts;
    ConnectionCounts* counts_{nullptr};
    IpAddress holder_{};
    bool is_open_{true};
  };

  enum class Refused { No, AllPlacesTaken, AddressHasItsShare };
  struct Answer {
    Ticket ticket;
    Refused refused{Refused::No};
  };

  ConnectionCounts(std::size_t total_max, std::size_t per_address_max)
      : total_max_{total_max}, per_address_max_{per_address_max} {}

  /// The ticket is empty when a limit is reached. A proxy is exempt from the limit per address.
  [[nodiscard]] Answer acquire(const IpAddress& peer, bool is_proxy);
  [[nodiscard]] std::size_t open() const { return total_.load(std::memory_order_relaxed); }

 private:
  void release(const IpAddress& holder, bool is_open);

  const std::size_t total_max_;
  const std::size_t per_address_max_;
  std::atomic<std::size_t> total_{0};
  Guarded<std::unordered_map<IpAddress, std::size_t>> by_address_;
};

}  // namespace kavach::http
