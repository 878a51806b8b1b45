// Starting, rotating, ending and sweeping sessions: everything of Sessions that writes.

#include <algorithm>
#include <utility>

#include "core/text.h"
#include "identity/change_counters.h"
#include "identity/commit.h"
#include "identity/row_time.h"
#include "identity/session_index.h"

namespace kavach::identity {
namespace {

constexpr std::size_t kTokenBytes = 32;
constexpr std::size_t kIdBytes = 8;
constexpr std::chrono::seconds kSeenWriteEvery{30};

std::unexpected<Error> changed_meanwhile() {
  return fail(ErrorCode::Conflict, "This session ended or was renewed meanwhile; reload the page and try again.");
}

std::unexpected<Error> no_such_session() { return fail(ErrorCode::NotFound, "There is no such session."); }

Result<void> done(Result<std::int64_t> changed) {
  if (!changed) return pass_on(std::move(changed));
  return {};
}

}  // namespace

Sessions::LivePtr Sessions::make_live(SessionRequest request, TimePoint now, std::string_view token) const {
  auto live = std::make_shared<Live>();
  live->id = random_.hex(kIdBytes);
  live->user = request.user;
  live->digest = ring_.macs(crypto::Purpose::SessionDigest)->front().sign(token);
  live->created_at = now;
  live->ends_at = absolute_end(now);
  live->address = request.address.text();
  live->device = std::move(request.device);
  live->csrf_token = csrf_of(live->digest);
  live->last_seen = epoch_micros(now);
  live->stepped_up = request.fresh ? epoch_micros(now) : 0;
  return live;
}

StartedSession Sessions::describe(const Live& live, Secret token) const {
  StartedSession started;
  started.id = live.id;
  started.token = std::move(token);
  started.csrf_token = live.csrf_token;
  started.ends_at = live.ends_at;
  if (live.stepped_up != 0) started.fresh_until = TimePoint{Micros{live.stepped_up.load()}} + kStepUpLasts;
  return started;
}

Task<Result<StartedSession>> Sessions::start(SessionRequest request, Actor actor, Executor& executor) {
  Secret token = Secret::take(random_.token(kTokenBytes));
  const TimePoint now = clock_.now();
  const LivePtr live = make_live(request, now, token.reveal());
  auto evicted = std::make_shared<std::vector<std::string>>();
  store::Unit unit = [this, live, evicted, actor, now, proof = std::move(request.proof)](
                         store::Transaction& transaction) -> Result<void> {
    if (auto stands = judge_proof(transaction, live->user, proof, live->stepped_up != 0); !stands) return stands;
    std::vector<std::string> held;
    auto read = transaction.query(
        "SELECT id FROM sessions WHERE user_id = ? AND ends_at > ? ORDER BY created_at, id",
        {live->user, time_param(now)}, [&](const store::Row& row) { held.emplace_back(row.text(0)); });
    if (!read) return read;
    evicted->clear();
    for (std::size_t i = 0; i + settings_.per_user_max <= held.size(); ++i) {
      if (auto removed = done(transaction.execute("DELETE FROM sessions WHERE id = ?", {held[i]})); !removed) {
        return removed;
      }
      evicted->push_back(held[i]);
    }
    const store::Param stepped_up =
        live->stepped_up == 0 ? store::Param{} : store::Param{std::int64_t{live->stepped_up}};
    auto inserted = done(transaction.execute(
        "INSERT INTO sessions (id, token_digest, user_id, created_at, ends_at, last_seen_at, stepped_up_at, "
        "address, device) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        {live->id, to_hex(live->digest), live->user, time_param(now), time_param(live->ends_at), time_param(now),
         stepped_up, live->address, live->device}));
    if (!inserted) return inserted;
    if (auto noted = Users::write_login(transaction, live->user, now); !noted) return noted;
    if (auto bumped = bump_counter(transaction, kSessionsTopic); !bumped) return bumped;
    return audit_.append(transaction, actor.event("session.started", {{"session", live->id},
                                                                      {"device", live->device},
                                                                      {"fresh", live->stepped_up != 0}}));
  };
  auto committed = co_await commit(executor, database_, std::move(unit), [this, live, evicted, now] {
    std::vector<LivePtr> removed;
    for (const auto& id : *evicted) {
      if (auto old = by_id(id)) removed.push_back(std::move(old));
    }
    change_index([&](Index& index) { index.add(live); });
    drop(removed, SessionEnd::TooMany);
    users_.note_login(live->user, now);
  });
  if (!committed) co_return pass_on(std::move(committed));
  co_return describe(*live, std::move(token));
}

Result<Sessions::Renewal> Sessions::rotation(const std::string& id, bool fresh, Actor actor) {
  const TimePoint now = clock_.now();
  const LivePtr before = by_id(id);
  if (!before || expired(*before, now)) return changed_meanwhile();
  Secret token = Secret::take(random_.token(kTokenBytes));
  const LivePtr live = make_live({.user = before->user, .address = {}, .device = before->device,
                                  .fresh = fresh},
                                 now, token.reveal());
  live->address = before->address;
  live->created_at = before->created_at;
  live->ends_at = before->ends_at;  // a change of privilege does not lengthen a session
  if (!fresh) live->stepped_up = before->stepped_up.load();
  Renewal planned;
  planned.session = std::make_shared<StartedSession>(describe(*live, std::move(token)));
  planned.write.write = [this, live, before, fresh, actor = std::move(actor)](
                            store::Transaction& transaction) -> Result<void> {
    const store::Param stepped_up =
        live->stepped_up == 0 ? store::Param{} : store::Param{std::int64_t{live->stepped_up}};
    auto updated = transaction.execute(
        "UPDATE sessions SET id = ?, token_digest = ?, stepped_up_at = ? WHERE id = ? AND token_digest = ?",
        {live->id, to_hex(live->digest), stepped_up, before->id, to_hex(before->digest)});
    if (!updated) return pass_on(std::move(updated));
    if (*updated != 1) return changed_meanwhile();
    // An enrolment that the session has begun goes on in it.
    auto moved = done(transaction.execute("UPDATE user_totp SET pending_session = ? WHERE user_id = ? AND pending_session = ?",
                                          {live->id, live->user, before->id}));
    if (!moved) return moved;
    if (auto bumped = bump_counter(transaction, kSessionsTopic); !bumped) return bumped;
    return audit_.append(transaction, actor.event("session.rotated", {{"session", live->id},
                                                                      {"former", before->id},
                                                                      {"stepped_up", fresh}}));
  };
  planned.write.applied = [this, live, before] {
    // Carried over: a session that was ended while it was being rotated stays ended.
    if (before->ended.exchange(true)) live->ended = true;
    change_index([&](Index& index) {
      index.remove(*before);
      index.add(live);
    });
  };
  return planned;
}

Task<Result<StartedSession>> Sessions::rotate(std::string id, bool fresh, Actor actor,
                                              Executor& executor) {
  auto planned = rotation(id, fresh, std::move(actor));
  if (!planned) co_return pass_on(std::move(planned));
  auto committed = co_await commit(executor, database_, std::move(planned->write.write), std::move(planned->write.applied));
  if (!committed) co_return pass_on(std::move(committed));
  co_return std::move(*planned->session);
}

Result<Sessions::Renewal> Sessions::renewal(std::string id, bool fresh, SessionEnd reason, Actor actor) {
  auto planned = rotation(id, fresh, actor);
  if (!planned) return planned;
  const LivePtr live = by_id(id);
  if (!live) return changed_meanwhile();
  planned->write = both(ending(live->user, std::move(id), reason, std::move(actor)), std::move(planned->write));
  return planned;
}

void Sessions::drop(const std::vector<LivePtr>& ended, SessionEnd reason) {
  if (ended.empty()) return;
  for (const auto& live : ended) live->ended = true;
  change_index([&](Index& index) {
    for (const auto& live : ended) index.remove(*live);
  });
  for (const auto& live : ended) report(*live, reason);
}

void Sessions::report(const Live& live, SessionEnd reason) const {
  for (const auto& observer : observers_) observer({live.id, live.user, reason});
}

Task<Result<void>> Sessions::end(std::string id, UserId user, SessionEnd reason, Actor actor,
                                 Executor& executor) {
  const LivePtr live = by_id(id);
  if (!live || live->user != user) co_return no_such_session();
  live->ended = true;  // refused before it is durable; `sweep` repeats a deletion that failed
  store::Unit unit = [this, id, reason, actor](store::Transaction& transaction) -> Result<void> {
    auto removed = transaction.execute("DELETE FROM sessions WHERE id = ?", {id});
    if (!removed) return pass_on(std::move(removed));
    if (*removed != 1) return no_such_session();  // rotated or ended meanwhile: nothing durable may be claimed
    if (auto bumped = bump_counter(transaction, kSessionsTopic); !bumped) return bumped;
    return audit_.append(transaction,
                         actor.event("session.ended", {{"session", id}, {"reason", name_of(reason)}}));
  };
  co_return co_await commit(executor, database_, std::move(unit), [this, live, reason] { drop({live}, reason); });
}

JoinedWrite Sessions::ending(UserId user, std::string keep, SessionEnd reason, Actor actor) {
  return {.write = [this, user, keep, reason, actor = std::move(actor)](store::Transaction& transaction) -> Result<void> {
            auto removed = transaction.execute("DELETE FROM sessions WHERE user_id = ? AND id <> ?", {user, keep});
            if (!removed) return pass_on(std::move(removed));
            if (*removed == 0) return {};
            if (auto bumped = bump_counter(transaction, kSessionsTopic); !bumped) return bumped;
            return audit_.append(transaction, actor.event("session.ended", {{"user_id", user},
                                                                            {"sessions", *removed},
                                                                            {"reason", name_of(reason)}}));
          },
          // Whose start was committed before this is known by now, and nobody else's was deleted.
          .applied = [this, user, keep, reason] {
            auto ended = of_user(user);
            std::erase_if(ended, [&](const LivePtr& live) { return live->id == keep; });
            drop(ended, reason);
          }};
}

Result<void> Sessions::sweep() {
  const TimePoint now = clock_.now();
  std::vector<LivePtr> over;
  std::vector<LivePtr> seen;
  bool seen_is_due = false;
  for (const auto& [id, live] : index_.read()->by_id) {
    if (live->ended || expired(*live, now)) {
      over.push_back(live);
    } else if (live->seen_since_write) {
      seen.push_back(live);
      seen_is_due = seen_is_due || now >= written_at_ + kSeenWriteEvery;
    }
  }
  if (over.empty() && !seen_is_due) return {};
  for (const auto& live : seen) live->seen_since_write = false;
  auto written = database_.write_and_wait([&](store::Transaction& transaction) -> Result<void> {
    for (const auto& live : over) {
      auto removed = done(transaction.execute("DELETE FROM sessions WHERE id = ?", {live->id}));
      if (!removed) return removed;
      const Actor system{"system", {}, {}};
      const auto reason = now >= live->ends_at ? SessionEnd::Expired : SessionEnd::Idle;
      auto recorded = audit_.append(transaction, system.event("session.ended", {{"session", live->id},
                                                                                {"reason", name_of(reason)}}));
      if (!recorded) return recorded;
    }
    for (const auto& live : seen) {
      auto updated = done(transaction.execute("UPDATE sessions SET last_seen_at = ? WHERE id = ?",
                                              {std::int64_t{live->last_seen}, live->id}));
      if (!updated) return updated;
    }
    return done(transaction.execute(
        "INSERT INTO session_watermark (id, latest_at) VALUES (1, ?) "
        "ON CONFLICT (id) DO UPDATE SET latest_at = excluded.latest_at",
        {time_param(now)}));
  });
  for (const auto& live : over) {
    const auto reason = now >= live->ends_at ? SessionEnd::Expired : SessionEnd::Idle;
    live->ended = true;
    if (written) drop({live}, reason);
  }
  if (written) written_at_ = now;
  return written;
}

}  // namespace kavach::identity
