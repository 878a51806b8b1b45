#pragma once

// New master secrets for a data folder. Which ones are new is decided by one atomic write of
// secrets.env; from then on everything opens under old and new, and every encrypted value is sealed
// again under the new one. A rotation that was stopped anywhere is finished by the next: as long as
// secrets.env names an older FERNET_SALT, there may be values under it.
//
// Older generations of APP_KEY stay (backups, audit signatures, sessions and recovery codes need
// them), and so do those of API_KEY_PEPPER, because a password is hashed anew only when its owner
// next signs in. Blocking; no gateway may run.

#include <cstdint>
#include <filesystem>
#include <string>

#include "app/foundation.h"
#include "core/result.h"

namespace kavach::app {

struct RotationReport {
  bool resumed{false};       ///< an interrupted rotation was finished; nothing new was begun
  std::int64_t resealed{0};  ///< values that were encrypted again
};

/// `only`: `app`, `pepper`, `field`, or empty for all. StorageLocked while a gateway runs, Conflict for a
/// secret that does not come from secrets.env.
[[nodiscard]] Result<RotationReport> rotate_keys(const std::filesystem::path& data_folder, const std::string& only);

}  // namespace kavach::app
