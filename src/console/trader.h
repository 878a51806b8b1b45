#pragma once

// The signed-in user in front of the order desk: one call with the services, and the desk's callbacks
// as awaitables. Copied freely; the call and the services outlive the handler.

#include <functional>
#include <string>

#include "console/services.h"
#include "core/task.h"
#include "guard/call.h"
#include "trading/books.h"

namespace kavach::console {

struct Trader {
  guard::Call* call;
  ConsoleServices* services;

  [[nodiscard]] trading::AccountId account() const {
    return services->mode.account_of(call->principal.user);
  }
  [[nodiscard]] trading::Actor actor() const {
    return {call->principal.username, call->principal.credential_id, call->client.text(),
            call->request.request_id};
  }
};

[[nodiscard]] Task<trading::Answer<trading::Placed>> place(Trader trader, trading::OrderRequest request);
[[nodiscard]] Task<trading::Answer<trading::Placed>> modify(Trader trader, trading::OrderChange change);
[[nodiscard]] Task<trading::Answer<trading::Placed>> cancel(Trader trader, std::string order_id);
[[nodiscard]] Task<trading::Answer<trading::CancelledOrders>> cancel_all(Trader trader);
[[nodiscard]] Task<trading::Answer<trading::ClosedPositions>> close_all(Trader trader);
/// Returns once `use` has run. It runs under the account's lock, perhaps on another thread: it copies
/// what it needs and nothing else.
[[nodiscard]] Task<Result<void>> read_books(Trader trader, std::function<void(const trading::Books&)> use);

}  // namespace kavach::console
