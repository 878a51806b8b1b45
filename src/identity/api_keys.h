#pragma once

// API keys of programs: 256 random bits as 64 hexadecimal characters. Stored as Argon2id with pepper
// and found by a keyed digest, so an unknown key costs one HMAC and never an Argon2 hash; a known one
// is hashed once per process and recognised by its digest afterwards. A key that was stored under an
// older pepper is stored anew, beside the request, when it is used.
//
// Thread rule: `find` and `list` on any thread without lock or disk; tasks resume on their executor;
// `load`, `reload_if_changed` and `flush_usage` block and belong on a worker. A revocation is in force
// before it is acknowledged.

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/audit_log.h"
#include "core/clock.h"
#include "core/guarded.h"
#include "core/net_address.h"
#include "core/random.h"
#include "core/secret.h"
#include "core/task.h"
#include "crypto/field_cipher.h"
#include "crypto/hashing_pool.h"
#include "crypto/hmac.h"
#include "crypto/key_ring.h"
#include "identity/actor.h"
#include "identity/principal.h"
#include "identity/users.h"
#include "store/database.h"

namespace kavach::identity {

enum class KeyScope {
  Read,
  SquareOff,  ///< reads, cancels and closes: what a watchdog or a shortcut needs, and nothing a thief could open
  Trade,
};
[[nodiscard]] std::string_view name_of(KeyScope scope);  ///< `read`, `square-off`, `trade`
/// The most that a key of this scope may do; its user's role may allow less.
[[nodiscard]] Scopes scopes_of(KeyScope scope);
[[nodiscard]] std::optional<KeyScope> parse_key_scope(std::string_view name);

enum class KeyStatus { Active, Grace, Expired, Revoked };
[[nodiscard]] std::string_view name_of(KeyStatus status);

struct KeyCheck {
  enum class Outcome {
    Accepted,
    Unknown,
    Expired,
    Revoked,
    AddressNotAllowed,
    NeedsHash,    ///< known, but not yet verified by this process: ask `verify`
    Busy,         ///< only from `verify`: the hashing pool is full
    Unavailable,  ///< the stored key cannot be checked: never the client's fault
  };
  Outcome outcome{Outcome::Unknown};
  Principal principal;  ///< set for every key that exists, whatever the outcome
};

struct NewApiKey {
  UserId user{0};
  std::string name;
  KeyScope scope{KeyScope::Read};
  std::optional<std::chrono::seconds> lives{};
  std::vector<Cidr> allow{};   ///< empty: from anywhere
  bool retrievable{false};     ///< keep an encrypted copy that a fresh second factor can show again
};

/// The only time the key exists in clear.
struct CreatedApiKey {
  std::string id;  ///< `k_12`
  std::string name;
  Secret key;
};

/// What the lists show; never a key.
struct ApiKeyView {
  std::string id;
  UserId user{0};
  std::string name;
  KeyScope scope{KeyScope::Read};
  std::string masked;  ///< `3f9a…c1`
  TimePoint created_at{};
  std::optional<TimePoint> expires_at;  ///< the earlier of expiry and end of grace
  std::vector<Cidr> allow;
  std::optional<TimePoint> last_used_at;
  std::string last_used_address;
  KeyStatus status{KeyStatus::Active};
  bool retrievable{false};
  bool exposed{false};  ///< it was seen in a URL
  bool signing_required{false};
};

class ApiKeys {
 public:
  static constexpr std::size_t kKeyCharacters = 64;
  static constexpr std::size_t kActivePerUserMax = 100;

  struct Parts {
    store::Database& database;
    audit::AuditLog& audit;
    Users& users;
    const crypto::KeyRing& ring;
    crypto::HashingPool& hashing;
    const crypto::FieldCipher& cipher;
    const Clock& clock;
    const SecureRandom& random;
  };
  explicit ApiKeys(Parts parts);
  ~ApiKeys();

  [[nodiscard]] Result<void> load();
  [[nodiscard]] Result<bool> reload_if_changed();
  /// Writes when and from where keys were last used, in one unit. Every few seconds and at the end.
  [[nodiscard]] Result<void> flush_usage();

  /// Decides at once. Notes the use of an accepted key.
  [[nodiscard]] KeyCheck find(std::string_view presented, const IpAddress& client);
  /// The answer after NeedsHash: called once, on a pool thread or at once on this one (Busy).
  void verify(Secret presented, IpAddress client, std::move_only_function<void(KeyCheck)> done);
  /// The key was presented in a URL: marks it, audits it. Unknown text is ignored.
  void note_exposed(std::string_view presented, const IpAddress& client);
  /// After the first time a key is seen in a URL, with its name. Keep it short: post elsewhere.
  void on_exposed(std::function<void(UserId, const std::string& name, const IpAddress&)> observer) {
    exposed_ = std::move(observer);
  }

  [[nodiscard]] std::vector<ApiKeyView> list(std::optional<UserId> user = std::nullopt) const;
  /// By `k_12`, or by name among the user's (or all) live keys; nothing when absent or ambiguous.
  [[nodiscard]] std::optional<ApiKeyView> find_view(std::string_view id_or_name,
                                                    std::optional<UserId> user) const;
  [[nodiscard]] bool is_live(std::string_view id) const;

  [[nodiscard]] Task<Result<CreatedApiKey>> create(NewApiKey request, Actor actor, Executor& executor);
  /// An existing key of another gateway: `phc` is its Argon2id hash under a pepper of the ring.
  [[nodiscard]] Task<Result<CreatedApiKey>> import_key(NewApiKey request, Secret key, std::string stored_hash,
                                                       Actor actor, Executor& executor);
  [[nodiscard]] Task<Result<void>> revoke(std::string id, Actor actor, Executor& executor);
  /// A new key with the old one's name, scope and limits; the old one lives on for `grace`.
  [[nodiscard]] Task<Result<CreatedApiKey>> regenerate(std::string id, std::chrono::minutes grace, Actor actor,
                                                       Executor& executor);
  /// The encrypted copy, audited. The caller has checked for a fresh second factor.
  [[nodiscard]] Task<Result<Secret>> reveal(std::string id, Actor actor, Executor& executor);

  /// From now on the key works only with signed requests; the secret is given this once. The caller has
  /// checked for a fresh second factor.
  [[nodiscard]] Task<Result<Secret>> require_signing(std::string id, Actor actor, Executor& executor);
  [[nodiscard]] bool signing_required(std::string_view id) const;
  /// NotFound when the key does not sign.
  [[nodiscard]] Result<Secret> signing_secret(std::string_view id) const;

  /// Called after a key is refused (revoked or gone): closes its WebSockets. Add before serving.
  void on_revoked(std::function<void(std::string_view id)> observer);

 private:
  struct Entry;
  struct Index;
  using EntryPtr = std::shared_ptr<const Entry>;

  struct Found {
    EntryPtr entry;  ///< null for an unknown key
    bool outdated{false};  ///< found under an older pepper
  };
  [[nodiscard]] Found find_entry(std::string_view presented) const;
  [[nodiscard]] EntryPtr by_id(std::string_view id) const;
  [[nodiscard]] KeyCheck judge(const Entry& entry, const IpAddress& client) const;
  [[nodiscard]] KeyStatus status_of(const Entry& entry, TimePoint now) const;
  [[nodiscard]] ApiKeyView view_of(const Entry& entry, TimePoint now) const;
  [[nodiscard]] Result<Index> read_all(const Index& known) const;
  [[nodiscard]] Task<Result<CreatedApiKey>> insert(NewApiKey request, Secret key, std::string hash,
                                                   EntryPtr replaced, std::chrono::minutes grace, Actor actor,
                                                   Executor& executor);
  void settle(const EntryPtr& entry, const Secret& presented, const Result<crypto::Verdict>& verdict);
  void renew(const EntryPtr& entry, const Secret& presented);
  [[nodiscard]] Result<void> audit_created(store::Transaction& transaction, const Entry& entry,
                                           const Entry* former, const Actor& actor);
  template <class Change>
  void change_index(Change&& change);
  template <class Change>
  void edit(std::int64_t id, Change&& change);

  Parts parts_;
  std::vector<std::function<void(std::string_view)>> observers_;
  std::function<void(UserId, const std::string&, const IpAddress&)> exposed_;
  std::mutex replacing_;
  Snapshot<Index> index_;
};

}  // namespace kavach::identity
