#include "api/venue_margin.h"

#include <memory>

#include "trading/books.h"
#include "trading/journal_event.h"

namespace kavach::api {
namespace {

// Shared, because a std::function is copied and books are not small.
std::shared_ptr<const trading::Books> rich_and_empty() {
  constexpr std::int64_t kCapital = 100'000'000'000'000;
  auto books = std::make_shared<trading::Books>();
  books->apply({.at = {},
                .account = {},
                .order_id = {},
                .what = trading::AccountOpened{Money::whole(kCapital)}});
  return books;
}

}  // namespace

MarginOf margin_from(const trading::Broker& venue) {
  return [&venue, books = rich_and_empty()](
             const trading::OrderRequest& request) -> trading::Answer<Money> {
    const auto terms = venue.examine(request, *books);
    if (!terms) return std::unexpected(terms.error());
    if (terms->rejection.empty()) return terms->margin;
    return std::unexpected(trading::Refusal{
        Error{ErrorCode::InvalidInput, terms->rejection, {}}, terms->rejection_code, {}});
  };
}

}  // namespace kavach::api
