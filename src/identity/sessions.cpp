#include "identity/sessions.h"

#include <algorithm>
#include <utility>

#include "core/text.h"
#include "identity/change_counters.h"
#include "identity/row_time.h"
#include "identity/session_index.h"

// Finding and reading. Starting, rotating and ending are in session_changes.cpp.

namespace kavach::identity {
namespace {

constexpr std::size_t kTokenCharacters = 43;  // 32 bytes in unpadded base64url
constexpr std::chrono::hours kLongest{24};

std::optional<crypto::Digest256> digest_from(std::string_view hex) {
  const auto bytes = from_hex(hex);
  if (!bytes || bytes->size() != sizeof(crypto::Digest256)) return std::nullopt;
  crypto::Digest256 digest{};
  std::ranges::copy(*bytes, digest.begin());
  return digest;
}

}  // namespace

std::string_view name_of(SessionEnd reason) {
  switch (reason) {
    case SessionEnd::Logout: return "logout";
    case SessionEnd::Revoked: return "revoked";
    case SessionEnd::Expired: return "expired";
    case SessionEnd::Idle: return "idle";
    case SessionEnd::TooMany: return "too_many";
    case SessionEnd::PasswordChanged: return "password_changed";
    case SessionEnd::AccountDisabled: return "account_disabled";
  }
  std::unreachable();
}

Sessions::Sessions(store::Database& database, audit::AuditLog& audit, Users& users,
                   const crypto::KeyRing& ring, const Clock& clock, const SecureRandom& random,
                   SessionSettings settings)
    : database_{database},
      audit_{audit},
      users_{users},
      random_{random},
      settings_{std::move(settings)},
      ring_{ring},
      clock_{clock} {}

Sessions::~Sessions() = default;

TimePoint Sessions::absolute_end(TimePoint now) const {
  if (!settings_.ends_daily) return now + kLongest;
  return settings_.zone.next(now, settings_.daily_end);
}

// A session is over at its end, not after it.
bool Sessions::expired(const Live& live, TimePoint now) const {
  return now >= live.ends_at || now >= TimePoint{Micros{live.last_seen.load()}} + settings_.idle_max;
}

std::string Sessions::csrf_of(const crypto::Digest256& digest) const {
  return to_hex(ring_.macs(crypto::Purpose::CsrfToken)->front().sign(std::span<const std::byte>{digest}));
}

Result<Sessions::Index> Sessions::read_all(const Index& known) {
  Index index;
  auto read = database_.read([&](store::Reader& reader) -> Result<void> {
    auto counter = read_counter(reader, kSessionsTopic);
    if (!counter) return pass_on(std::move(counter));
    index.counter = *counter;
    return reader.query(
        "SELECT id, token_digest, user_id, created_at, ends_at, last_seen_at, stepped_up_at, address, device "
        "FROM sessions",
        {}, [&](const store::Row& row) {
          const auto digest = digest_from(row.text(1));
          if (!digest) return;  // unreadable: nobody can present a token for it
          if (const auto same = known.by_digest.find(*digest); same != known.by_digest.end()) {
            index.add(same->second);
            return;
          }
          auto live = std::make_shared<Live>();
          live->id = row.text(0);
          live->digest = *digest;
          live->user = row.integer(2);
          live->created_at = time_at(row, 3);
          live->ends_at = time_at(row, 4);
          live->last_seen = row.integer(5);
          live->stepped_up = row.integer(6);
          live->address = row.text(7);
          live->device = row.text(8);
          live->csrf_token = csrf_of(live->digest);
          index.add(std::move(live));
        });
  });
  if (!read) return pass_on(std::move(read));
  return index;
}

Result<void> Sessions::load() {
  TimePoint latest{};
  auto read = database_.read([&](store::Reader& reader) {
    return reader.query("SELECT latest_at FROM session_watermark", {},
                        [&](const store::Row& row) { latest = std::max(latest, time_at(row, 0)); });
  });
  if (!read) return read;
  const std::lock_guard lock{replacing_};
  auto index = read_all(Index{});
  if (!index) return pass_on(std::move(index));
  // Without sessions there is nothing the watermark protects, and a clock that was once wrongly ahead
  // is forgotten.
  if (!index->by_id.empty()) clock_.not_before(latest);
  index_.replace(std::move(*index));
  return {};
}

Result<bool> Sessions::reload_if_changed() {
  std::vector<LivePtr> gone;
  {
    const std::lock_guard lock{replacing_};
    const auto before = index_.read();
    const auto counter = current_counter(database_, kSessionsTopic);
    if (!counter) return pass_on(counter);
    if (*counter == before->counter) return false;
    auto index = read_all(*before);
    if (!index) return pass_on(std::move(index));
    // Not marked as ended: one that is just being renewed looks gone too, and its successor, which is taken into
    // the index after its commit, would be ended with it.
    for (const auto& [digest, live] : before->by_digest) {
      if (!index->by_digest.contains(digest) && !live->ended) gone.push_back(live);
    }
    index_.replace(std::move(*index));
  }
  for (const auto& live : gone) report(*live, SessionEnd::Revoked);
  return true;
}

std::optional<ActiveSession> Sessions::find(std::string_view token) {
  if (token.size() != kTokenCharacters) return std::nullopt;
  const auto index = index_.read();
  auto found = index->by_digest.end();
  // Sessions begun before a rotation of APP_KEY live on.
  const auto digests = ring_.macs(crypto::Purpose::SessionDigest);
  for (const auto& digest : *digests) {
    if (found == index->by_digest.end()) found = index->by_digest.find(digest.sign(token));
  }
  if (found == index->by_digest.end()) return std::nullopt;
  Live& live = *found->second;
  const TimePoint now = clock_.now();
  if (live.ended || expired(live, now)) return std::nullopt;
  const auto user = users_.find(live.user);
  if (!user || !user->enabled) return std::nullopt;
  live.last_seen = epoch_micros(now);
  live.seen_since_write = true;
  ActiveSession active;
  active.principal = {Credential::Session, user->id, user->username, user->role, scopes_of(user->role), live.id};
  active.csrf_token = live.csrf_token;
  active.ends_at = live.ends_at;
  const TimePoint fresh_until = TimePoint{Micros{live.stepped_up.load()}} + kStepUpLasts;
  if (fresh_until > now) active.fresh_until = fresh_until;
  return active;
}

Sessions::LivePtr Sessions::by_id(std::string_view id) const {
  const auto index = index_.read();
  const auto found = index->by_id.find(id);
  return found == index->by_id.end() || found->second->ended ? nullptr : found->second;
}

std::vector<Sessions::LivePtr> Sessions::of_user(UserId user) const {
  std::vector<LivePtr> lives;
  for (const auto& [id, live] : index_.read()->by_id) {
    if (live->user == user && !live->ended) lives.push_back(live);
  }
  return lives;
}

bool Sessions::is_live(std::string_view id) const {
  const auto live = by_id(id);
  if (!live || expired(*live, clock_.now())) return false;
  const auto user = users_.find(live->user);
  return user && user->enabled;
}

bool Sessions::is_fresh(std::string_view id) const {
  const auto live = by_id(id);
  return live && clock_.now() < TimePoint{Micros{live->stepped_up.load()}} + kStepUpLasts;
}

std::vector<SessionView> Sessions::list(UserId user) const {
  std::vector<SessionView> views;
  const TimePoint now = clock_.now();
  for (const auto& live : of_user(user)) {
    if (expired(*live, now)) continue;
    views.push_back({live->id, live->created_at, TimePoint{Micros{live->last_seen.load()}}, live->ends_at,
                     live->address, live->device});
  }
  std::ranges::sort(views, std::greater{}, &SessionView::last_seen_at);
  return views;
}

void Sessions::on_ended(std::function<void(const EndedSession&)> observer) {
  observers_.push_back(std::move(observer));
}

}  // namespace kavach::identity
