#pragma once

// The paper exchange's clockwork, done through the desk like everything else: intraday positions are
// squared off, expired contracts settled, delivery positions turned into holdings, and a new session
// begun. Each step is found from the books and the time alone, so a step missed while the gateway was
// down happens at the next tick, and one that is done does not happen again.
//
// Not thread-safe: one thread ticks.

#include <string>
#include <vector>

#include "core/clock.h"
#include "market/instrument_table.h"
#include "market/quote.h"
#include "paper/paper_settings.h"
#include "trading/journaling_desk.h"

namespace kavach::paper {

class PaperSession {
 public:
  /// The references outlive the session.
  PaperSession(trading::JournalingDesk& desk, const market::Instruments& instruments,
               const market::QuoteSource& quotes, const Clock& clock, PaperSettings settings = {})
      : desk_{desk}, instruments_{instruments}, quotes_{quotes}, clock_{clock}, settings_{settings} {}

  /// Does what is due. Looks at the accounts once a minute; between that it costs nothing.
  void tick();

 private:
  /// What an account's books ask for.
  struct Due {
    std::vector<std::string> cancel;
    std::vector<trading::Books::PositionKey> close;
    bool bookkeeping{false};
  };

  void tend(const trading::AccountId& account, TimePoint now);
  [[nodiscard]] Due due(const trading::Books& books, TimePoint now) const;
  [[nodiscard]] bool is_over(const trading::Order& order, TimePoint now) const;
  [[nodiscard]] bool is_left_over(const trading::Position& position, const trading::Books& books,
                                  TimePoint now) const;
  [[nodiscard]] std::vector<trading::JournalEvent> bookkeeping(const trading::Books& books,
                                                               TimePoint now) const;
  /// From then on what was intraday before is over: the last cut-off that has passed.
  [[nodiscard]] TimePoint intraday_end(market::Exchange exchange, TimePoint now) const;
  [[nodiscard]] Price settlement_price(const trading::Position& position) const;

  trading::JournalingDesk& desk_;
  const market::Instruments& instruments_;
  const market::QuoteSource& quotes_;
  const Clock& clock_;
  const PaperSettings settings_;
  std::int64_t last_minute_{-1};
};

}  // namespace kavach::paper
