#pragma once

// Encrypts single columns. The key of a value is derived from where the value lives (table, user,
// broker or record, column), so a ciphertext that is moved to another row, broker or column does not
// open: the place is authenticated without being stored. Rooms that keep secrets in tables use it.
// Follows the key ring; any thread.

#include <string>
#include <string_view>

#include "core/clock.h"
#include "core/random.h"
#include "core/result.h"
#include "core/secret.h"
#include "crypto/key_ring.h"

namespace kavach::crypto {

/// The one place a ciphertext is valid in. `record` is the broker's name, or whatever else tells two
/// rows of one user apart.
struct FieldPlace {
  std::string_view table;
  std::string_view user;
  std::string_view record;
  std::string_view column;
};

class FieldCipher {
 public:
  /// Everything must outlive the cipher.
  FieldCipher(const KeyRing& ring, const Clock& clock, const SecureRandom& random)
      : ring_{ring}, clock_{clock}, random_{random} {}
  FieldCipher(KeyRing&&, const Clock&, const SecureRandom&) = delete;

  /// `<key id>.<Fernet token>`.
  [[nodiscard]] std::string seal(const FieldPlace& place, std::string_view plaintext) const;
  [[nodiscard]] std::string seal(const FieldPlace& place, const Secret& plaintext) const {
    return seal(place, plaintext.reveal());
  }
  /// ErrorCode::StorageCorrupt when the text is not a ciphertext of this place under a known key.
  [[nodiscard]] Result<Secret> open(const FieldPlace& place, std::string_view sealed) const;
  /// True while the value is under an older key: seal what `open` gives again.
  [[nodiscard]] bool needs_resealing(std::string_view sealed) const;

 private:
  const KeyRing& ring_;
  const Clock& clock_;
  const SecureRandom& random_;
};

}  // namespace kavach::crypto
