#pragma once

// Random 256-bit tokens that work once: the setup link and password reset links. Only a keyed digest
// is stored, bound to the purpose. Tasks resume on their executor.

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/random.h"
#include "core/result.h"
#include "core/secret.h"
#include "core/task.h"
#include "crypto/key_ring.h"
#include "identity/joined_write.h"
#include "identity/principal.h"
#include "store/database.h"

namespace kavach::identity {

enum class TokenPurpose { Setup, PasswordReset };

/// The one answer for a token that is unknown, expired, used up or of an account that is disabled.
[[nodiscard]] Error link_over();

class OneTimeTokens {
 public:
  /// Everything must outlive this.
  OneTimeTokens(store::Database& database, const crypto::KeyRing& ring, const Clock& clock,
                const SecureRandom& random);

  /// A setup link replaces the former one. Links to reset a password stay good beside a new one, ten at most: a
  /// stranger who asks for one must not void the owner's.
  [[nodiscard]] Task<Result<Secret>> issue(TokenPurpose purpose, UserId user, std::chrono::minutes lives,
                                           Executor& executor);
  /// Whose it is, if it is valid; it stays valid. NotFound otherwise.
  [[nodiscard]] Task<Result<UserId>> look_at(TokenPurpose purpose, std::string token, Executor& executor);
  /// The token is used up with what it was redeemed for: of two that redeem one token, the unit of one fails
  /// with NotFound, and while the store refuses the change the token stays good.
  [[nodiscard]] JoinedWrite redemption(TokenPurpose purpose, std::string_view token);
  /// All of the user's are void with the change it is written with.
  [[nodiscard]] static JoinedWrite voiding(TokenPurpose purpose, UserId user);
  [[nodiscard]] Task<Result<void>> revoke_all(TokenPurpose purpose, UserId user, Executor& executor);

 private:
  /// Under every APP_KEY, the current one first: a rotation does not void a link that was mailed.
  [[nodiscard]] std::vector<std::string> digests(TokenPurpose purpose, std::string_view token) const;

  store::Database& database_;
  const Clock& clock_;
  const SecureRandom& random_;
  const crypto::KeyRing& ring_;
};

}  // namespace kavach::identity
