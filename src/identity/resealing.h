#pragma once

// The rotation of the encryption key for this room's columns: everything that is still sealed under an
// older key is opened and sealed under the current one, row by row. Stopping at any point leaves rows
// under either key, both of which open, and running it again finishes. For `kavach keys rotate`; blocks.

#include <cstddef>

#include "core/result.h"
#include "crypto/field_cipher.h"
#include "store/database.h"

namespace kavach::identity {

/// The number of values that were sealed anew. Does not touch a value that changed meanwhile: whoever
/// changed it sealed it under the current key.
[[nodiscard]] Result<std::size_t> reseal_fields(store::Database& database, const crypto::FieldCipher& cipher);

}  // namespace kavach::identity
