#pragma once

// The rotation of the encryption key for this room's columns: everything that is still sealed under an
// older key is opened and sealed under the current one, a few values in one transaction. Stopping at any
// point leaves rows under either key, both of which open, and running it again goes on. Blocks.

#include <cstddef>
#include <functional>
#include <limits>

#include "core/result.h"
#include "crypto/field_cipher.h"
#include "store/database.h"

namespace kavach::identity {

struct Resealed {
  std::size_t resealed{0};
  std::size_t remaining{0};   ///< still under an older key, and readable
  std::size_t unreadable{0};  ///< damaged, or under a key that is not in the ring: left as they are
};

/// Called inside the transaction that sealed the values it speaks of.
using NoteResealed = std::function<Result<void>(store::Transaction&, const Resealed&)>;

/// At most `limit` values. Does not touch a value that changed meanwhile: whoever changed it sealed it
/// under the current key.
[[nodiscard]] Result<Resealed> reseal_fields(store::Database& database, const crypto::FieldCipher& cipher,
                                             std::size_t limit = std::numeric_limits<std::size_t>::max(),
                                             const NoteResealed& note = {});

/// How many values open under no key of the ring. After a restore: they need the secrets of their time.
[[nodiscard]] Result<std::size_t> count_unreadable(store::Database& database, const crypto::FieldCipher& cipher);

}  // namespace kavach::identity
