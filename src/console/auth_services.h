#pragma once

// What the routes of sign-in, accounts and API keys are built from. `app` owns all of it and keeps it
// alive as long as the routes.

#include <functional>
#include <string>

#include "core/clock.h"
#include "core/random.h"
#include "identity/accounts.h"
#include "identity/api_keys.h"
#include "identity/cookies.h"
#include "identity/login.h"
#include "identity/login_csrf.h"
#include "identity/mailer.h"
#include "identity/passkeys.h"
#include "identity/password_reset.h"
#include "identity/second_factors.h"
#include "identity/sessions.h"
#include "identity/setup.h"
#include "identity/users.h"

namespace kavach::console {

struct AuthServices {
  identity::Users& users;
  identity::Sessions& sessions;
  identity::ApiKeys& api_keys;
  identity::SecondFactors& second_factors;
  identity::Accounts& accounts;
  identity::Setup& setup;
  identity::LoginService& login;
  identity::Passkeys& passkeys;
  identity::PasswordReset& password_reset;
  identity::Mailer& mailer;
  const identity::LoginCsrf& login_csrf;
  identity::CookieNames cookies;
  const Clock& clock;
  const SecureRandom& random;
  std::function<bool(identity::UserId)> is_analyze;  ///< for `mode` in the session's status
};

}  // namespace kavach::console
