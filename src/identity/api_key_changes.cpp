// Creating, revoking and recording API keys: everything of ApiKeys that writes.

#include <utility>

#include "identity/api_key_entry.h"
#include "identity/change_counters.h"
#include "identity/commit.h"
#include "identity/sealed_places.h"

namespace kavach::identity {
namespace {

constexpr std::size_t kKeyBytes = ApiKeys::kKeyCharacters / 2;
constexpr std::size_t kNameMax = 64;
constexpr std::size_t kNetworksMax = 32;
constexpr std::chrono::minutes kLivesMin{1};
constexpr std::chrono::hours kLivesMax{24 * 3650};

std::unexpected<Error> no_such_key() { return fail(ErrorCode::NotFound, "There is no such API key."); }

Result<void> done(Result<std::int64_t> changed) {
  if (!changed) return pass_on(std::move(changed));
  return {};
}

Result<void> check_request(const NewApiKey& request, const UserPtr& user) {
  if (!user) return fail(ErrorCode::NotFound, "There is no such user.");
  const bool control = std::ranges::any_of(request.name, [](char c) { return static_cast<unsigned char>(c) < ' '; });
  if (request.name.empty() || request.name.size() > kNameMax || control || !is_valid_utf8(request.name)) {
    return fail(ErrorCode::InvalidInput, "Give the key a name of 1 to 64 characters.");
  }
  const Scopes wanted = scopes_of(request.scope);
  if ((wanted & scopes_of(user->role)) != wanted) {
    return fail(ErrorCode::Forbidden, "A viewer's key can only have the scope read.");
  }
  if (request.allow.size() > kNetworksMax) {
    return fail(ErrorCode::InvalidInput, "A key takes at most 32 addresses or networks.");
  }
  if (request.lives && (*request.lives < kLivesMin || *request.lives > kLivesMax)) {
    return fail(ErrorCode::InvalidInput, "A key expires after one minute at the earliest, ten years at the latest.");
  }
  return {};
}

std::string hint_of(std::string_view key) {
  if (key.size() < 16) return "…";
  return std::string{key.substr(0, 4)} + "…" + std::string{key.substr(key.size() - 2)};
}

Result<std::int64_t> next_id(store::Transaction& transaction) {
  std::int64_t last = 0;
  auto read = transaction.query("SELECT COALESCE(MAX(id), 0) FROM api_keys", {},
                                [&](const store::Row& row) { last = row.integer(0); });
  if (!read) return pass_on(std::move(read));
  return last + 1;
}

Result<void> refuse_duplicates(store::Transaction& transaction, UserId user, std::string_view name,
                               std::int64_t replaced) {
  std::int64_t live = 0;
  std::int64_t same_name = 0;
  auto read = transaction.query(
      "SELECT COUNT(*), COALESCE(SUM(CASE WHEN name = ? AND id <> ? THEN 1 ELSE 0 END), 0) FROM api_keys "
      "WHERE user_id = ? AND revoked_at IS NULL AND grace_until IS NULL",
      {name, replaced, user}, [&](const store::Row& row) {
        live = row.integer(0);
        same_name = row.integer(1);
      });
  if (!read) return read;
  if (same_name > 0) return fail(ErrorCode::Conflict, "You already have a key of that name; revoke it or choose another.");
  if (live >= static_cast<std::int64_t>(ApiKeys::kActivePerUserMax)) {
    return fail(ErrorCode::Conflict, "You have 100 keys; revoke one first.");
  }
  return {};
}

}  // namespace

Task<Result<CreatedApiKey>> ApiKeys::insert(NewApiKey request, Secret key, std::string hash, EntryPtr replaced,
                                            std::chrono::minutes grace, Actor actor, Executor& executor) {
  const TimePoint now = parts_.clock.now();
  const auto entry = std::make_shared<Entry>();
  entry->user = request.user;
  entry->name = request.name;
  entry->scope = request.scope;
  entry->digest = parts_.ring.macs(crypto::Purpose::ApiKeyDigest)->front().sign(key.reveal());
  entry->hash = std::move(hash);
  entry->hint = hint_of(key.reveal());
  entry->created_at = now;
  if (request.lives) entry->expires_at = now + *request.lives;
  if (replaced) entry->expires_at = replaced->expires_at;
  entry->allow = request.allow;
  entry->state->verified = true;  // we have just made the hash from the key
  if (request.retrievable) {
    entry->sealed_copy = parts_.cipher.seal(SealedPlace::api_key_copy(request.user, to_hex(entry->digest)).place(), key);
  }
  const auto former = replaced ? std::make_shared<Entry>(*replaced) : nullptr;
  if (former && grace.count() > 0) former->grace_until = now + grace;
  if (former && grace.count() <= 0) former->revoked_at = now;

  // A key that must sign does not lose that by being regenerated; its client keeps the secret it has.
  const auto signing = std::make_shared<std::optional<Secret>>();
  if (replaced && replaced->signing_secret) {
    auto secret = signing_secret(replaced->text_id());
    if (!secret) co_return pass_on(std::move(secret));
    *signing = std::move(*secret);
  }

  store::Unit unit = [this, entry, former, signing, actor](store::Transaction& transaction) -> Result<void> {
    if (former) {
      auto ended = transaction.execute(
          "UPDATE api_keys SET grace_until = ?, revoked_at = ? WHERE id = ? AND revoked_at IS NULL",
          {time_param(former->grace_until), time_param(former->revoked_at), former->id});
      if (!ended) return pass_on(std::move(ended));
      if (*ended != 1) return no_such_key();  // revoked meanwhile
    }
    if (auto free = refuse_duplicates(transaction, entry->user, entry->name, former ? former->id : 0); !free) return free;
    auto id = next_id(transaction);
    if (!id) return pass_on(std::move(id));
    entry->id = *id;
    if (*signing) entry->signing_secret = parts_.cipher.seal(SealedPlace::signing_secret(entry->user, entry->id).place(), **signing);
    const store::Param secret =
        entry->signing_secret ? store::Param{std::string_view{*entry->signing_secret}} : store::Param{};
    const store::Param copy = entry->sealed_copy ? store::Param{std::string_view{*entry->sealed_copy}} : store::Param{};
    auto inserted = done(transaction.execute(
        "INSERT INTO api_keys (id, user_id, name, scope, digest, hash, hint, sealed_copy, created_at, expires_at, allow, "
        "signing_secret) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        {entry->id, entry->user, entry->name, name_of(entry->scope), to_hex(entry->digest), entry->hash, entry->hint,
         copy, time_param(entry->created_at), time_param(entry->expires_at), allow_text(entry->allow),
         secret}));
    if (!inserted) return inserted;
    if (auto bumped = bump_counter(transaction, kApiKeysTopic); !bumped) return bumped;
    return audit_created(transaction, *entry, former.get(), actor);
  };
  auto committed = co_await commit(executor, parts_.database, std::move(unit), [this, entry, former] {
    if (former) {
      edit(former->id, [&](Entry& edited) {
        edited.grace_until = former->grace_until;
        if (!edited.revoked_at) edited.revoked_at = former->revoked_at;
      });
    }
    change_index([&](Index& index) { index.put(*entry); });
  });
  if (!committed) co_return pass_on(std::move(committed));
  if (former && former->revoked_at) {
    for (const auto& observer : observers_) observer(former->text_id());
  }
  co_return CreatedApiKey{entry->text_id(), entry->name, std::move(key)};
}

Result<void> ApiKeys::audit_created(store::Transaction& transaction, const Entry& entry, const Entry* former,
                                    const Actor& actor) {
  audit::Event event = actor.event(former == nullptr ? "apikey.created" : "apikey.regenerated",
                                   {{"key", entry.text_id()},
                                    {"user_id", entry.user},
                                    {"name", entry.name},
                                    {"scope", name_of(entry.scope)},
                                    {"allow", allow_text(entry.allow)},
                                    {"retrievable", entry.sealed_copy.has_value()}});
  if (former != nullptr) event.fields.emplace_back("replaces", former->text_id());
  return parts_.audit.append(transaction, event);
}

Task<Result<CreatedApiKey>> ApiKeys::create(NewApiKey request, Actor actor, Executor& executor) {
  if (auto valid = check_request(request, parts_.users.find(request.user)); !valid) co_return pass_on(std::move(valid));
  Secret key = Secret::take(parts_.random.hex(kKeyBytes));
  Secret copy = key.duplicate();
  auto hash = co_await resume_on<Result<std::string>>(executor, [this, &copy](auto complete) {
    parts_.hashing.hash(std::move(copy), std::move(complete));
  });
  if (!hash) co_return pass_on(std::move(hash));
  co_return co_await insert(std::move(request), std::move(key), std::move(*hash), nullptr, std::chrono::minutes{0},
                            std::move(actor), executor);
}

Task<Result<CreatedApiKey>> ApiKeys::import_key(NewApiKey request, Secret key, std::string stored_hash, Actor actor,
                                                Executor& executor) {
  if (auto valid = check_request(request, parts_.users.find(request.user)); !valid) co_return pass_on(std::move(valid));
  co_return co_await insert(std::move(request), std::move(key), std::move(stored_hash), nullptr,
                            std::chrono::minutes{0}, std::move(actor), executor);
}

Task<Result<CreatedApiKey>> ApiKeys::regenerate(std::string id, std::chrono::minutes grace, Actor actor,
                                                Executor& executor) {
  const auto entry = by_id(id);
  if (!entry || status_of(*entry, parts_.clock.now()) != KeyStatus::Active) co_return no_such_key();
  if (grace < std::chrono::minutes{0} || grace > std::chrono::hours{24 * 7}) {
    co_return fail(ErrorCode::InvalidInput, "The old key can live on for at most seven days.");
  }
  Secret key = Secret::take(parts_.random.hex(kKeyBytes));
  Secret copy = key.duplicate();
  auto hash = co_await resume_on<Result<std::string>>(executor, [this, &copy](auto complete) {
    parts_.hashing.hash(std::move(copy), std::move(complete));
  });
  if (!hash) co_return pass_on(std::move(hash));
  NewApiKey request;
  request.user = entry->user;
  request.name = entry->name;
  request.scope = entry->scope;
  request.allow = entry->allow;
  request.retrievable = entry->sealed_copy.has_value();
  co_return co_await insert(std::move(request), std::move(key), std::move(*hash), entry, grace, std::move(actor),
                            executor);
}

Task<Result<void>> ApiKeys::revoke(std::string id, Actor actor, Executor& executor) {
  const auto entry = by_id(id);
  if (!entry || entry->revoked_at) co_return no_such_key();
  entry->state->refused = true;  // refused before it is durable
  const TimePoint now = parts_.clock.now();
  store::Unit unit = [this, entry, actor, now](store::Transaction& transaction) -> Result<void> {
    auto revoked = done(transaction.execute(
        "UPDATE api_keys SET revoked_at = ?, sealed_copy = NULL, signing_secret = NULL WHERE id = ?",
        {time_param(now), entry->id}));
    if (!revoked) return revoked;
    if (auto bumped = bump_counter(transaction, kApiKeysTopic); !bumped) return bumped;
    return parts_.audit.append(transaction, actor.event("apikey.revoked", {{"key", entry->text_id()},
                                                                           {"user_id", entry->user},
                                                                           {"name", entry->name}}));
  };
  auto committed = co_await commit(executor, parts_.database, std::move(unit), [this, entry, now] {
    edit(entry->id, [now](Entry& revoked) {
      revoked.revoked_at = now;
      revoked.sealed_copy.reset();
      revoked.signing_secret.reset();
    });
  });
  for (const auto& observer : observers_) observer(entry->text_id());
  co_return committed;
}

Task<Result<Secret>> ApiKeys::reveal(std::string id, Actor actor, Executor& executor) {
  const auto entry = by_id(id);
  if (!entry || !entry->sealed_copy || status_of(*entry, parts_.clock.now()) != KeyStatus::Active) {
    co_return fail(ErrorCode::NotFound, "This key was shown once and is not kept; regenerate it.");
  }
  auto opened = parts_.cipher.open(SealedPlace::api_key_copy(entry->user, to_hex(entry->digest)).place(), *entry->sealed_copy);
  if (!opened) co_return pass_on(std::move(opened));
  store::Unit unit = [this, entry, actor](store::Transaction& transaction) {
    return parts_.audit.append(transaction, actor.event("apikey.revealed", {{"key", entry->text_id()}}));
  };
  auto recorded = co_await commit(executor, parts_.database, std::move(unit), [] {});
  if (!recorded) co_return pass_on(std::move(recorded));
  co_return std::move(*opened);
}

Task<Result<Secret>> ApiKeys::require_signing(std::string id, Actor actor, Executor& executor) {
  const auto entry = by_id(id);
  if (!entry || status_of(*entry, parts_.clock.now()) != KeyStatus::Active) co_return no_such_key();
  Secret secret = Secret::take(parts_.random.hex(kKeyBytes));
  const auto sealed = parts_.cipher.seal(SealedPlace::signing_secret(entry->user, entry->id).place(), secret);
  store::Unit unit = [this, entry, sealed, actor](store::Transaction& transaction) -> Result<void> {
    auto updated = transaction.execute("UPDATE api_keys SET signing_secret = ? WHERE id = ? AND revoked_at IS NULL",
                                       {sealed, entry->id});
    if (!updated) return pass_on(std::move(updated));
    if (*updated != 1) return no_such_key();
    if (auto bumped = bump_counter(transaction, kApiKeysTopic); !bumped) return bumped;
    return parts_.audit.append(transaction, actor.event("apikey.signing_required", {{"key", entry->text_id()}}));
  };
  auto committed = co_await commit(executor, parts_.database, std::move(unit), [this, entry, sealed] {
    edit(entry->id, [&](Entry& edited) { edited.signing_secret = sealed; });
  });
  if (!committed) co_return pass_on(std::move(committed));
  co_return std::move(secret);
}

Result<Secret> ApiKeys::signing_secret(std::string_view id) const {
  const auto entry = by_id(id);
  if (!entry || !entry->signing_secret) return no_such_key();
  return parts_.cipher.open(SealedPlace::signing_secret(entry->user, entry->id).place(), *entry->signing_secret);
}

void ApiKeys::note_exposed(std::string_view presented, const IpAddress& client) {
  const auto entry = find_entry(presented).entry;
  if (!entry || entry->exposed_at) return;
  const TimePoint now = parts_.clock.now();
  edit(entry->id, [now](Entry& marked) { marked.exposed_at = now; });
  const Actor actor{{}, client.text(), {}};
  parts_.database.write(
      [this, entry, actor, now](store::Transaction& transaction) -> Result<void> {
        auto updated = done(transaction.execute("UPDATE api_keys SET exposed_at = ? WHERE id = ?",
                                                {time_param(now), entry->id}));
        if (!updated) return updated;
        return parts_.audit.append(transaction, actor.event("apikey.exposed", {{"key", entry->text_id()},
                                                                               {"user_id", entry->user}}));
      },
      [](const Result<void>&) {});  // best effort: the request itself is refused either way
  if (exposed_) exposed_(entry->user, entry->name, client);
}

// After a rotation of the pepper, or of the cost: the key is at hand only now. The digest is made after
// the hash, so that the pepper which the hash names is never newer than the digest's.
void ApiKeys::renew(const EntryPtr& entry, const Secret& presented) {
  if (entry->state->renewing.exchange(true)) return;
  parts_.hashing.hash(presented.duplicate(), [this, entry, key = presented.duplicate()](Result<std::string> hash) {
    if (!hash) {  // the next use tries again
      entry->state->renewing = false;
      return;
    }
    const auto renewed = std::make_shared<Entry>(*entry);
    renewed->digest = parts_.ring.macs(crypto::Purpose::ApiKeyDigest)->front().sign(key.reveal());
    renewed->hash = std::move(*hash);
    // The copy is sealed for its digest's place and would no longer open there.
    if (renewed->sealed_copy) {
      const auto from = SealedPlace::api_key_copy(entry->user, to_hex(entry->digest));
      const auto to = SealedPlace::api_key_copy(entry->user, to_hex(renewed->digest));
      auto opened = parts_.cipher.open(from.place(), *entry->sealed_copy);
      renewed->sealed_copy.reset();
      if (opened) renewed->sealed_copy = parts_.cipher.seal(to.place(), *opened);
    }
    parts_.database.write(
        [renewed, before = to_hex(entry->digest)](store::Transaction& transaction) -> Result<void> {
          const store::Param copy =
              renewed->sealed_copy ? store::Param{std::string_view{*renewed->sealed_copy}} : store::Param{};
          auto updated = transaction.execute(
              "UPDATE api_keys SET digest = ?, hash = ?, sealed_copy = ? WHERE id = ? AND digest = ? AND revoked_at IS NULL",
              {to_hex(renewed->digest), renewed->hash, copy, renewed->id, before});
          if (!updated) return pass_on(std::move(updated));
          if (*updated != 1) return no_such_key();
          return bump_counter(transaction, kApiKeysTopic);
        },
        [this, renewed](const Result<void>& written) {
          renewed->state->renewing = false;
          if (!written) return;
          edit(renewed->id, [&](Entry& edited) {
            edited.digest = renewed->digest;
            edited.hash = renewed->hash;
            edited.sealed_copy = renewed->sealed_copy;
          });
        });
  });
}

Result<void> ApiKeys::flush_usage() {
  struct Use {
    EntryPtr entry;
    Entry::Usage usage;
  };
  std::vector<Use> uses;
  for (const auto& [id, entry] : index_.read()->by_id) {
    entry->state->usage.with([&](Entry::Usage& usage) {
      if (usage.unwritten) uses.push_back({entry, usage});
      usage.unwritten = false;
    });
  }
  if (uses.empty()) return {};
  auto written = parts_.database.write_and_wait([&uses](store::Transaction& transaction) -> Result<void> {
    for (const auto& use : uses) {
      auto updated = done(transaction.execute(
          "UPDATE api_keys SET last_used_at = ?, last_used_address = ? WHERE id = ?",
          {time_param(use.usage.at), use.usage.address.value_or(IpAddress{}).text(), use.entry->id}));
      if (!updated) return updated;
    }
    return {};
  });
  if (!written) {
    for (const auto& use : uses) {
      use.entry->state->usage.with([](Entry::Usage& usage) { usage.unwritten = true; });
    }
  }
  return written;
}

}  // namespace kavach::identity
