#pragma once

// The order desk over the simulated exchange: one exchange for live mode's paper accounts and one for
// analyzer mode, the same code on different accounts.

#include <memory>

#include "api/mode_switch.h"
#include "app/foundation.h"
#include "app/market_floor.h"
#include "paper/paper_exchange.h"
#include "paper/paper_session.h"
#include "store/spool.h"
#include "trading/books.h"
#include "trading/journaling_desk.h"

namespace kavach::app {

class TradingFloor {
 public:
  TradingFloor(Foundation& base, MarketFloor& market);

  /// Replays the journal and resolves what was in flight. Blocks.
  [[nodiscard]] Result<void> start(trading::OnOrderUpdate on_update);
  /// Matching, look-ups, day rolls. Four times a second, one thread.
  void tick();
  void stop();
  /// What an order would block, whatever the account has.
  [[nodiscard]] trading::Answer<Money> margin_of(const trading::OrderRequest& request) const;

  /// Records of cancels and closes that the store has not got yet.
  [[nodiscard]] std::size_t unjournaled() const { return spool_.waiting(); }
  [[nodiscard]] trading::JournalingDesk& desk() { return *desk_; }
  [[nodiscard]] api::ModeSwitch& modes() { return modes_; }

 private:
  api::ModeSwitch modes_;
  store::Spool spool_;  ///< before the desk, which has no work in it any more when it has stopped
  std::unique_ptr<paper::PaperExchange> live_;
  std::unique_ptr<paper::PaperExchange> analyze_;
  std::unique_ptr<trading::JournalingDesk> desk_;
  std::unique_ptr<paper::PaperSession> session_;
};

}  // namespace kavach::app
