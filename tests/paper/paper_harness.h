#pragma once

// A desk whose broker is the paper exchange, over prices that the test writes down.

#include <memory>
#include <string>
#include <vector>

#include "market/calendar.h"
#include "paper/paper_exchange.h"
#include "paper/paper_session.h"
#include "support/desk_harness.h"
#include "support/scripted_market.h"

namespace kavach::test {

class PaperHarness {
 public:
  explicit PaperHarness(paper::PaperSettings settings = {},
                        trading::RiskLimits limits = trading::RiskLimits::simulated(),
                        Money capital = Money::whole(10'000'000))
      : settings_{settings},
        desk{[this](DeskHarness& harness) -> trading::Broker& {
               exchange = std::make_unique<paper::PaperExchange>(
                   harness.instruments, market, calendar, harness.clock, settings_);
               return *exchange;
             },
             limits, capital} {}

  void price(std::string_view symbol, std::string_view last) {
    market.set(market::Exchange::Nse, symbol, last);
  }
  void price(std::string_view symbol, std::string_view last, std::string_view bid,
             std::string_view ask) {
    market.set(market::Exchange::Nse, symbol, last, bid, ask);
  }
  /// A new price, and what it does to resting orders.
  void tick(std::string_view symbol, std::string_view last) {
    price(symbol, last);
    advance();
  }
  void advance() {
    exchange->advance();
    desk.settle();
  }
  /// Moves the clock and lets the session do what is due.
  void pass(Micros time) {
    desk.clock.advance(time);
    paper::PaperSession& session = *sessions_.emplace_back(std::make_unique<paper::PaperSession>(
        *desk, desk.instruments, market, desk.clock, desk.audit(), Logger::silent(), settings_));
    session.tick();
    desk.settle();
  }
  /// To the next `hour`:`minute` in India.
  void pass_until(int hour, int minute) {
    const auto now = desk.clock.now();
    const TimePoint today =
        from_ist(ist(now).date, std::chrono::hours{hour} + std::chrono::minutes{minute});
    pass(today > now ? today - now : today + std::chrono::days{1} - now);
  }

  [[nodiscard]] Quantity net(std::string symbol, trading::Product product = trading::Product::Mis) {
    return desk.books().net_quantity({market::Exchange::Nse, std::move(symbol)}, product);
  }

 private:
  paper::PaperSettings settings_;
  std::vector<std::unique_ptr<paper::PaperSession>> sessions_;  ///< they outlive the desk's answers

 public:
  ScriptedMarket market;
  market::Calendar calendar;
  std::unique_ptr<paper::PaperExchange> exchange;
  DeskHarness desk;
};

inline trading::OrderRequest with(trading::OrderRequest request, trading::Product product) {
  request.product = product;
  return request;
}
inline trading::OrderRequest on(trading::OrderRequest request, market::Exchange exchange) {
  request.instrument.exchange = exchange;
  return request;
}
inline trading::OrderRequest stop(trading::OrderRequest request, std::string_view trigger,
                                  std::string_view limit_price = {}) {
  request.price_type =
      limit_price.empty() ? trading::PriceType::StopMarket : trading::PriceType::StopLimit;
  request.trigger_price = price(trigger);
  if (!limit_price.empty()) request.price = price(limit_price);
  return request;
}

}  // namespace kavach::test
