#pragma once

// Networks that are never banned and whose requests skip the ban list: from the environment, the
// command line and the console. `contains` from any thread without a lock; everything that touches
// the store blocks and belongs on a worker thread.

#include <cstdint>
#include <string>
#include <vector>

#include "audit/audit_log.h"
#include "core/clock.h"
#include "core/guarded.h"
#include "core/net_address.h"
#include "core/result.h"
#include "guard/network_table.h"
#include "store/database.h"

namespace kavach::guard {

struct AllowedNetwork {
  Cidr network;
  std::string note;        ///< truncated to 200 bytes
  std::string source;      ///< `environment`, `command` or `console`
  std::string created_by;  ///< empty for the environment
  TimePoint created_at{};
};

inline constexpr std::size_t kAllowListMax = 10'000;

class AllowList {
 public:
  /// The environment's networks cannot be removed while it names them.
  AllowList(const Clock& clock, const std::vector<Cidr>& environment);

  [[nodiscard]] bool contains(const IpAddress& address) const;
  /// Whether any allowed address lies in `network`.
  [[nodiscard]] bool overlaps(const Cidr& network) const;
  [[nodiscard]] std::vector<AllowedNetwork> all() const;

  /// Reads the stored networks; at start and whenever another process may have changed them.
  [[nodiscard]] Result<void> load(store::Reader& reader);

  /// Inside the caller's transaction; call `load` after it. Conflict when it is listed already or the
  /// list is full, NotFound when it is not listed.
  [[nodiscard]] Result<void> add(store::Transaction& transaction, audit::AuditLog& audit,
                                 const AllowedNetwork& entry, const std::string& request_id) const;
  [[nodiscard]] Result<void> remove(store::Transaction& transaction, audit::AuditLog& audit, const Cidr& network,
                                    const std::string& actor, const std::string& request_id) const;

 private:
  struct State {
    std::vector<AllowedNetwork> networks;
    NetworkTable table;  ///< the same networks, for look-ups
  };
  static State state_of(std::vector<AllowedNetwork> networks);

  const std::vector<AllowedNetwork> environment_;
  Snapshot<State> state_;
};

/// Whether the two share an address.
[[nodiscard]] bool overlap(const Cidr& a, const Cidr& b);

/// A network for the allow list: like parse_ban_network, but an IPv6 address stays one address.
[[nodiscard]] Result<Cidr> parse_allowed_network(std::string_view text);

}  // namespace kavach::guard
