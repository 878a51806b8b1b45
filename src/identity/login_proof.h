#pragma once

// What a login showed. It is judged again in the unit that begins the session: whoever changes a password, a
// second factor or an account ends its sessions, and a login that was judged before such a change and begins its
// session after it must not slip past. Used by LoginService and Sessions.

#include <optional>
#include <string>

#include "core/clock.h"
#include "core/result.h"
#include "identity/principal.h"
#include "store/database.h"

namespace kavach::identity {

struct LoginProof {
  /// `password_changed_at` of the password that was right; nothing for a passkey instead of a password.
  std::optional<TimePoint> password{};
  /// A code of the authenticator app, or a recovery code, was right.
  bool code{false};
  /// When the app was enrolled that the account had then.
  std::optional<TimePoint> authenticator{};
  /// The id of the passkey that answered, or empty.
  std::string passkey{};
};

/// Unauthenticated unless the account is enabled, what was shown is still its own, and that is everything it asks
/// for at a login, or for `fresh` everything it has. Writer thread.
[[nodiscard]] Result<void> judge_proof(store::Transaction& transaction, UserId user, const LoginProof& proof, bool fresh);

}  // namespace kavach::identity
