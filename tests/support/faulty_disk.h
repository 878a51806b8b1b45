#pragma once

// A disk that fails when told to: an SQLite VFS over the real one. It counts writes, truncations
// and syncs, and makes the nth of them fail. After a power loss it also undoes what was written and
// not yet synced, or any part of it, as a real disk's cache may.

#include <sqlite3.h>

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "core/random.h"

namespace kavach::test {

enum class DiskFault {
  WriteFails,  ///< the nth operation fails with EIO, later ones succeed
  SyncFails,   ///< the nth sync fails with EIO, later ones succeed
  Full,        ///< from the nth operation on there is no space, until `mend`
  ReadOnly,    ///< from the nth operation on every write is refused with EROFS, until `mend`
  PowerLoss,   ///< from the nth operation on nothing succeeds, until `restart`
};

/// Registered under `name()` while it lives. Thread-safe. Databases on it must be closed before it
/// dies.
class FaultyDisk {
 public:
  FaultyDisk();
  ~FaultyDisk();
  FaultyDisk(const FaultyDisk&) = delete;
  FaultyDisk& operator=(const FaultyDisk&) = delete;

  [[nodiscard]] const std::string& name() const { return name_; }

  /// `nth` counts from 1, from now on.
  void arm(DiskFault fault, int nth);
  /// Whether the armed fault has happened.
  [[nodiscard]] bool struck() const;
  void mend();
  /// Power is back: each write that was not synced is lost or kept as `random` decides, and the
  /// shared memory of the WAL is gone. All databases must be closed.
  void restart(SeededRandom& random);

  // For the VFS functions.

  enum class Operation { Write, Sync };
  /// The result code the operation must fail with, or SQLITE_OK.
  [[nodiscard]] int next(Operation operation);
  /// Remembers what a write or truncation is about to change.
  void remember(sqlite3_file* real, const std::string& path, std::int64_t offset,
                std::int64_t bytes);
  void forget(const std::string& path);
  [[nodiscard]] bool is_dead() const;
  /// What the kernel would have said to the last refused operation; 0 stands for EIO.
  [[nodiscard]] int last_errno() const { return last_errno_.load(); }
  [[nodiscard]] sqlite3_vfs* real() const { return real_; }

 private:
  /// What one unsynced write replaced.
  struct Change {
    std::int64_t offset;
    std::int64_t bytes;
    std::string before;
    std::int64_t size_before;
  };
  static void undo(const std::string& path, const Change& change);

  std::string name_;
  sqlite3_vfs* real_;
  sqlite3_vfs vfs_{};
  mutable std::mutex mutex_;
  bool armed_{false};
  bool struck_{false};
  DiskFault fault_{DiskFault::WriteFails};
  int countdown_{0};
  std::atomic<int> last_errno_{0};
  std::map<std::string, std::vector<Change>> unsynced_;
};

}  // namespace kavach::test
