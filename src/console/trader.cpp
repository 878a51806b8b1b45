#include "console/trader.h"

#include <utility>

namespace kavach::console {

using trading::Answer;
using trading::Placed;

Task<Answer<Placed>> place(Trader trader, trading::OrderRequest request) {
  const Monotonic asked = trader.services->clock.monotonic();
  Answer<Placed> answer = co_await resume_on<Answer<Placed>>(*trader.call->executor, [&](auto complete) {
    trader.services->desk.place(trader.actor(), trader.account(), std::move(request), std::move(complete));
  });
  if (answer && !answer->replayed) {
    trader.call->orders.push_back({answer->order_id, std::string{trading::wire_name(answer->status)}, asked,
                                   trader.services->clock.monotonic(), answer->stages});
  }
  co_return answer;
}

Task<Answer<Placed>> modify(Trader trader, trading::OrderChange change) {
  co_return co_await resume_on<Answer<Placed>>(*trader.call->executor, [&](auto complete) {
    trader.services->desk.modify(trader.actor(), trader.account(), std::move(change), std::move(complete));
  });
}

Task<Answer<Placed>> cancel(Trader trader, std::string order_id) {
  co_return co_await resume_on<Answer<Placed>>(*trader.call->executor, [&](auto complete) {
    // The desk may answer, and so end this frame, before it returns: it gets a copy of its own.
    const std::string id = order_id;
    trader.services->desk.cancel(trader.actor(), trader.account(), id, std::move(complete));
  });
}

Task<Answer<trading::CancelledOrders>> cancel_all(Trader trader) {
  co_return co_await resume_on<Answer<trading::CancelledOrders>>(*trader.call->executor, [&](auto complete) {
    trader.services->desk.cancel_all(trader.actor(), trader.account(), std::move(complete));
  });
}

Task<Answer<trading::ClosedPositions>> close_all(Trader trader) {
  co_return co_await resume_on<Answer<trading::ClosedPositions>>(*trader.call->executor, [&](auto complete) {
    trader.services->desk.close_all(trader.actor(), trader.account(), {}, std::move(complete));
  });
}

Task<Result<void>> read_books(Trader trader, std::function<void(const trading::Books&)> use) {
  co_return co_await resume_on<Result<void>>(*trader.call->executor, [&](auto complete) {
    trader.services->desk.read(trader.account(), std::move(use), std::move(complete));
  });
}

}  // namespace kavach::console
