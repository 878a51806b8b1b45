#include "app/kill_switch_request.h"

#include "identity/row_time.h"
#include "trading/journal_codec.h"

namespace kavach::app {

Result<std::optional<KillSwitchRequest>> latest_kill_switch_request(store::Reader& reader) {
  std::optional<KillSwitchRequest> latest;
  auto read = reader.query("SELECT id, state, reason, obeyed_at FROM kill_switch_requests ORDER BY id DESC LIMIT 1", {},
                           [&](const store::Row& row) {
                             latest = {row.integer(0), trading::trading_state_of(row.text(1)), std::string{row.text(2)},
                                       !row.is_null(3)};
                           });
  if (!read) return pass_on(read);
  return latest;
}

Result<std::int64_t> ask_for_kill_switch(store::Transaction& transaction, audit::AuditLog& audit,
                                         const KillSwitchRequest& request, const identity::Actor& actor, TimePoint now) {
  const auto latest = latest_kill_switch_request(transaction);
  if (!latest) return pass_on(latest);
  const std::int64_t id = *latest ? (*latest)->id + 1 : 1;
  const std::string_view state = trading::name_of(request.state);
  auto added = transaction.execute("INSERT INTO kill_switch_requests (id, state, reason, asked_at) VALUES (?, ?, ?, ?)",
                                   {id, state, request.reason, identity::time_param(now)});
  if (!added) return pass_on(added);
  auto audited = audit.append(transaction, actor.event("trading.state_requested", {{"state", state}, {"reason", request.reason}}));
  if (!audited) return pass_on(audited);
  return id;
}

Result<void> kill_switch_obeyed(store::Transaction& transaction, std::int64_t id, TimePoint now) {
  auto updated = transaction.execute("UPDATE kill_switch_requests SET obeyed_at = ? WHERE id <= ? AND obeyed_at IS NULL",
                                     {identity::time_param(now), id});
  if (!updated) return pass_on(updated);
  return {};
}

Result<trading::TradingState> recorded_trading_state(store::Reader& reader) {
  auto state = trading::TradingState::Active;
  auto read = reader.query("SELECT body FROM journal WHERE kind = 'trading.state' ORDER BY seq DESC LIMIT 1", {},
                           [&](const store::Row& row) {
                             const auto event = trading::decode_event({}, {}, {}, "trading.state", row.text(0));
                             const auto* change = event ? std::get_if<trading::TradingStateChanged>(&event->what) : nullptr;
                             state = change != nullptr ? trading::trading_state_of(change->state) : trading::TradingState::Halted;
                           });
  if (!read) return pass_on(read);
  return state;
}

}  // namespace kavach::app
