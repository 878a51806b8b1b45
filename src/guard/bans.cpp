#include "guard/bans.h"

#include <utility>

namespace kavach::guard {
namespace {

constexpr std::int64_t kChangesAtOnce = 10'000;

}  // namespace

Bans::Bans(store::Database& database, audit::AuditLog& audit, const BanProtection& protection, const Clock& clock,
           std::uint64_t hash_seed, ExportOffender export_offender)
    : database_{database},
      ledger_{audit},
      protection_{protection},
      clock_{clock},
      export_offender_{std::move(export_offender)},
      list_{hash_seed} {}

bool Bans::is_banned(const IpAddress& address) const {
  return list_.is_banned(address, clock_.now()) && !protection_.is_exempt(address);
}

Result<void> Bans::load() {
  const std::lock_guard lock{refresh_mutex_};
  return database_.read([&](store::Reader& reader) -> Result<void> {
    auto all = BanLedger::everything(reader, clock_.now());
    if (!all) return pass_on(std::move(all));
    list_.load(all->bans);
    last_change_ = all->last_id;
    return {};
  });
}

Result<void> Bans::refresh() {
  const std::lock_guard lock{refresh_mutex_};
  std::vector<BanRecord> changes;
  auto read = database_.read([&](store::Reader& reader) -> Result<void> {
    auto found = BanLedger::changes_after(reader, last_change_, kChangesAtOnce);
    if (!found) return pass_on(std::move(found));
    changes = *std::move(found);
    return {};
  });
  if (!read) return read;
  for (const BanRecord& change : changes) {
    last_change_ = change.id;
    if (change.action == "unban") {
      list_.remove(change.network, clock_.now());
    } else {
      enforce(change.network, change.expires_at);
    }
  }
  return {};
}

Result<void> Bans::sweep() {
  return database_.write_and_wait([now = clock_.now()](store::Transaction& transaction) {
    return BanLedger::sweep(transaction, now);
  });
}

void Bans::enforce(const Cidr& network, const std::optional<TimePoint>& expires_at) {
  list_.extend({network, expires_at}, clock_.now());
  if (on_ban_) on_ban_(network);
}

void Bans::hold(const Cidr& network, std::chrono::seconds duration) {
  enforce(network, clock_.now() + duration);
}

Result<bool> Bans::becomes_permanent(const BanRequest& request) {
  if (std::holds_alternative<Permanent>(request.term)) return true;
  const auto* escalating = std::get_if<Escalating>(&request.term);
  if (escalating == nullptr) return false;
  bool permanent = false;
  auto read = database_.read([&](store::Reader& reader) -> Result<void> {
    auto past = BanLedger::past(reader, request.network);
    if (!past) return pass_on(std::move(past));
    permanent = !next_ban_duration(*past, escalating->base, escalating->repeat_limit);
    return {};
  });
  if (!read) return pass_on(std::move(read));
  return permanent;
}

Result<Ban> Bans::ban(const BanRequest& request) {
  auto made = make({request});
  if (!made) return pass_on(std::move(made));
  return std::move(made->front());
}

Result<void> Bans::ban_all(const std::vector<BanRequest>& requests) {
  auto made = make(requests);
  if (!made) return pass_on(std::move(made));
  return {};
}

Result<std::vector<Ban>> Bans::make(const std::vector<BanRequest>& requests) {
  // Evidence first: afterwards it would age out while the ban stays. A failed export stops no ban; the
  // exporter logs it.
  for (const BanRequest& request : requests) {
    auto permanent = becomes_permanent(request);
    if (!permanent) return pass_on(std::move(permanent));
    if (*permanent && export_offender_) std::ignore = export_offender_(request.network);
  }
  std::vector<Ban> made;
  auto written = database_.write_and_wait([&](store::Transaction& transaction) -> Result<void> {
    for (const BanRequest& request : requests) {
      auto added = ledger_.add(transaction, request, clock_.now());
      if (!added) return pass_on(std::move(added));
      made.push_back(*std::move(added));
    }
    return {};
  });
  if (!written) return pass_on(std::move(written));
  for (const Ban& ban : made) enforce(ban.network, ban.expires_at);
  return made;
}

Result<Cidr> Bans::unban(const Cidr& network, const std::string& actor, const std::string& request_id) {
  Cidr lifted = network;
  auto written = database_.write_and_wait([&](store::Transaction& transaction) -> Result<void> {
    auto exact = ledger_.remove(transaction, network, actor, request_id, clock_.now());
    if (exact || exact.error().code != ErrorCode::NotFound) return exact;
    const Cidr offender = network.is_single_host() ? Cidr::offender(network.base()) : network;
    if (offender == network) return exact;
    lifted = offender;
    return ledger_.remove(transaction, offender, actor, request_id, clock_.now());
  });
  if (written) {
    list_.remove(lifted, clock_.now());
    return lifted;
  }
  if (written.error().code != ErrorCode::NotFound || !list_.is_banned(network.base(), clock_.now())) {
    return pass_on(std::move(written));
  }
  std::string wider;
  auto read = database_.read([&](store::Reader& reader) -> Result<void> {
    auto all = BanLedger::everything(reader, clock_.now());
    if (!all) return pass_on(std::move(all));
    for (const BanInForce& ban : all->bans) {
      if (ban.network.contains(network.base())) wider = ban.network.text();
    }
    return {};
  });
  if (!read || wider.empty()) return pass_on(std::move(written));
  return fail(ErrorCode::NotFound,
              network.text() + " has no ban of its own; " + wider + " is banned and covers it. Unban that.");
}

}  // namespace kavach::guard
