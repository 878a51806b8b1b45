#pragma once

// The users' passkeys: registering them, and proving with one who is there: as a second factor after the
// password, at a step-up and beside a reset link, or instead of the password (then the authenticator must have
// verified its user). A challenge is random, single use, lives five minutes and belongs to one ceremony.
//
// Thread rule: `list`, `has_any` and the options on any thread without disk; tasks resume on their
// executor; `load` and `reload_if_changed` block and belong on a worker.

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "audit/audit_log.h"
#include "core/clock.h"
#include "core/guarded.h"
#include "core/json.h"
#include "core/random.h"
#include "core/task.h"
#include "crypto/hmac.h"
#include "crypto/key_ring.h"
#include "identity/actor.h"
#include "identity/joined_write.h"
#include "identity/users.h"
#include "identity/webauthn.h"
#include "store/database.h"

namespace kavach::identity {

struct PasskeyView {
  std::string id;
  std::string name;
  TimePoint created_at{};
  std::optional<TimePoint> last_used_at;
};

/// What a passkey is asked for. Its answer counts for nothing else.
struct PasskeyRequest {
  enum class Purpose { Login, StepUp, Reset };
  Purpose purpose{Purpose::Login};
  std::optional<UserId> user{};  ///< nothing: whoever has the passkey; it then stands for the password too
  std::string link{};            ///< Reset: a digest of the one mailed link it completes

  bool operator==(const PasskeyRequest&) const = default;
};
/// `login`, `step_up` or `reset`: in the audit, as with codes.
[[nodiscard]] std::string_view name_of(PasskeyRequest::Purpose purpose);

/// Whose passkey answered, and which.
struct PasskeyProof {
  UserId user{0};
  std::string passkey;
};

class Passkeys {
 public:
  static constexpr std::size_t kPerUserMax = 20;

  struct Parts {
    store::Database& database;
    audit::AuditLog& audit;
    Users& users;
    const crypto::KeyRing& ring;
    const Clock& clock;
    const SecureRandom& random;
    /// Nothing when HOST_SERVER is an IP address that is not loopback: passkeys are then refused.
    std::optional<RelyingParty> party;
  };
  explicit Passkeys(Parts parts);

  [[nodiscard]] Result<void> load();
  [[nodiscard]] Result<bool> reload_if_changed();

  [[nodiscard]] std::vector<PasskeyView> list(UserId user) const;
  [[nodiscard]] bool has_any(UserId user) const;

  /// `PublicKeyCredentialCreationOptionsJSON`. Conflict without a relying party.
  [[nodiscard]] Result<std::string> creation_options(const User& user);
  /// `PublicKeyCredentialRequestOptionsJSON`.
  [[nodiscard]] Result<std::string> request_options(PasskeyRequest request);

  /// `credential` is a `RegistrationResponseJSON`. `also` is written in the same unit, here and in `remove`.
  [[nodiscard]] Task<Result<PasskeyView>> add(UserId user, std::string name, json::object credential, Actor actor,
                                              Executor& executor, JoinedWrite also = {});
  /// `credential` is an `AuthenticationResponseJSON` to the options of an equal request. One error,
  /// Unauthenticated, for whatever is wrong.
  [[nodiscard]] Task<Result<PasskeyProof>> authenticate(json::object credential, PasskeyRequest request, Actor actor,
                                                        Executor& executor);
  [[nodiscard]] Task<Result<void>> remove(UserId user, std::string id, Actor actor, Executor& executor,
                                          JoinedWrite also = {});
  /// All of the user's go, for a wider change that also records it.
  [[nodiscard]] JoinedWrite removal_of_all(UserId user);

 private:
  struct Registration {
    UserId user{0};
    bool operator==(const Registration&) const = default;
  };
  using Ceremony = std::variant<Registration, PasskeyRequest>;
  struct Challenge {
    Ceremony ceremony;
    Monotonic ends{};
  };
  struct Passkey {
    PasskeyView view;
    UserId user{0};
    std::string credential_id;  ///< base64url
    CredentialPublicKey key;
    std::uint32_t sign_count{0};
  };
  struct Index {
    std::map<std::string, Passkey, std::less<>> by_credential;
    std::int64_t counter{0};
  };

  [[nodiscard]] Result<Index> read_all();
  [[nodiscard]] std::string new_challenge(Ceremony ceremony);
  /// Uses it up, whatever it was for; true when it was for this.
  [[nodiscard]] bool take_challenge(std::string_view challenge, const Ceremony& ceremony);
  [[nodiscard]] std::string user_handle(UserId user) const;
  template <class Change>
  void change_index(Change&& change);

  Parts parts_;
  Guarded<std::map<std::string, Challenge, std::less<>>> challenges_;
  std::mutex replacing_;
  Snapshot<Index> index_;
};

}  // namespace kavach::identity
