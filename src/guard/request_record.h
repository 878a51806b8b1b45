#pragma once

// What is known of a request once it has been answered or refused: the source of traffic records,
// metrics, latency histograms and offences. Observers are called on I/O threads and must not block.

#include <span>
#include <string>
#include <string_view>

#include "core/clock.h"
#include "core/net_address.h"
#include "guard/call.h"

namespace kavach::guard {

struct RequestRecord {
  IpAddress client;
  std::string_view method;
  std::string_view route;    ///< the template, never the raw path; `-` when none matched
  std::string_view path;     ///< raw; for offence tracking only, never stored with a matched route
  std::string_view host;
  std::string_view user_agent;
  std::string request_id;
  std::string username;      ///< empty when anonymous
  std::string_view attempted_key;  ///< keyed digest of an unknown API key; never the key
  std::string_view key_id;         ///< of the API key that was shown, accepted or not; empty for a session or none
  std::string_view refusal;  ///< a token of docs/defences.md; empty when the handler answered
  int status{0};
  // Nanoseconds spent: from the complete head to the first step, in the defences, in the handler.
  Monotonic queue{};
  Monotonic guard{};
  Monotonic handler{};
  std::span<const PlacedOrder> orders;  ///< what the handler placed
  Monotonic handled_at{};               ///< when the handler began
  Monotonic answered_at{};
};

class RequestObserver {
 public:
  virtual ~RequestObserver() = default;
  virtual void answered(const RequestRecord& record) = 0;
  /// An I/O thread served just now what had been ready for `delay`.
  virtual void waited(std::size_t loop, Monotonic delay) = 0;
  /// A connection was refused, or ended to make room, before it became a request.
  virtual void turned_away(const IpAddress& peer) = 0;
};

}  // namespace kavach::guard
