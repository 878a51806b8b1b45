#pragma once

// Tells a user by mail of a sign-in from a browser that had not signed in before.

#include "identity/login.h"
#include "identity/mailer.h"

namespace kavach::identity {

/// Call once before serving; both must live as long as logins happen.
void mail_new_devices(LoginService& login, Mailer& mailer);

}  // namespace kavach::identity
