#pragma once

// Credentials a test writes down: keys that are judged at once, keys that must be verified first, and
// sessions. Thread-safe where a server's threads and the test meet.

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "guard/credentials.h"
#include "identity/request_signing.h"

namespace kavach::test {

inline identity::Principal principal_of(identity::UserId user, std::string username,
                                        identity::Role role = identity::Role::Trader,
                                        identity::Credential credential = identity::Credential::ApiKey) {
  identity::Principal principal;
  principal.credential = credential;
  principal.user = user;
  principal.credential_id = (credential == identity::Credential::ApiKey ? "k_" : "s_") + username;
  principal.username = std::move(username);
  principal.role = role;
  principal.scopes = identity::scopes_of(role);
  return principal;
}

class ScriptedCredentials : public guard::Credentials {
 public:
  using Outcome = guard::KeyVerdict::Outcome;

  std::map<std::string, guard::KeyVerdict, std::less<>> keys;      ///< judged at once
  std::map<std::string, guard::KeyVerdict, std::less<>> slow_keys;  ///< verified when the test says so
  std::map<std::string, guard::SessionVerdict, std::less<>> sessions;
  std::set<std::string> signing;  ///< credential ids
  Result<void> signature{};       ///< the answer about every signature
  std::vector<identity::SignedRequest> signatures;
  std::vector<std::string> exposed;

  /// The credential stops being valid.
  void end(const std::string& credential_id) {
    const std::lock_guard lock{mutex_};
    ended_.insert(credential_id);
  }
  [[nodiscard]] std::size_t verifying() const { return pending_.size(); }
  /// The verifications that wait are answered.
  void finish_verifying() {
    for (auto& finish : std::exchange(pending_, {})) finish();
  }

  std::optional<guard::KeyVerdict> judge_key(std::string_view key, const IpAddress&) override {
    if (const auto found = keys.find(key); found != keys.end()) return found->second;
    if (slow_keys.contains(key)) return std::nullopt;
    return guard::KeyVerdict{Outcome::Unknown, {}, "digest of " + std::string{key}};
  }
  void verify_key(Secret key, IpAddress, std::move_only_function<void(guard::KeyVerdict)> done) override {
    pending_.emplace_back([verdict = slow_keys.find(key.reveal())->second, done = std::move(done)]() mutable {
      done(std::move(verdict));
    });
  }
  bool signature_required(const identity::Principal& principal) override {
    return signing.contains(principal.credential_id);
  }
  Task<Result<void>> check_signature(std::string, identity::SignedRequest request, Executor&) override {
    signatures.push_back(std::move(request));
    co_return signature;
  }
  void note_exposed(std::string_view key, const IpAddress&) override { exposed.emplace_back(key); }
  std::optional<guard::SessionVerdict> session(std::string_view cookie, const IpAddress&) override {
    const auto found = sessions.find(cookie);
    if (found == sessions.end()) return std::nullopt;
    return found->second;
  }
  std::string_view session_cookie_name() const override { return "session"; }
  bool still_valid(const identity::Principal& principal) override {
    const std::lock_guard lock{mutex_};
    return !ended_.contains(principal.credential_id);
  }

 private:
  std::vector<std::move_only_function<void()>> pending_;
  std::mutex mutex_;
  std::set<std::string> ended_;
};

}  // namespace kavach::test
