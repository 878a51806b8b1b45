#pragma once

// Everything that happens to bans goes through here: the list on the request path, the ledger on disk,
// the protections, and the export before a permanent ban. Used by the pipeline (`is_banned`), the
// warden, the console and the command line.
//
// `is_banned` and `hold` from any thread and without blocking; the others read or write the store and
// wait, so they belong on worker threads.

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/net_address.h"
#include "core/result.h"
#include "guard/ban.h"
#include "guard/ban_ledger.h"
#include "guard/ban_list.h"
#include "guard/ban_protection.h"
#include "store/database.h"

namespace kavach::guard {

class Bans {
 public:
  /// Saves an offender's records before he is banned for ever; a failure is logged, the ban stands.
  using ExportOffender = std::function<Result<void>(const Cidr& network)>;
  /// Told of every ban that came into force, whoever made it (to close WebSockets).
  using OnBan = std::function<void(const Cidr& network)>;

  Bans(store::Database& database, audit::AuditLog& audit, const BanProtection& protection, const Clock& clock,
       std::uint64_t hash_seed, ExportOffender export_offender);

  /// Called on the thread that made or noticed the ban. Set before the server starts.
  void on_ban(OnBan listener) { on_ban_ = std::move(listener); }

  [[nodiscard]] bool is_banned(const IpAddress& address) const;

  /// At start: the stored bans come into force.
  [[nodiscard]] Result<void> load();
  /// Takes over what other processes changed; a few times a second. On failure the last known bans stay.
  [[nodiscard]] Result<void> refresh();
  /// Drops expired rows; now and then.
  [[nodiscard]] Result<void> sweep();

  /// Enforces a ban at once and only in memory, until `ban` has stored it.
  void hold(const Cidr& network, std::chrono::seconds duration);

  /// Asks no protections: the caller has asked `BanProtection::judge`.
  [[nodiscard]] Result<Ban> ban(const BanRequest& request);
  /// All or none, in one transaction.
  [[nodiscard]] Result<void> ban_all(const std::vector<BanRequest>& requests);
  /// Lifts the ban of exactly this network, or, of a single IPv6 address, that of its /64. When a wider
  /// ban covers it, the error names that.
  [[nodiscard]] Result<Cidr> unban(const Cidr& network, const std::string& actor, const std::string& request_id);

  [[nodiscard]] const BanProtection& protection() const { return protection_; }
  [[nodiscard]] std::size_t size() const { return list_.size(); }

 private:
  [[nodiscard]] Result<std::vector<Ban>> make(const std::vector<BanRequest>& requests);
  [[nodiscard]] Result<bool> becomes_permanent(const BanRequest& request);
  void enforce(const Cidr& network, const std::optional<TimePoint>& expires_at);

  store::Database& database_;
  BanLedger ledger_;
  const BanProtection& protection_;
  const Clock& clock_;
  const ExportOffender export_offender_;
  OnBan on_ban_;
  BanList list_;
  std::mutex refresh_mutex_;
  std::int64_t last_change_{0};
};

}  // namespace kavach::guard
