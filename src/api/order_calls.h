#pragma once

// The order desk as handlers use it: awaitable, with the caller's account filled in, and its answers
// turned into the contract's replies.

#include <expected>
#include <string>
#include <string_view>

#include "api/context.h"
#include "api/field_errors.h"
#include "api/replies.h"
#include "core/task.h"
#include "trading/books.h"
#include "trading/order_desk.h"

namespace kavach::api {

using PlacedAnswer = trading::Answer<trading::Placed>;

[[nodiscard]] Task<PlacedAnswer> place(Context context, trading::OrderRequest request);
[[nodiscard]] Task<PlacedAnswer> place_towards(Context context, trading::OrderRequest request,
                                               Quantity target);

/// Runs `use` on the account's books and returns once it has run. `use` is called under the account's
/// lock, on another thread: it copies what it needs, and nothing else.
[[nodiscard]] Task<Result<void>> read_books(Context context,
                                            std::function<void(const trading::Books&)> use);

/// `{"orderid":…,"status":"success"}`, with the message in analyze mode only, or the refusal.
[[nodiscard]] http::Response placed_reply(const Context& context, const PlacedAnswer& answer,
                                          std::string_view analyze_message = {});

/// The idempotency key from the body or the `Idempotency-Key` header; empty when there is none.
/// Refused when both are there and differ, or when the header is no short visible text.
[[nodiscard]] std::expected<std::string, FieldErrors> idempotency_key(const Context& context,
                                                                     const std::string& in_body);

}  // namespace kavach::api
