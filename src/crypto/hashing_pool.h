#pragma once

// PasswordHasher off the I/O threads and within bounds: at most `threads` hashes run at once (so at
// most threads x 64 MiB are in use, 128 MiB for imported hashes) and at most `queue_max` wait. Beyond
// that the answer is an immediate Busy: a flood of logins costs refusals, not memory. Any thread.

#include <cstddef>
#include <functional>
#include <string>

#include "core/worker_pool.h"
#include "crypto/password_hasher.h"

namespace kavach::crypto {

class HashingPool {
 public:
  /// `hasher` must outlive the pool. Destruction finishes accepted work first.
  HashingPool(const PasswordHasher& hasher, std::size_t threads, std::size_t queue_max);

  /// Called exactly once: on a pool thread, or at once on the caller's when the answer is Busy.
  using OnVerdict = std::move_only_function<void(Result<Verdict>)>;
  using OnHash = std::move_only_function<void(Result<std::string>)>;

  void verify(Secret value, std::string stored, OnVerdict done);
  void hash(Secret value, OnHash done);

  /// Finishes what was accepted and refuses the rest as Busy. At shutdown, before what the callbacks
  /// use is destroyed.
  void stop() { pool_.stop(); }

  [[nodiscard]] const PasswordHasher& hasher() const { return hasher_; }
  [[nodiscard]] std::size_t queued() const { return pool_.queued(); }

 private:
  const PasswordHasher& hasher_;
  WorkerPool pool_;
};

}  // namespace kavach::crypto
