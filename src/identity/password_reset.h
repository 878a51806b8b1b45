#pragma once

// A forgotten password: by a mailed link that works once within 15 minutes, together with a second factor
// (a code, a recovery code or a passkey) where the account asks for one, or by a code of the authenticator app. The link is built from HOST_SERVER and never from the request. What is answered, and
// how long that takes, is the same whether or not the account exists: looking it up, making the token and
// sending the mail all happen on the mailer's worker.
//
// Tasks resume on their executor.

#include <optional>
#include <string>
#include <vector>

#include "core/json.h"
#include "core/secret.h"
#include "core/task.h"
#include "identity/accounts.h"
#include "identity/mailer.h"
#include "identity/one_time_tokens.h"
#include "identity/passkeys.h"
#include "identity/second_factors.h"

namespace kavach::identity {

/// What is shown beside a link; both are empty where the account asks for neither.
struct ResetProof {
  std::string code;                        ///< six digits or a recovery code
  std::optional<json::object> credential;  ///< a passkey's `AuthenticationResponseJSON`
};

class PasswordReset {
 public:
  static constexpr std::chrono::minutes kLinkLives{15};

  struct Parts {
    Users& users;
    Accounts& accounts;
    OneTimeTokens& tokens;
    SecondFactors& second_factors;
    Passkeys& passkeys;
    AttemptThrottle& throttle;
    Mailer& mailer;
    audit::AuditLog& audit;
    Logger& log;
    std::string host_server;  ///< `https://trade.example.org`, no trailing slash
  };
  explicit PasswordReset(Parts parts);

  /// Returns at once; a mail follows if there is somebody to send it to.
  void request(std::string name_or_email, Actor actor);

  /// One of which the link has to be confirmed with, as second_factor_methods() names them; nothing where the
  /// link is enough. NotFound: no such link any more, here and below, in the same words whatever became of it.
  [[nodiscard]] Task<Result<std::vector<std::string>>> proofs_for(std::string token, Executor& executor);
  /// What the browser asks a passkey of the link's account; good for this link only. Conflict without a passkey.
  [[nodiscard]] Task<Result<std::string>> passkey_options(std::string token, Executor& executor);
  /// InvalidInput: the password is refused, or the proof is missing. Unauthenticated: the proof is wrong. The
  /// link stays valid unless the password is changed.
  [[nodiscard]] Task<Result<void>> confirm_with_link(std::string token, ResetProof proof, Secret next, Actor actor,
                                                     Executor& executor);
  /// One refusal, Unauthenticated, for an unknown account, one without an authenticator, and a wrong code.
  [[nodiscard]] Task<Result<void>> confirm_with_code(std::string name_or_email, std::string code, Secret next,
                                                     Actor actor, Executor& executor);

 private:
  void send_link(const std::string& name_or_email, const Actor& actor);
  [[nodiscard]] Task<Result<UserPtr>> account_of(std::string token, Executor& executor);
  [[nodiscard]] std::vector<std::string> methods_of(const User& user) const;
  [[nodiscard]] Task<Result<void>> check_code(UserId user, std::string code, std::string link, Actor actor, Executor& executor);
  [[nodiscard]] Task<Result<void>> check_proof(UserPtr user, std::string link, ResetProof proof, Actor actor,
                                               Executor& executor);

  Parts parts_;
};

}  // namespace kavach::identity
