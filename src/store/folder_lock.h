#pragma once

// One gateway per data folder. `serve` holds this lock while it runs; a second one refuses to
// start. Commands do not take it: they may write beside a running gateway. The kernel drops the
// lock when the process dies, however it dies, so there is nothing to clean up.

#include <filesystem>
#include <utility>

#include "core/result.h"

namespace kavach::store {

class FolderLock {
 public:
  /// Fails with StorageLocked, naming the process that holds it, or with the reason why the lock
  /// file
  /// (`kavach.lock` in `folder`) cannot be made.
  [[nodiscard]] static Result<FolderLock> take(const std::filesystem::path& folder);

  ~FolderLock();
  FolderLock(FolderLock&& other) noexcept : descriptor_{std::exchange(other.descriptor_, -1)} {}
  FolderLock& operator=(FolderLock&&) = delete;
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  explicit FolderLock(int descriptor) : descriptor_{descriptor} {}
  int descriptor_;
};

}  // namespace kavach::store
