#pragma once

// Bans on disk: those in force, and the history that neither expiry nor unban shortens. The history is
// also the change feed: whoever keeps a BanList reads what was added after the last row he has seen,
// so a ban made by the command line is in force here within one poll.
//
// Every function works inside the caller's transaction or read; the ledger holds no state.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "audit/audit_log.h"
#include "core/clock.h"
#include "core/result.h"
#include "guard/ban.h"
#include "guard/ban_list.h"
#include "guard/escalation.h"
#include "store/database.h"

namespace kavach::guard {

/// One line of an offender's history.
struct BanRecord {
  std::int64_t id{0};
  Cidr network;
  std::string action;  ///< `ban`, `extend` or `unban`
  BanKind kind{BanKind::Manual};
  std::string reason;
  TimePoint at{};
  std::optional<TimePoint> expires_at;
  std::string actor;
};

class BanLedger {
 public:
  explicit BanLedger(audit::AuditLog& audit) : audit_{audit} {}

  /// Adds a ban, or lengthens the one in force; a ban is never shortened, so the answer may last longer
  /// than what was asked for. Refuses durations outside kBanMin..kBanMax.
  [[nodiscard]] Result<Ban> add(store::Transaction& transaction, const BanRequest& request, TimePoint now);

  /// NotFound when exactly this network has no ban in force.
  [[nodiscard]] Result<void> remove(store::Transaction& transaction, const Cidr& network, const std::string& actor,
                                    const std::string& request_id, TimePoint now);

  /// Drops expired bans from those in force; the history keeps them.
  [[nodiscard]] static Result<void> sweep(store::Transaction& transaction, TimePoint now);

  [[nodiscard]] static Result<PastBans> past(store::Reader& reader, const Cidr& network);
  [[nodiscard]] static Result<std::optional<Ban>> find(store::Reader& reader, const Cidr& network, TimePoint now);
  /// In force, by network, after `network`: for lists of any length, read in pieces.
  [[nodiscard]] static Result<std::vector<Ban>> list_after(store::Reader& reader, TimePoint now,
                                                           std::string_view network, std::int64_t limit);
  /// In force, newest first.
  [[nodiscard]] static Result<std::vector<Ban>> list(store::Reader& reader, TimePoint now, std::int64_t limit);
  struct Totals {
    std::int64_t in_force{0};
    std::int64_t permanent{0};
  };
  [[nodiscard]] static Result<Totals> totals(store::Reader& reader, TimePoint now);
  [[nodiscard]] static Result<std::vector<BanRecord>> history(store::Reader& reader, const Cidr& network,
                                                              std::int64_t limit);

  /// Everything in force, for a BanList, and the last history row it includes.
  struct Everything {
    std::vector<BanInForce> bans;
    std::int64_t last_id{0};
  };
  /// The id of the latest history row; 0 when there is none.
  [[nodiscard]] static Result<std::int64_t> last_change(store::Reader& reader);
  [[nodiscard]] static Result<Everything> everything(store::Reader& reader, TimePoint now);
  [[nodiscard]] static Result<std::vector<BanRecord>> changes_after(store::Reader& reader, std::int64_t id,
                                                                    std::int64_t limit);

 private:
  [[nodiscard]] static Result<void> write_history(store::Transaction& transaction, const BanRecord& record);
  audit::AuditLog& audit_;
};

}  // namespace kavach::guard
