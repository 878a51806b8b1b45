#include "identity/login_proof.h"

#include "identity/row_time.h"

namespace kavach::identity {
namespace {

/// The account as the store has it now.
struct Present {
  bool enabled{false};
  TimePoint password_changed_at{};
  bool asks_at_login{true};
  std::optional<TimePoint> authenticator;  ///< when it was enrolled
  bool has_passkeys{false};
  bool has_shown_passkey{false};
};

Result<Present> present(store::Transaction& transaction, UserId user, const LoginProof& proof) {
  Present now;
  auto read = transaction.query("SELECT enabled, password_changed_at, required_for_login FROM users WHERE id = ?", {user},
                                [&](const store::Row& row) {
                                  now.enabled = row.integer(0) != 0;
                                  now.password_changed_at = time_at(row, 1);
                                  now.asks_at_login = row.integer(2) != 0;
                                });
  if (!read) return pass_on(std::move(read));
  read = transaction.query("SELECT enrolled_at FROM user_totp WHERE user_id = ? AND sealed_secret <> ''", {user},
                           [&](const store::Row& row) { now.authenticator = time_at(row, 0); });
  if (!read) return pass_on(std::move(read));
  read = transaction.query("SELECT id FROM passkeys WHERE user_id = ?", {user}, [&](const store::Row& row) {
    now.has_passkeys = true;
    now.has_shown_passkey = now.has_shown_passkey || row.text(0) == proof.passkey;
  });
  if (!read) return pass_on(std::move(read));
  return now;
}

bool stands(const Present& now, const LoginProof& proof, bool fresh) {
  if (!now.enabled) return false;
  if (proof.password && *proof.password != now.password_changed_at) return false;
  if (proof.code && proof.authenticator != now.authenticator) return false;
  if (!proof.passkey.empty() && !now.has_shown_passkey) return false;
  if (proof.code || !proof.passkey.empty()) return true;
  const bool enrolled = now.authenticator || now.has_passkeys;
  return proof.password && (!enrolled || !(now.asks_at_login || fresh));
}

}  // namespace

Result<void> judge_proof(store::Transaction& transaction, UserId user, const LoginProof& proof, bool fresh) {
  const auto now = present(transaction, user, proof);
  if (!now) return pass_on(now);
  if (!stands(*now, proof, fresh)) {
    return fail(ErrorCode::Unauthenticated, "The account was changed while you signed in; sign in again.");
  }
  return {};
}

}  // namespace kavach::identity
