#pragma once

// The kill switch as a command asks for it: a row in the store that the gateway obeys within a second, or before it
// opens its ports when it starts. Only the newest counts. Used by `kavach kill-switch` and the gateway's ticker.

#include <cstdint>
#include <optional>
#include <string>

#include "audit/audit_log.h"
#include "core/clock.h"
#include "identity/actor.h"
#include "store/database.h"
#include "trading/risk.h"

namespace kavach::app {

struct KillSwitchRequest {
  std::int64_t id{0};
  trading::TradingState state{trading::TradingState::Halted};
  std::string reason;
  bool obeyed{false};
};

/// The newest, obeyed or not.
[[nodiscard]] Result<std::optional<KillSwitchRequest>> latest_kill_switch_request(store::Reader& reader);
/// Audited as asked for; the change itself is on record when the gateway has made it. Answers the request's id.
[[nodiscard]] Result<std::int64_t> ask_for_kill_switch(store::Transaction& transaction, audit::AuditLog& audit,
                                                       const KillSwitchRequest& request, const identity::Actor& actor,
                                                       TimePoint now);
/// This request and those before it.
[[nodiscard]] Result<void> kill_switch_obeyed(store::Transaction& transaction, std::int64_t id, TimePoint now);
/// What the journal says last.
[[nodiscard]] Result<trading::TradingState> recorded_trading_state(store::Reader& reader);

}  // namespace kavach::app
