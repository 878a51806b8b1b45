#include "identity/api_keys.h"

#include <utility>

#include "core/text.h"
#include "identity/api_key_entry.h"
#include "identity/change_counters.h"
#include "identity/row_time.h"

// Finding, judging and verifying. Creating and revoking are in api_key_changes.cpp.

namespace kavach::identity {
namespace {

constexpr std::size_t kPresentedMax = 256;
constexpr std::size_t kWaitersMax = 1024;

bool address_allowed(const std::vector<Cidr>& allow, const IpAddress& client) {
  if (allow.empty()) return true;
  return std::ranges::any_of(allow, [&](const Cidr& network) { return network.contains(client); });
}

}  // namespace

std::string_view name_of(KeyScope scope) {
  switch (scope) {
    case KeyScope::Read: return "read";
    case KeyScope::SquareOff: return "square-off";
    case KeyScope::Trade: return "trade";
  }
  std::unreachable();
}

Scopes scopes_of(KeyScope scope) {
  switch (scope) {
    case KeyScope::Read: return {.read = true};
    case KeyScope::SquareOff: return {.read = true, .square_off = true};
    case KeyScope::Trade: return {.read = true, .square_off = true, .trade = true};
  }
  return {};  // what is none of them allows nothing
}

std::optional<KeyScope> parse_key_scope(std::string_view name) {
  for (const auto scope : {KeyScope::Read, KeyScope::SquareOff, KeyScope::Trade}) {
    if (name == name_of(scope)) return scope;
  }
  return std::nullopt;
}

std::string_view name_of(KeyStatus status) {
  switch (status) {
    case KeyStatus::Active: return "active";
    case KeyStatus::Grace: return "grace";
    case KeyStatus::Expired: return "expired";
    case KeyStatus::Revoked: return "revoked";
  }
  std::unreachable();
}

ApiKeys::ApiKeys(Parts parts) : parts_{parts} {}

ApiKeys::~ApiKeys() = default;

Result<ApiKeys::Index> ApiKeys::read_all(const Index& known) const {
  Index index;
  auto read = parts_.database.read([&](store::Reader& reader) -> Result<void> {
    auto counter = read_counter(reader, kApiKeysTopic);
    if (!counter) return pass_on(std::move(counter));
    index.counter = *counter;
    return reader.query(
        "SELECT id, user_id, name, scope, digest, hash, hint, sealed_copy, created_at, expires_at, grace_until, "
        "revoked_at, exposed_at, allow, last_used_at, last_used_address, signing_secret FROM api_keys",
        {}, [&](const store::Row& row) {
          auto entry = Entry::from(row);
          if (!entry) return;
          const auto same = known.by_id.find(entry->id);
          if (same != known.by_id.end()) entry->state = same->second->state;
          index.put(std::move(*entry));
        });
  });
  if (!read) return pass_on(std::move(read));
  return index;
}

Result<void> ApiKeys::load() {
  const std::lock_guard lock{replacing_};
  auto index = read_all(*index_.read());
  if (!index) return pass_on(std::move(index));
  index_.replace(std::move(*index));
  return {};
}

Result<bool> ApiKeys::reload_if_changed() {
  std::vector<std::string> refused;
  {
    const std::lock_guard lock{replacing_};
    const auto before = index_.read();
    const auto counter = current_counter(parts_.database, kApiKeysTopic);
    if (!counter) return pass_on(counter);
    if (*counter == before->counter) return false;
    auto index = read_all(*before);
    if (!index) return pass_on(std::move(index));
    for (const auto& [id, entry] : before->by_id) {
      const auto now = index->by_id.find(id);
      const bool was_revoked = entry->revoked_at.has_value();
      if (!was_revoked && (now == index->by_id.end() || now->second->revoked_at)) refused.push_back(entry->text_id());
    }
    index_.replace(std::move(*index));
  }
  for (const auto& id : refused) {
    for (const auto& observer : observers_) observer(id);
  }
  return true;
}

ApiKeys::Found ApiKeys::find_entry(std::string_view presented) const {
  Found found;
  if (presented.empty() || presented.size() > kPresentedMax) return found;
  const auto index = index_.read();
  const auto digests = parts_.ring.macs(crypto::Purpose::ApiKeyDigest);
  // Every pepper is tried even after a hit, so that the work does not tell which one it was.
  for (const auto& digest : *digests) {
    const auto entry = index->by_digest.find(digest.sign(presented));
    if (entry != index->by_digest.end() && !found.entry) found = {entry->second, &digest != &digests->front()};
  }
  return found;
}

ApiKeys::EntryPtr ApiKeys::by_id(std::string_view id) const {
  const auto number = id.starts_with("k_") ? parse_int(id.substr(2)) : std::nullopt;
  if (!number) return nullptr;
  const auto index = index_.read();
  const auto found = index->by_id.find(*number);
  return found == index->by_id.end() ? nullptr : found->second;
}

KeyStatus ApiKeys::status_of(const Entry& entry, TimePoint now) const {
  if (entry.revoked_at || entry.state->refused) return KeyStatus::Revoked;
  if (entry.expires_at && now >= *entry.expires_at) return KeyStatus::Expired;
  if (entry.grace_until) return now >= *entry.grace_until ? KeyStatus::Expired : KeyStatus::Grace;
  return KeyStatus::Active;
}

KeyCheck ApiKeys::judge(const Entry& entry, const IpAddress& client) const {
  KeyCheck check;
  const auto user = parts_.users.find(entry.user);
  if (!user) return check;
  check.principal = {Credential::ApiKey, user->id, user->username, user->role,
                     scopes_of(user->role) & scopes_of(entry.scope), entry.text_id()};
  const TimePoint now = parts_.clock.now();
  const auto status = status_of(entry, now);
  if (status == KeyStatus::Revoked || !user->enabled) {
    check.outcome = KeyCheck::Outcome::Revoked;
  } else if (status == KeyStatus::Expired) {
    check.outcome = KeyCheck::Outcome::Expired;
  } else if (!address_allowed(entry.allow, client)) {
    check.outcome = KeyCheck::Outcome::AddressNotAllowed;
  } else if (!entry.state->verified) {
    check.outcome = KeyCheck::Outcome::NeedsHash;
  } else {
    check.outcome = KeyCheck::Outcome::Accepted;
    entry.note_use(now, client);
  }
  return check;
}

KeyCheck ApiKeys::find(std::string_view presented, const IpAddress& client) {
  const auto found = find_entry(presented);
  if (!found.entry) return {};
  auto check = judge(*found.entry, client);
  if (found.outdated && check.outcome == KeyCheck::Outcome::Accepted) renew(found.entry, Secret{presented});
  return check;
}

void ApiKeys::verify(Secret presented, IpAddress client, std::move_only_function<void(KeyCheck)> done) {
  const auto entry = find_entry(presented.reveal()).entry;
  if (!entry) return done({});
  if (const auto check = judge(*entry, client); check.outcome != KeyCheck::Outcome::NeedsHash) return done(check);
  // One hash for a key however many requests arrive meanwhile.
  bool first = false;
  const bool queued = entry->state->waiting.with([&](auto& waiting) {
    if (waiting.size() >= kWaitersMax) return false;
    first = waiting.empty();
    waiting.push_back({client, std::move(done)});
    return true;
  });
  if (!queued) return done({.outcome = KeyCheck::Outcome::Busy, .principal = {}});
  if (!first) return;
  Secret copy = presented.duplicate();
  parts_.hashing.verify(std::move(presented), entry->hash,
                        [this, entry, copy = std::move(copy)](const Result<crypto::Verdict>& verdict) {
                          settle(entry, copy, verdict);
                        });
}

void ApiKeys::settle(const EntryPtr& entry, const Secret& presented, const Result<crypto::Verdict>& verdict) {
  if (verdict && verdict->matches) {
    entry->state->verified = true;
    if (verdict->needs_rehash) renew(entry, presented);
  } else if (verdict || verdict.error().code == ErrorCode::StorageCorrupt) {
    // The digest is ours but the hash is not its key's: somebody wrote to the table.
    parts_.audit.record(Actor{"system", {}, {}}.event("apikey.tampered", {{"key", entry->text_id()}}));
  }
  auto waiting = entry->state->waiting.with([](auto& waiters) { return std::exchange(waiters, {}); });
  for (auto& waiter : waiting) {
    KeyCheck check = judge(*entry, waiter.client);
    if (check.outcome == KeyCheck::Outcome::NeedsHash) {
      const bool busy = !verdict && verdict.error().code == ErrorCode::Busy;
      check.outcome = busy ? KeyCheck::Outcome::Busy : KeyCheck::Outcome::Unavailable;
    }
    waiter.done(std::move(check));
  }
}

ApiKeyView ApiKeys::view_of(const Entry& entry, TimePoint now) const {
  ApiKeyView view;
  view.id = entry.text_id();
  view.user = entry.user;
  view.name = entry.name;
  view.scope = entry.scope;
  view.masked = entry.hint;
  view.created_at = entry.created_at;
  view.expires_at = entry.expires_at;
  if (entry.grace_until && (!view.expires_at || *entry.grace_until < *view.expires_at)) {
    view.expires_at = entry.grace_until;
  }
  view.allow = entry.allow;
  const auto use = entry.state->usage.with([](const Entry::Usage& usage) { return usage; });
  view.last_used_at = use.at;
  view.last_used_address = use.address ? use.address->text() : use.written_address;
  view.status = status_of(entry, now);
  view.retrievable = entry.sealed_copy.has_value();
  view.exposed = entry.exposed_at.has_value();
  view.signing_required = entry.signing_secret.has_value();
  return view;
}

std::vector<ApiKeyView> ApiKeys::list(std::optional<UserId> user) const {
  std::vector<ApiKeyView> views;
  const TimePoint now = parts_.clock.now();
  for (const auto& [id, entry] : index_.read()->by_id) {
    if (!user || entry->user == *user) views.push_back(view_of(*entry, now));
  }
  return views;
}

std::optional<ApiKeyView> ApiKeys::find_view(std::string_view id_or_name, std::optional<UserId> user) const {
  const TimePoint now = parts_.clock.now();
  if (const auto entry = by_id(id_or_name); entry && (!user || entry->user == *user)) return view_of(*entry, now);
  std::optional<ApiKeyView> found;
  for (auto& view : list(user)) {
    const bool live = view.status == KeyStatus::Active;
    if (!live || view.name != id_or_name) continue;
    if (found) return std::nullopt;
    found = std::move(view);
  }
  return found;
}

bool ApiKeys::signing_required(std::string_view id) const {
  const auto entry = by_id(id);
  return entry && entry->signing_secret;
}

bool ApiKeys::is_live(std::string_view id) const {
  const auto entry = by_id(id);
  if (!entry) return false;
  const auto user = parts_.users.find(entry->user);
  const auto status = status_of(*entry, parts_.clock.now());
  return user && user->enabled && (status == KeyStatus::Active || status == KeyStatus::Grace);
}

void ApiKeys::on_revoked(std::function<void(std::string_view)> observer) {
  observers_.push_back(std::move(observer));
}

}  // namespace kavach::identity
