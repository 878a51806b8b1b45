#pragma once

// The container of a backup: a database copy, encrypted and authenticated in chunks, so that neither
// its size nor its memory is bounded by the other. A file that was cut, extended, reordered, changed
// in any bit or made by another gateway is refused whole.
//
// Layout: the header (magic and version, the key's id, a salt), then chunks of 64 KiB under
// AES-256-GCM, each with its tag. The key is derived from the ring's backup key and the file's salt,
// so no key ever meets a nonce twice. A chunk's nonce is its number and whether it is the last (the
// STREAM construction of Hoang, Reyhanitabar, Rogaway, Vizar 2015); the header is authenticated with
// every chunk. Pure functions over files; blocking; any thread.

#include <cstddef>
#include <filesystem>

#include "core/random.h"
#include "core/result.h"
#include "crypto/key_ring.h"

namespace kavach::app {

inline constexpr std::size_t kBackupHeaderBytes = 8 + 8 + 32;
inline constexpr std::size_t kBackupChunkBytes = 64 * 1024;
inline constexpr std::size_t kBackupTagBytes = 16;

/// Encrypts `plain` into the new file `sealed` (mode 0600), durable when it returns. Conflict when
/// `sealed` exists; a failed file is removed again.
[[nodiscard]] Result<void> seal_backup(const crypto::KeyRing& ring, const SecureRandom& random,
                                       const std::filesystem::path& plain, const std::filesystem::path& sealed);

/// Decrypts `sealed` into the new file `plain` (mode 0600), which exists afterwards only if every byte
/// of the backup was genuine. InvalidInput for a file that is no backup or was changed, Forbidden for
/// one of another gateway.
[[nodiscard]] Result<void> open_backup(const crypto::KeyRing& ring, const std::filesystem::path& sealed,
                                       const std::filesystem::path& plain);

}  // namespace kavach::app
