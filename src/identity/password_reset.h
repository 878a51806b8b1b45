#pragma once

// A forgotten password: by a mailed link that works once within 15 minutes, or by a code of the
// authenticator app. The link is built from HOST_SERVER and never from the request. What is answered, and
// how long that takes, is the same whether or not the account exists: looking it up, making the token and
// sending the mail all happen on the mailer's worker.
//
// Tasks resume on their executor.

#include <string>

#include "core/secret.h"
#include "core/task.h"
#include "identity/accounts.h"
#include "identity/mailer.h"
#include "identity/one_time_tokens.h"
#include "identity/second_factors.h"

namespace kavach::identity {

class PasswordReset {
 public:
  static constexpr std::chrono::minutes kLinkLives{15};

  struct Parts {
    Users& users;
    Accounts& accounts;
    OneTimeTokens& tokens;
    SecondFactors& second_factors;
    AttemptThrottle& throttle;
    Mailer& mailer;
    audit::AuditLog& audit;
    Logger& log;
    std::string host_server;  ///< `https://trade.example.org`, no trailing slash
  };
  explicit PasswordReset(Parts parts);

  /// Returns at once; a mail follows if there is somebody to send it to.
  void request(std::string name_or_email, Actor actor);

  /// `code` where the account asks for a second factor at resets. NotFound: no such link any more.
  /// InvalidInput: the password is refused. Unauthenticated: the code is wrong. The link stays valid.
  [[nodiscard]] Task<Result<void>> confirm_with_link(std::string token, std::string code, Secret next, Actor actor,
                                                     Executor& executor);
  /// One refusal, Unauthenticated, for an unknown account, one without an authenticator, and a wrong code.
  [[nodiscard]] Task<Result<void>> confirm_with_code(std::string name_or_email, std::string code, Secret next,
                                                     Actor actor, Executor& executor);

 private:
  void send_link(const std::string& name_or_email, const Actor& actor);

  Parts parts_;
};

}  // namespace kavach::identity
