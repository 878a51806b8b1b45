#pragma once

// New master secrets for a data folder, while the gateway runs or while it does not. A request is a row
// in the store (app/rotation_record.h); whoever holds the folder's lock carries it out in steps, each of
// which may be the last one before a kill:
//
//   1. secrets.env gets the new secrets in one atomic write, the former ones beside them; the key ring
//      follows. Whether this has happened is read off the ids, so it never happens twice.
//   2. Every encrypted value is sealed again, a few in one transaction, and the snapshots read anew.
//   3. When nothing has been found under the former key for a while (an operation that began before
//      step 1 may still have been writing), the former FERNET_SALT is forgotten and the row is closed.
//
// Older generations of APP_KEY stay: backups, audit signatures, sessions and recovery codes need them. An
// older pepper stays as long as a stored hash names it (`retire_peppers`), because a password is hashed
// anew only when its owner next signs in. Steps block; one thread at a time.

#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "app/foundation.h"
#include "app/rotation_record.h"
#include "core/result.h"

namespace kavach::app {

class KeyRotation {
 public:
  struct Options {
    /// Called when keys or sealed values have changed: what is kept of them in memory is read again.
    std::function<Result<void>()> follow;
    /// How long nothing may have been found under a former key before it is forgotten.
    Monotonic settles{std::chrono::seconds{2}};
  };
  KeyRotation(Foundation& base, Options options) : base_{base}, options_{std::move(options)} {}

  /// Conflict while one is open, and for a secret that does not come from secrets.env. Any thread.
  [[nodiscard]] Result<void> request(const std::vector<crypto::Master>& masters, const identity::Actor& actor);

  /// Once, before the first step: opens a rotation for values that are under a former key although none
  /// is open (the operator replaced a secret of his own).
  [[nodiscard]] Result<void> recover();
  /// A bounded piece of what is to be done. True when nothing is left.
  [[nodiscard]] Result<bool> step();
  /// Forgets peppers that no stored hash names. Not within an hour of a rotation: a hash that was being
  /// made then must have reached the store. The number forgotten.
  [[nodiscard]] Result<std::size_t> retire_peppers();

 private:
  [[nodiscard]] Result<bool> advance(RotationRecord& rotation);
  [[nodiscard]] bool has_begun(const RotationRecord& rotation) const;
  [[nodiscard]] Result<void> begin(const RotationRecord& rotation);
  [[nodiscard]] Result<void> finish(RotationRecord& rotation);
  [[nodiscard]] Result<void> give_up(const RotationRecord& rotation, const Error& problem);
  /// The ring as secrets.env and the environment have it now.
  [[nodiscard]] Result<void> follow_secrets();

  Foundation& base_;
  const Options options_;
  std::mutex stepping_;
  std::optional<Monotonic> clean_since_;  ///< since when nothing was found under a former key
};

/// The request alone, for a process that does not hold the folder's lock.
[[nodiscard]] Result<void> request_rotation(Foundation& base, const std::vector<crypto::Master>& masters,
                                            const identity::Actor& actor);

struct RotationReport {
  bool resumed{false};       ///< an interrupted rotation was finished; nothing new was begun
  std::int64_t resealed{0};  ///< values that were encrypted again, over all attempts
};

/// All of it at once, on a folder no gateway serves. StorageLocked otherwise.
[[nodiscard]] Result<RotationReport> rotate_keys(const std::filesystem::path& data_folder,
                                                 const std::vector<crypto::Master>& masters);

}  // namespace kavach::app
