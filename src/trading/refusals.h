#pragma once

// The desk's own refusals and answers. Texts that clients of the wire contract know are kept word by
// word; docs/order-refusals.md lists the codes.

#include <string>
#include <string_view>

#include "trading/order_desk.h"

namespace kavach::trading {

[[nodiscard]] Refusal refusal(ErrorCode code, std::string token, std::string message,
                              std::string order_id = {});
[[nodiscard]] Refusal no_such_account();
[[nodiscard]] Refusal no_such_order(const std::string& order_id);
/// `Cannot modify order in complete status`
[[nodiscard]] Refusal not_in_status(std::string_view verb, const Order& order);
/// The outcome of this order is not known: it may be live.
[[nodiscard]] Refusal outcome_unknown(const std::string& order_id);
/// The store did not take it.
[[nodiscard]] Refusal not_recorded(const Error& error);
[[nodiscard]] Refusal too_many_waiting();
[[nodiscard]] Refusal over_rate();

/// What a request for this order is answered, from what the books say now.
[[nodiscard]] Answer<Placed> answer_for(const Order& order, bool replayed);

}  // namespace kavach::trading
