#pragma once

// One call with what its handler needs. Copied freely: it borrows the call and the services, both of
// which outlive the handler.

#include "api/services.h"
#include "guard/call.h"

namespace kavach::api {

struct Context {
  guard::Call* call;
  ApiServices* services;
  bool analyze;  ///< the caller's mode when the call arrived

  [[nodiscard]] identity::UserId user() const { return call->principal.user; }
  [[nodiscard]] trading::AccountId account() const { return account_in_mode(user(), analyze); }
  [[nodiscard]] trading::Actor actor() const {
    return {call->principal.username, call->principal.credential_id, call->client.text(),
            call->request.request_id, !call->principal.scopes.trade};
  }
};

}  // namespace kavach::api
