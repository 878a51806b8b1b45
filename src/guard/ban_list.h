#pragma once

// The bans in force, for the request path: a look-up reads one immutable snapshot and takes no lock.
// A change is laid over a large base as a small difference, and folded in once the difference has
// grown, so neither a look-up nor a change waits for a million bans to be copied.
//
// `banned_until` from any thread; changes are serialised among themselves and may take tens of
// milliseconds when they fold, so they belong on worker threads. The list knows nothing of the store:
// when that fails, the last known bans stay in force.

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "core/clock.h"
#include "core/guarded.h"
#include "core/net_address.h"
#include "guard/network_table.h"

namespace kavach::guard {

/// `expires_at` absent: for ever.
struct BanInForce {
  Cidr network;
  std::optional<TimePoint> expires_at;
};

class BanList {
 public:
  explicit BanList(std::uint64_t hash_seed);

  [[nodiscard]] bool is_banned(const IpAddress& address, TimePoint now) const;
  /// How many networks are listed, expired ones included until they are folded away.
  [[nodiscard]] std::size_t size() const;

  /// Replaces everything.
  void load(const std::vector<BanInForce>& bans);
  void set(const BanInForce& ban, TimePoint now);
  /// Like `set`, but never ends an existing ban of the network earlier.
  void extend(const BanInForce& ban, TimePoint now);
  void remove(const Cidr& network, TimePoint now);

 private:
  struct State {
    std::shared_ptr<const NetworkTable> base = std::make_shared<const NetworkTable>();
    NetworkTable difference;  ///< wins over the base; kRemoved hides an entry of it
  };
  static constexpr std::int64_t kRemoved = INT64_MIN + 1;

  void change(const Cidr& network, std::int64_t expires, bool only_later, TimePoint now);
  [[nodiscard]] NetworkTable folded(const State& state, TimePoint now) const;

  const std::uint64_t hash_seed_;
  std::mutex change_mutex_;
  Snapshot<State> state_;
};

}  // namespace kavach::guard
