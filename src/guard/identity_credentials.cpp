#include "guard/identity_credentials.h"

namespace kavach::guard {
namespace {

KeyVerdict verdict_of(identity::KeyCheck check) {
  using From = identity::KeyCheck::Outcome;
  using To = KeyVerdict::Outcome;
  const auto outcome = [&] {
    switch (check.outcome) {
      case From::Accepted: return To::Accepted;
      case From::Unknown:
      case From::Revoked: return To::Unknown;
      case From::Expired: return To::Expired;
      case From::AddressNotAllowed: return To::AddressRefused;
      case From::Busy: return To::Busy;
      case From::NeedsHash:
      case From::Unavailable: return To::Unavailable;
    }
    return To::Unavailable;
  }();
  return {outcome, std::move(check.principal), {}};
}

}  // namespace

std::optional<KeyVerdict> IdentityCredentials::judge_key(std::string_view key, const IpAddress& client) {
  auto check = keys_.find(key, client);
  if (check.outcome == identity::KeyCheck::Outcome::NeedsHash) return std::nullopt;
  auto verdict = verdict_of(std::move(check));
  if (verdict.outcome == KeyVerdict::Outcome::Unknown) {
    // How wrong keys appear in offence records.
    verdict.attempted = ring_.macs(crypto::Purpose::OffenceDigest)->front().hex(key);
  }
  return verdict;
}

void IdentityCredentials::verify_key(Secret key, IpAddress client,
                                     std::move_only_function<void(KeyVerdict)> done) {
  keys_.verify(std::move(key), client, [done = std::move(done)](identity::KeyCheck check) mutable {
    done(verdict_of(std::move(check)));
  });
}

bool IdentityCredentials::signature_required(const identity::Principal& principal) {
  return principal.credential == identity::Credential::ApiKey && keys_.signing_required(principal.credential_id);
}

Task<Result<void>> IdentityCredentials::check_signature(std::string key_id, identity::SignedRequest request,
                                                        Executor& executor) {
  return signing_.check(std::move(key_id), std::move(request), executor);
}

void IdentityCredentials::note_exposed(std::string_view key, const IpAddress& client) {
  keys_.note_exposed(key, client);
}

std::optional<SessionVerdict> IdentityCredentials::session(std::string_view cookie, const IpAddress&) {
  auto active = sessions_.find(cookie);
  if (!active) return std::nullopt;
  return SessionVerdict{std::move(active->principal), std::move(active->csrf_token)};
}

bool IdentityCredentials::still_valid(const identity::Principal& principal) {
  const auto user = users_.find(principal.user);
  if (!user || !user->enabled) return false;
  switch (principal.credential) {
    case identity::Credential::ApiKey: return keys_.is_live(principal.credential_id);
    case identity::Credential::Session: return sessions_.is_live(principal.credential_id);
    case identity::Credential::None: return false;
  }
  return false;
}

}  // namespace kavach::guard
