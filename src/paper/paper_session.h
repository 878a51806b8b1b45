#pragma once

// The paper exchange's clockwork, done through the desk like everything else: intraday positions are
// squared off, expired contracts settled, delivery positions turned into holdings, and a new session
// begun. Each step is found from the books and the time alone, so a step missed while the gateway was
// down happens at the next tick, and one that is done does not happen again.
//
// Not thread-safe: one thread ticks. It outlives the answers of the desk.

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "audit/audit_log.h"
#include "core/clock.h"
#include "core/guarded.h"
#include "core/log.h"
#include "market/instrument_table.h"
#include "market/quote.h"
#include "paper/paper_settings.h"
#include "trading/journaling_desk.h"

namespace kavach::paper {

class PaperSession {
 public:
  /// The references outlive the session.
  PaperSession(trading::JournalingDesk& desk, const market::Instruments& instruments,
               const market::QuoteSource& quotes, const Clock& clock, audit::AuditLog& audit, Logger& logger,
               PaperSettings settings = {})
      : desk_{desk},
        instruments_{instruments},
        quotes_{quotes},
        clock_{clock},
        audit_{audit},
        logger_{logger},
        settings_{settings} {}

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
  void square_off(const trading::AccountId& account, const trading::Books::PositionKey& key);
  /// Says that a position outlives its intraday session: once for each reason, however often it is tried.
  void tell(const trading::AccountId& account, const trading::Books::PositionKey& key,
            const trading::Answer<trading::ClosedPositions>& answer);
  [[nodiscard]] Due due(const trading::Books& books, TimePoint now) const;
  [[nodiscard]] bool is_over(const trading::Order& order, TimePoint now) const;
  [[nodiscard]] bool is_left_over(const trading::Position& position, TimePoint now) const;
  [[nodiscard]] std::vector<trading::JournalEvent> bookkeeping(const trading::Books& books,
                                                               TimePoint now) const;
  /// From then on what was intraday before is over: the last cut-off that has passed.
  [[nodiscard]] TimePoint intraday_end(market::Exchange exchange, TimePoint now) const;
  [[nodiscard]] Price settlement_price(const trading::Position& position) const;

  trading::JournalingDesk& desk_;
  const market::Instruments& instruments_;
  const market::QuoteSource& quotes_;
  const Clock& clock_;
  audit::AuditLog& audit_;
  Logger& logger_;
  const PaperSettings settings_;
  std::int64_t last_minute_{-1};
  /// The code of the latest failure of each position that could not be closed.
  Guarded<std::map<std::pair<trading::AccountId, trading::Books::PositionKey>, std::string>> told_;
};

}  // namespace kavach::paper
