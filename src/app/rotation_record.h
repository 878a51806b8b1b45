#pragma once

// The rotation of the master secrets as the store remembers it: asked for by the console or a command,
// carried out by whoever holds the folder's lock, watched by both. Functions run inside the caller's
// transaction; at most one rotation is open at a time.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/setting_table.h"
#include "audit/audit_log.h"
#include "core/clock.h"
#include "crypto/key_ring.h"
#include "identity/actor.h"
#include "store/database.h"

namespace kavach::app {

/// `app`, `pepper`, `field`.
[[nodiscard]] std::string_view name_of(crypto::Master master);
[[nodiscard]] Setting setting_of(crypto::Master master);
/// All three for an empty text or `all`; nothing for a name that is none of the three.
[[nodiscard]] std::optional<std::vector<crypto::Master>> parse_masters(std::string_view which);

struct RotationRecord {
  std::int64_t id{0};
  std::vector<crypto::Master> masters;   ///< which are replaced; none when only values are to be sealed anew
  std::vector<std::string> former_ids;   ///< the current ids when it was asked for, in the order of `masters`
  identity::Actor actor;
  TimePoint requested_at{};
  std::int64_t resealed{0};
  std::int64_t remaining{0};             ///< values still under an older key, as last counted
  std::optional<TimePoint> finished_at;
  std::string problem;                   ///< why it was given up; empty otherwise

  [[nodiscard]] bool open() const { return !finished_at; }
};

/// The latest, open or not.
[[nodiscard]] Result<std::optional<RotationRecord>> latest_rotation(store::Reader& reader);
/// Audited. Conflict while one is open.
[[nodiscard]] Result<void> open_rotation(store::Transaction& transaction, audit::AuditLog& audit,
                                         const RotationRecord& wanted);
[[nodiscard]] Result<void> note_resealed(store::Transaction& transaction, std::int64_t id, std::int64_t resealed,
                                         std::int64_t remaining);
/// Audited; with a problem as a failure.
[[nodiscard]] Result<void> close_rotation(store::Transaction& transaction, audit::AuditLog& audit,
                                          const RotationRecord& rotation, TimePoint now, const std::string& problem);

}  // namespace kavach::app
