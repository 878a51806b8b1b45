#include "guard/warden.h"

namespace kavach::guard {
namespace {

std::string count_text(const Offence& offence, const OffenceStanding& standing) {
  return std::string{name_of(offence.kind)} + ", " + std::to_string(standing.count) + " within a day";
}

}  // namespace

void Warden::note_attempt(const Offence& offence, const Cidr& network, TimePoint now) {
  if (offence.kind == OffenceKind::NotFound) {
    parts_.attempts.note(network, AttemptKind::Path, offence.subject, now);
  } else if (offence.kind == OffenceKind::InvalidApiKey) {
    parts_.attempts.note(network, AttemptKind::KeyDigest, offence.subject, now);
  }
  parts_.attempts.note(network, AttemptKind::Host, offence.host, now);
}

void Warden::report(const Offence& offence) {
  const std::uint8_t weight = offence.kind == OffenceKind::NotFound ? not_found_weight(offence.subject) : 1;
  if (weight == 0) return;
  const TimePoint now = parts_.clock.now();
  const auto settings = parts_.settings.read();
  parts_.tally.count(now);
  note_attempt(offence, Cidr::offender(offence.client), now);
  const OffenceStanding standing = parts_.tracker.record(offence, weight, settings->offences, now);
  if (!standing.threshold_reached) return;
  if (!settings->auto_ban_enabled || settings->in_shadow(Defence::AutoBan)) {
    parts_.counters.count_shadow(Refusal::Banned);
    return;
  }
  const auto judgement = parts_.bans.protection().judge(standing.network, std::nullopt, now);
  if (judgement.outcome == BanJudgement::Outcome::Allowed) punish(offence, standing);
}

void Warden::punish(const Offence& offence, const OffenceStanding& standing) {
  const auto settings = parts_.settings.read();
  const OffenceRule& rule = settings->offences.of(offence.kind);
  parts_.bans.hold(standing.network, rule.ban);
  parts_.tracker.forget(standing.network);
  parts_.events.add(
      {parts_.clock.now(), "ban.created", standing.network.text(), count_text(offence, standing)});
  parts_.log.warning("ban.created", {{"network", standing.network.text()},
                                     {"offence", name_of(offence.kind)},
                                     {"count", standing.count}});
  pending_.with([&](auto& pending) {
    if (pending.size() >= kPendingMax) return;
    pending.push_back({standing.network, BanKind::Automatic, std::string{name_of(offence.kind)},
                       Escalating{rule.ban, settings->repeat_offender_limit}, "system", {}});
  });
  // When the pool is full, `store_pending` comes round within a second.
  std::ignore = parts_.workers.try_post([this] { store_pending(); });
}

std::size_t Warden::pending() const {
  return pending_.with([](const auto& pending) { return pending.size(); });
}

void Warden::store_pending() {
  // At most once round the queue: what fails now is tried again next time.
  for (std::size_t left = pending(); left > 0; --left) {
    std::optional<BanRequest> request;
    pending_.with([&](auto& pending) {
      if (pending.empty()) return;
      request = std::move(pending.front());
      pending.pop_front();
    });
    if (!request) return;
    const auto stored = parts_.bans.ban(*request);
    if (stored) continue;
    parts_.log.error("ban.not_stored", {{"network", request->network.text()}, {"detail", stored.error().detail}});
    pending_.with([&](auto& pending) {
      if (pending.size() < kPendingMax) pending.push_back(std::move(*request));
    });
    return;
  }
}

}  // namespace kavach::guard
