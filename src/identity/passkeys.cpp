#include "identity/passkeys.h"

#include <algorithm>
#include <utility>

#include "core/text.h"
#include "identity/change_counters.h"
#include "identity/commit.h"
#include "identity/row_time.h"

namespace kavach::identity {
namespace {

constexpr std::size_t kChallengeBytes = 32;
constexpr std::size_t kChallengesMax = 2'000;
constexpr std::chrono::minutes kChallengeLives{5};
constexpr std::int64_t kBrowserWaitsMillis = 300'000;
constexpr std::size_t kNameMax = 64;
constexpr std::size_t kHandleBytes = 16;
constexpr std::size_t kIdBytes = 8;

std::unexpected<Error> refused(std::string why) {
  return fail(ErrorCode::Unauthenticated, "The passkey was not accepted; try again.", std::move(why));
}

std::unexpected<Error> no_relying_party() {
  return fail(ErrorCode::Conflict,
              "Passkeys need a host name: set HOST_SERVER to https://your.name (or http://localhost:5000).");
}

std::optional<std::string> text_in(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return std::string{value->get_string()};
}

std::optional<std::vector<std::byte>> bytes_in(const json::object& object, std::string_view name) {
  const auto text = text_in(object, name);
  return text ? from_base64url(*text) : std::nullopt;
}

const json::object* response_of(const json::object& credential) {
  const auto* response = credential.if_contains("response");
  return response != nullptr && response->is_object() ? &response->get_object() : nullptr;
}

Result<void> done(Result<std::int64_t> changed) {
  if (!changed) return pass_on(std::move(changed));
  return {};
}

}  // namespace

std::string_view name_of(PasskeyRequest::Purpose purpose) {
  switch (purpose) {
    case PasskeyRequest::Purpose::Login: return "login";
    case PasskeyRequest::Purpose::StepUp: return "step_up";
    case PasskeyRequest::Purpose::Reset: return "reset";
  }
  std::unreachable();
}

Passkeys::Passkeys(Parts parts) : parts_{std::move(parts)} {}

Result<Passkeys::Index> Passkeys::read_all() {
  Index index;
  auto read = parts_.database.read([&](store::Reader& reader) -> Result<void> {
    auto counter = read_counter(reader, kPasskeysTopic);
    if (!counter) return pass_on(std::move(counter));
    index.counter = *counter;
    return reader.query(
        "SELECT id, user_id, name, credential_id, public_key, sign_count, created_at, last_used_at FROM passkeys", {},
        [&](const store::Row& row) {
          auto key = CredentialPublicKey::parse(row.text(4));
          if (!key) return;  // unreadable: it opens nothing
          Passkey passkey;
          passkey.view = {std::string{row.text(0)}, std::string{row.text(2)}, time_at(row, 6), optional_time_at(row, 7)};
          passkey.user = row.integer(1);
          passkey.credential_id = row.text(3);
          passkey.key = std::move(*key);
          passkey.sign_count = static_cast<std::uint32_t>(row.integer(5));
          index.by_credential[passkey.credential_id] = passkey;
        });
  });
  if (!read) return pass_on(std::move(read));
  return index;
}

Result<void> Passkeys::load() {
  const std::lock_guard lock{replacing_};
  auto index = read_all();
  if (!index) return pass_on(std::move(index));
  index_.replace(std::move(*index));
  return {};
}

Result<bool> Passkeys::reload_if_changed() {
  const auto counter = current_counter(parts_.database, kPasskeysTopic);
  if (!counter) return pass_on(counter);
  if (*counter == index_.read()->counter) return false;
  auto loaded = load();
  if (!loaded) return pass_on(std::move(loaded));
  return true;
}

template <class Change>
void Passkeys::change_index(Change&& change) {
  const std::lock_guard lock{replacing_};
  Index index = *index_.read();
  change(index);
  index_.replace(std::move(index));
}

std::vector<PasskeyView> Passkeys::list(UserId user) const {
  std::vector<PasskeyView> views;
  for (const auto& [id, passkey] : index_.read()->by_credential) {
    if (passkey.user == user) views.push_back(passkey.view);
  }
  std::ranges::sort(views, {}, &PasskeyView::created_at);
  return views;
}

bool Passkeys::has_any(UserId user) const {
  return std::ranges::any_of(index_.read()->by_credential,
                             [user](const auto& entry) { return entry.second.user == user; });
}

std::string Passkeys::user_handle(UserId user) const {
  const auto digest = parts_.ring.macs(crypto::Purpose::PasskeyHandle)->front().sign(std::to_string(user));
  return to_base64url(std::span{digest}.first(kHandleBytes));
}

std::string Passkeys::new_challenge(Ceremony ceremony) {
  std::string challenge = parts_.random.token(kChallengeBytes);
  const Monotonic now = parts_.clock.monotonic();
  challenges_.with([&](auto& challenges) {
    std::erase_if(challenges, [now](const auto& entry) { return entry.second.ends <= now; });
    if (challenges.size() >= kChallengesMax) {
      challenges.erase(std::ranges::min_element(challenges, {}, [](const auto& entry) { return entry.second.ends; }));
    }
    challenges.emplace(challenge, Challenge{std::move(ceremony), now + kChallengeLives});
  });
  return challenge;
}

bool Passkeys::take_challenge(std::string_view challenge, const Ceremony& ceremony) {
  const Monotonic now = parts_.clock.monotonic();
  return challenges_.with([&](auto& challenges) {
    const auto found = challenges.find(challenge);
    if (found == challenges.end()) return false;
    const Challenge taken = std::move(found->second);
    challenges.erase(found);
    return taken.ends > now && taken.ceremony == ceremony;
  });
}

Result<std::string> Passkeys::creation_options(const User& user) {
  if (!parts_.party) return no_relying_party();
  std::string text;
  JsonWriter json{text};
  json.object().key("rp").object().field("id", parts_.party->id).field("name", "Kavach").end();
  json.key("user").object().field("id", user_handle(user.id)).field("name", user.username);
  json.field("displayName", user.username).end();
  json.field("challenge", new_challenge(Registration{user.id}));
  json.key("pubKeyCredParams").array();
  for (const auto algorithm : {kCoseEs256, kCoseEdDsa}) {
    json.object().field("type", "public-key").field("alg", algorithm).end();
  }
  json.end().field("timeout", kBrowserWaitsMillis).field("attestation", "none");
  json.key("excludeCredentials").array();
  for (const auto& [id, passkey] : index_.read()->by_credential) {
    if (passkey.user == user.id) json.object().field("type", "public-key").field("id", id).end();
  }
  json.end().key("authenticatorSelection").object();
  json.field("residentKey", "preferred").field("userVerification", "preferred").end().end();
  return text;
}

Result<std::string> Passkeys::request_options(PasskeyRequest request) {
  if (!parts_.party) return no_relying_party();
  std::string text;
  JsonWriter json{text};
  json.object().field("challenge", new_challenge(request));
  json.field("rpId", parts_.party->id).field("timeout", kBrowserWaitsMillis);
  json.field("userVerification", request.user ? "discouraged" : "required");
  json.key("allowCredentials").array();
  for (const auto& [id, passkey] : index_.read()->by_credential) {
    if (request.user && passkey.user == *request.user) json.object().field("type", "public-key").field("id", id).end();
  }
  json.end().end();
  return text;
}

Task<Result<PasskeyView>> Passkeys::add(UserId user, std::string name, json::object credential, Actor actor,
                                        Executor& executor, JoinedWrite also) {
  if (!parts_.party) co_return no_relying_party();
  if (name.empty() || name.size() > kNameMax || !is_valid_utf8(name)) {
    co_return fail(ErrorCode::InvalidInput, "Give the passkey a name of 1 to 64 characters.");
  }
  if (list(user).size() >= kPerUserMax) co_return fail(ErrorCode::Conflict, "You have 20 passkeys; remove one first.");
  const auto* response = response_of(credential);
  const auto client_data = response != nullptr ? bytes_in(*response, "clientDataJSON") : std::nullopt;
  const auto attestation = response != nullptr ? bytes_in(*response, "attestationObject") : std::nullopt;
  if (!client_data || !attestation) co_return refused("not a registration response");
  const auto challenge = challenge_in(as_text(*client_data)).value_or("");
  if (!take_challenge(challenge, Registration{user})) co_return refused("no such challenge");
  const auto verified = verify_registration(*parts_.party, challenge, as_text(*client_data), *attestation,
                                            UserVerification::NotRequired);
  if (!verified) co_return pass_on(verified);
  auto passkey = std::make_shared<Passkey>();
  passkey->view = {parts_.random.hex(kIdBytes), std::move(name), parts_.clock.now(), std::nullopt};
  passkey->user = user;
  passkey->credential_id = to_base64url(verified->id);
  passkey->key = verified->public_key;
  passkey->sign_count = verified->sign_count;
  store::Unit unit = [this, passkey, actor](store::Transaction& transaction) -> Result<void> {
    std::int64_t known = 0;
    auto read = transaction.query("SELECT COUNT(*) FROM passkeys WHERE credential_id = ?", {passkey->credential_id},
                                  [&](const store::Row& row) { known = row.integer(0); });
    if (!read) return read;
    if (known > 0) return fail(ErrorCode::Conflict, "This passkey is registered already.");
    auto inserted = done(transaction.execute(
        "INSERT INTO passkeys (id, user_id, name, credential_id, public_key, sign_count, created_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        {passkey->view.id, passkey->user, passkey->view.name, passkey->credential_id, passkey->key.text(),
         std::int64_t{passkey->sign_count}, time_param(passkey->view.created_at)}));
    if (!inserted) return inserted;
    if (auto bumped = bump_counter(transaction, kPasskeysTopic); !bumped) return bumped;
    return parts_.audit.append(transaction, actor.event("passkey.added", {{"user_id", passkey->user},
                                                                          {"passkey", passkey->view.id},
                                                                          {"name", passkey->view.name}}));
  };
  Job applied = [this, passkey] {
    change_index([&](Index& index) { index.by_credential[passkey->credential_id] = *passkey; });
  };
  auto committed = co_await commit(executor, parts_.database, std::move(unit), std::move(applied), std::move(also));
  if (!committed) co_return pass_on(std::move(committed));
  co_return passkey->view;
}

Task<Result<PasskeyProof>> Passkeys::authenticate(json::object credential, PasskeyRequest request, Actor actor,
                                                  Executor& executor) {
  if (!parts_.party) co_return no_relying_party();
  const auto* response = response_of(credential);
  const auto id = text_in(credential, "id");
  const auto client_data = response != nullptr ? bytes_in(*response, "clientDataJSON") : std::nullopt;
  const auto data = response != nullptr ? bytes_in(*response, "authenticatorData") : std::nullopt;
  const auto signature = response != nullptr ? bytes_in(*response, "signature") : std::nullopt;
  if (!id || !client_data || !data || !signature) co_return refused("not an authentication response");
  const auto challenge = challenge_in(as_text(*client_data)).value_or("");
  if (!take_challenge(challenge, request)) co_return refused("no such challenge");
  const auto index = index_.read();
  const auto found = index->by_credential.find(*id);
  if (found == index->by_credential.end()) co_return refused("unknown passkey");
  const Passkey& passkey = found->second;
  if (request.user && passkey.user != *request.user) co_return refused("another user's passkey");
  const auto verification = request.user ? UserVerification::NotRequired : UserVerification::Required;
  const auto counter = verify_assertion(*parts_.party, challenge, as_text(*client_data), *data, *signature,
                                        passkey.key, verification);
  if (!counter) co_return refused(counter.error().detail);
  if (!counter_may_follow(passkey.sign_count, *counter)) {
    parts_.audit.record(actor.event("passkey.copied", {{"user_id", passkey.user}, {"passkey", passkey.view.id}}));
    co_return refused("signature counter went back");
  }
  const TimePoint now = parts_.clock.now();
  auto won = std::make_shared<bool>(false);
  store::Unit unit = [this, used = passkey, counter = *counter, now, won, actor, purpose = request.purpose](
                         store::Transaction& transaction) -> Result<void> {
    auto updated = transaction.execute("UPDATE passkeys SET sign_count = ?, last_used_at = ? WHERE id = ? AND sign_count = ?",
                                       {std::int64_t{counter}, time_param(now), used.view.id, std::int64_t{used.sign_count}});
    if (!updated) return pass_on(std::move(updated));
    *won = *updated == 1;
    if (!*won) return {};
    return parts_.audit.append(transaction, actor.event("passkey.used", {{"user_id", used.user},
                                                                         {"passkey", used.view.id},
                                                                         {"purpose", name_of(purpose)}}));
  };
  auto committed =
      co_await commit(executor, parts_.database, std::move(unit), [this, id = *id, counter = *counter, now] {
        change_index([&](Index& changed) {
          const auto same = changed.by_credential.find(id);
          if (same == changed.by_credential.end()) return;
          same->second.sign_count = counter;
          same->second.view.last_used_at = now;
        });
      });
  if (!committed) co_return pass_on(std::move(committed));
  if (!*won) co_return refused("removed or used meanwhile");
  co_return PasskeyProof{passkey.user, passkey.view.id};
}

Task<Result<void>> Passkeys::remove(UserId user, std::string id, Actor actor, Executor& executor, JoinedWrite also) {
  store::Unit unit = [this, user, id, actor](store::Transaction& transaction) -> Result<void> {
    auto removed = transaction.execute("DELETE FROM passkeys WHERE id = ? AND user_id = ?", {id, user});
    if (!removed) return pass_on(std::move(removed));
    if (*removed != 1) return fail(ErrorCode::NotFound, "There is no such passkey.");
    if (auto bumped = bump_counter(transaction, kPasskeysTopic); !bumped) return bumped;
    return parts_.audit.append(transaction, actor.event("passkey.removed", {{"user_id", user}, {"passkey", id}}));
  };
  Job applied = [this, user, id] {
    change_index([&](Index& index) {
      std::erase_if(index.by_credential,
                    [&](const auto& entry) { return entry.second.user == user && entry.second.view.id == id; });
    });
  };
  co_return co_await commit(executor, parts_.database, std::move(unit), std::move(applied), std::move(also));
}

JoinedWrite Passkeys::removal_of_all(UserId user) {
  return {.write = [user](store::Transaction& transaction) -> Result<void> {
            auto removed = done(transaction.execute("DELETE FROM passkeys WHERE user_id = ?", {user}));
            if (!removed) return removed;
            return bump_counter(transaction, kPasskeysTopic);
          },
          .applied = [this, user] {
            change_index([&](Index& index) {
              std::erase_if(index.by_credential, [&](const auto& entry) { return entry.second.user == user; });
            });
          }};
}

}  // namespace kavach::identity
