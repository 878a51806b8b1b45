#include "trading/refusals.h"

namespace kavach::trading {

Refusal refusal(ErrorCode code, std::string token, std::string message, std::string order_id) {
  return {Error{code, std::move(message), {}}, std::move(token), std::move(order_id)};
}

Refusal no_such_account() {
  return refusal(ErrorCode::NotFound, "UNKNOWN_ACCOUNT", "There is no such trading account.");
}

Refusal no_such_order(const std::string& order_id) {
  return refusal(ErrorCode::NotFound, "ORDER_NOT_FOUND", "Order " + order_id + " not found");
}

Refusal not_in_status(std::string_view verb, const Order& order) {
  return refusal(ErrorCode::InvalidInput, "ORDER_NOT_OPEN",
                 "Cannot " + std::string{verb} + " order in " +
                     std::string{wire_name(order.status)} + " status");
}

Refusal outcome_unknown(const std::string& order_id) {
  return refusal(ErrorCode::OutcomeUnknown, "ORDER_OUTCOME_UNKNOWN",
                 "The broker did not answer in time. Do not send it again: ask orderstatus with "
                 "this id.",
                 order_id);
}

Refusal not_recorded(const Error& error) {
  Refusal refused = refusal(error.code, "NOT_RECORDED",
                            "The order could not be recorded, so it was not sent. Try again in a "
                            "moment.");
  refused.error.detail = error.message + " " + error.detail;
  return refused;
}

Refusal too_many_waiting() {
  return refusal(ErrorCode::Busy, "TOO_MANY_WAITING",
                 "Too many requests wait for the same order. Try again in a moment.");
}

Refusal over_rate() {
  return refusal(ErrorCode::RateLimited, "ORDER_RATE",
                 "The order rate of this exchange segment is used up. Try again in a moment.");
}

std::string_view notice_of(RecordedIn where) {
  switch (where) {
    case RecordedIn::Journal: return {};
    case RecordedIn::Spool:
      return "Done. The gateway cannot write its order store at the moment: the record is kept beside it and is "
             "added when that works again.";
    case RecordedIn::Memory:
      return "Done, but the gateway cannot write any record of it at the moment. Mend its disk before you restart "
             "it.";
  }
  return {};
}

Answer<Placed> answer_for(const Order& order, bool replayed) {
  if (order.status == OrderStatus::Unknown || order.status == OrderStatus::Journaled) {
    return std::unexpected{outcome_unknown(order.id)};
  }
  // An order that the broker once took was answered with success, whatever became of it.
  if (order.status == OrderStatus::Rejected && order.broker_id.empty()) {
    return std::unexpected{
        refusal(ErrorCode::InvalidInput, "REJECTED", order.rejection_reason, order.id)};
  }
  return Placed{order.id, order.status, replayed};
}

}  // namespace kavach::trading
