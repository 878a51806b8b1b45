#pragma once

// The embedded exchange: takes orders like a broker and fills them whole against a quote source. It keeps
// nothing on disk. What it knows after a restart is what the desk tells it from the journal: orders that
// rest are adopted, and an order whose outcome is not in the journal was never filled here, so a look-up
// answers that it was not placed. docs/paper-trading.md describes the rules.
//
// Thread-safe. `place`, `modify`, `cancel` and `look_up` answer before they return; fills that come later
// are reported from `advance`. Listeners are called without the lock.

#include <mutex>
#include <vector>

#include "core/clock.h"
#include "market/calendar.h"
#include "market/instrument_table.h"
#include "market/quote.h"
#include "paper/matching.h"
#include "paper/placement_rules.h"
#include "paper/resting_orders.h"
#include "trading/broker.h"

namespace kavach::paper {

class PaperExchange final : public trading::Broker {
 public:
  /// The references outlive the exchange.
  PaperExchange(const market::Instruments& instruments, const market::QuoteSource& quotes,
                const market::Calendar& calendar, const Clock& clock, PaperSettings settings = {})
      : instruments_{instruments},
        quotes_{quotes},
        calendar_{calendar},
        clock_{clock},
        settings_{settings},
        rules_{instruments, quotes, clock, settings_} {}

  [[nodiscard]] std::string_view name() const override { return "paper"; }
  [[nodiscard]] trading::Answer<trading::VenueTerms> examine(
      const trading::OrderRequest& request, const trading::Books& books,
      Quantity released) const override {
    return rules_.examine(request, books, released);
  }
  [[nodiscard]] trading::Answer<trading::VenueTerms> examine_change(
      const trading::Order& order, const trading::OrderRequest& request,
      const trading::Books& books) const override {
    return rules_.examine_change(order, request, books);
  }
  [[nodiscard]] trading::Answer<Money> margin_of(const trading::OrderRequest& request) const {
    return rules_.margin_of(request);
  }
  void place(const trading::AccountId& account, const trading::Order& order,
             trading::OnOutcome outcome) override;
  void modify(const trading::AccountId& account, const trading::Order& changed,
              trading::OnOutcome outcome) override;
  void cancel(const trading::AccountId& account, const trading::Order& order,
              trading::OnOutcome outcome) override;
  void look_up(const trading::AccountId& account, const trading::Order& order,
               trading::OnOutcome outcome) override;
  void adopt(const trading::AccountId& account, const trading::Order& order) override;
  void listen(trading::OnVenueEvent on_event) override { on_event_ = std::move(on_event); }

  /// Holds resting orders against the prices of now; only instruments that have any are looked at. Call
  /// after every price change, or a few times a second. One thread.
  void advance();

 private:
  /// The quote orders may trade on now, if any.
  [[nodiscard]] std::optional<market::Quote> tradable_quote(const trading::InstrumentKey& key) const;
  /// Trades, triggers or leaves it; under the lock.
  [[nodiscard]] std::vector<trading::Happening> meet_market(RestingOrder& resting, Stage stage,
                                                            const market::Quote& quote);
  std::vector<trading::Happening> arrive(RestingOrder resting);

  const market::Instruments& instruments_;
  const market::QuoteSource& quotes_;
  const market::Calendar& calendar_;
  const Clock& clock_;
  const PaperSettings settings_;
  const PlacementRules rules_;
  trading::OnVenueEvent on_event_;

  std::mutex mutex_;
  RestingOrders resting_;  ///< guarded by mutex_
};

/// `TRADE-20270629-102011-0a1b2c3d`, IST. The last part is a bijection of the order's number within its
/// day, so no two orders of a day share one and the same order always gets the same.
[[nodiscard]] std::string trade_id(std::string_view order_id, TimePoint at);

}  // namespace kavach::paper
