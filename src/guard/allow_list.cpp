#include "guard/allow_list.h"

#include <algorithm>

#include "core/text.h"
#include "guard/ban.h"
#include "guard/change_counter.h"

namespace kavach::guard {
namespace {

constexpr std::size_t kNoteBytesMax = 200;

std::vector<AllowedNetwork> from_environment(const std::vector<Cidr>& networks, TimePoint at) {
  std::vector<AllowedNetwork> out;
  for (const Cidr& network : networks) out.push_back({network, "ALLOW_LIST", "environment", {}, at});
  return out;
}

}  // namespace

bool overlap(const Cidr& a, const Cidr& b) { return a.contains(b.base()) || b.contains(a.base()); }

Result<Cidr> parse_allowed_network(std::string_view text) {
  auto network = parse_ban_network(text);
  if (!network) return network;
  if (const auto exact = Cidr::parse(trim(text)); exact && exact->is_single_host()) return *exact;
  return network;
}

AllowList::AllowList(const Clock& clock, const std::vector<Cidr>& environment)
    : environment_{from_environment(environment, clock.now())}, state_{state_of(environment_)} {}

// The owner chooses what is in it, so the table needs no secret seed.
AllowList::State AllowList::state_of(std::vector<AllowedNetwork> networks) {
  State state{std::move(networks), NetworkTable{}};
  for (const AllowedNetwork& entry : state.networks) state.table.set(entry.network, 1);
  return state;
}

bool AllowList::contains(const IpAddress& address) const {
  return state_.read()->table.any_containing(address, [](std::int64_t, int) { return true; });
}

bool AllowList::overlaps(const Cidr& network) const {
  const auto state = state_.read();
  return std::ranges::any_of(state->networks,
                             [&](const AllowedNetwork& entry) { return overlap(entry.network, network); });
}

std::vector<AllowedNetwork> AllowList::all() const { return state_.read()->networks; }

Result<void> AllowList::load(store::Reader& reader) {
  std::vector<AllowedNetwork> all = environment_;
  auto read = reader.query(
      "SELECT network, note, source, created_by, created_at FROM guard_allow_list ORDER BY created_at DESC, network",
      {}, [&](const store::Row& row) {
        const auto network = Cidr::parse(row.text(0));
        if (!network) return;
        all.push_back({*network, std::string{row.text(1)}, std::string{row.text(2)}, std::string{row.text(3)},
                       TimePoint{Micros{row.integer(4)}}});
      });
  if (!read) return read;
  state_.replace(state_of(std::move(all)));
  return {};
}

Result<void> AllowList::add(store::Transaction& transaction, audit::AuditLog& audit, const AllowedNetwork& entry,
                            const std::string& request_id) const {
  std::int64_t same = 0;
  std::int64_t total = 0;
  auto read = transaction.query("SELECT network FROM guard_allow_list", {}, [&](const store::Row& row) {
    ++total;
    if (row.text(0) == entry.network.text()) ++same;
  });
  if (!read) return read;
  if (same > 0) return fail(ErrorCode::Conflict, entry.network.text() + " is on the allow list already.");
  if (total >= static_cast<std::int64_t>(kAllowListMax)) {
    return fail(ErrorCode::Conflict, "The allow list is full. Allow networks instead of single addresses.");
  }
  auto added = transaction.execute(
      "INSERT INTO guard_allow_list (network, note, source, created_by, created_at) VALUES (?, ?, ?, ?, ?)",
      {entry.network.text(), entry.note.substr(0, kNoteBytesMax), entry.source, entry.created_by,
       epoch_micros(entry.created_at)});
  if (!added) return pass_on(std::move(added));
  if (auto bumped = bump_version(transaction, ChangeTopic::AllowList); !bumped) return bumped;
  return audit.append(transaction, {"allow_list.added", entry.created_by, entry.network.text(), request_id,
                                    {{"note", entry.note.substr(0, kNoteBytesMax)}, {"source", entry.source}}});
}

Result<void> AllowList::remove(store::Transaction& transaction, audit::AuditLog& audit, const Cidr& network,
                               const std::string& actor, const std::string& request_id) const {
  auto removed = transaction.execute("DELETE FROM guard_allow_list WHERE network = ?", {network.text()});
  if (!removed) return pass_on(std::move(removed));
  if (*removed == 0) {
    const bool fixed = std::ranges::any_of(
        environment_, [&](const AllowedNetwork& entry) { return entry.network == network; });
    return fail(ErrorCode::NotFound, fixed ? network.text() + " comes from ALLOW_LIST; take it out there."
                                           : network.text() + " is not on the allow list.");
  }
  if (auto bumped = bump_version(transaction, ChangeTopic::AllowList); !bumped) return bumped;
  return audit.append(transaction, {"allow_list.removed", actor, network.text(), request_id, {}});
}

}  // namespace kavach::guard
