#pragma once

// What the paper exchange accepts, in the documented order and with the texts that clients know
// (docs/order-refusals.md), and the margin it blocks. Pure over the books, the instruments and the
// quotes; called under the account's lock.

#include "core/clock.h"
#include "market/calendar.h"
#include "market/instrument_table.h"
#include "market/quote.h"
#include "paper/paper_settings.h"
#include "trading/books.h"
#include "trading/broker.h"

namespace kavach::paper {

class PlacementRules {
 public:
  PlacementRules(const market::Instruments& instruments, const market::QuoteSource& quotes,
                 const Clock& clock, const PaperSettings& settings)
      : instruments_{instruments}, quotes_{quotes}, clock_{clock}, settings_{settings} {}

  [[nodiscard]] trading::Answer<trading::VenueTerms> examine(const trading::OrderRequest& request,
                                                             const trading::Books& books,
                                                             Quantity released) const;
  [[nodiscard]] trading::Answer<trading::VenueTerms> examine_change(
      const trading::Order& order, const trading::OrderRequest& request,
      const trading::Books& books) const;
  /// What an account without positions would have to put up; whether it has the money is not asked.
  [[nodiscard]] trading::Answer<Money> margin_of(const trading::OrderRequest& request) const;

 private:
  struct Case;
  [[nodiscard]] std::optional<trading::Refusal> outside_intraday_window(const Case& at) const;
  [[nodiscard]] std::optional<trading::Refusal> price_and_margin(Case& at) const;
  [[nodiscard]] static std::optional<trading::Refusal> short_of_funds(const Case& at);

  const market::Instruments& instruments_;
  const market::QuoteSource& quotes_;
  const Clock& clock_;
  const PaperSettings& settings_;
};

}  // namespace kavach::paper
