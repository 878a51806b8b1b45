#pragma once

// Credentials answered by the identity room: API keys, sessions and the accounts behind them.

#include <string>

#include "crypto/key_ring.h"
#include "guard/credentials.h"
#include "identity/api_keys.h"
#include "identity/request_signing.h"
#include "identity/sessions.h"
#include "identity/users.h"

namespace kavach::guard {

class IdentityCredentials final : public Credentials {
 public:
  IdentityCredentials(identity::ApiKeys& keys, identity::Sessions& sessions, identity::Users& users,
                      identity::RequestSigning& signing, const crypto::KeyRing& ring, std::string cookie_name)
      : keys_{keys},
        sessions_{sessions},
        users_{users},
        signing_{signing},
        ring_{ring},
        cookie_name_{std::move(cookie_name)} {}

  std::optional<KeyVerdict> judge_key(std::string_view key, const IpAddress& client) override;
  void verify_key(Secret key, IpAddress client, std::move_only_function<void(KeyVerdict)> done) override;
  bool signature_required(const identity::Principal& principal) override;
  Task<Result<void>> check_signature(std::string key_id, identity::SignedRequest request,
                                     Executor& executor) override;
  void note_exposed(std::string_view key, const IpAddress& client) override;
  std::optional<SessionVerdict> session(std::string_view cookie, const IpAddress& client) override;
  std::string_view session_cookie_name() const override { return cookie_name_; }
  bool still_valid(const identity::Principal& principal) override;

 private:
  identity::ApiKeys& keys_;
  identity::Sessions& sessions_;
  identity::Users& users_;
  identity::RequestSigning& signing_;
  const crypto::KeyRing& ring_;
  const std::string cookie_name_;
};

}  // namespace kavach::guard
