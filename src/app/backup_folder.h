#pragma once

// Backups of a data folder: making one while the gateway runs, restoring one while none does, and the
// folder `backups` that the console's page shows. Used by `kavach backup`, `kavach restore` and the
// gateway. Thread-safe; everything blocks and belongs on a worker.

#include <cstddef>
#include <filesystem>
#include <mutex>
#include <string>
#include <vector>

#include "app/foundation.h"
#include "console/backup_services.h"
#include "identity/actor.h"

namespace kavach::app {

/// Copies the database in one snapshot, encrypts the copy into the new file `target`, and records it.
[[nodiscard]] Result<void> make_backup(Foundation& base, const std::filesystem::path& target,
                                       const identity::Actor& actor);

/// What a restored database needs and this folder's secrets do not have.
struct RestoreReport {
  std::size_t unreadable_values{0};  ///< encrypted under a forgotten FERNET_SALT, or damaged
  std::size_t unusable_hashes{0};    ///< passwords and keys under a forgotten pepper
};

/// Puts a backup in place of the data folder's database, which stays beside it as
/// `kavach.db.before-restore`. Everything is checked before anything is changed: every byte, the
/// database's own consistency, that it can be brought to this version, and that no gateway runs
/// (StorageLocked).
[[nodiscard]] Result<RestoreReport> restore_backup(const std::filesystem::path& data_folder,
                                                   const std::filesystem::path& sealed);

class BackupFolder {
 public:
  static constexpr std::size_t kKept = 10;  ///< the oldest goes when there would be more
  static constexpr std::uintmax_t kDownloadBytesMax = 256U << 20U;

  explicit BackupFolder(Foundation& base);

  [[nodiscard]] Result<std::vector<console::BackupView>> list();
  [[nodiscard]] Result<console::BackupView> create(const identity::Actor& actor);
  [[nodiscard]] Result<std::string> read(const std::string& name);

 private:
  Foundation& base_;
  const std::filesystem::path folder_;
  std::mutex making_;
};

}  // namespace kavach::app
