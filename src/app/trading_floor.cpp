#include "app/trading_floor.h"

namespace kavach::app {
namespace {

constexpr std::int64_t kStartingCapital = 10'000'000;  // one crore, as paper traders know it

paper::PaperSettings paper_settings(const Settings& settings) {
  paper::PaperSettings paper;
  paper.hours = settings.text(Setting::PaperMarketHours) == "exchange" ? paper::MarketHours::Exchange
                                                                       : paper::MarketHours::Always;
  paper.session_start = settings.time_of_day(Setting::SessionExpiryTime);
  return paper;
}

}  // namespace

TradingFloor::TradingFloor(Foundation& base, MarketFloor& market) : modes_{*base.database, *base.audit},
      spool_{base.settings.data_folder() / "exits.spool", *base.log} {
  const auto settings = paper_settings(base.settings);
  const auto exchange = [&] {
    return std::make_unique<paper::PaperExchange>(market.instruments(), market.quotes(), market.calendar(),
                                                  base.clock, settings);
  };
  live_ = exchange();
  analyze_ = exchange();
  const auto venue = [](paper::PaperExchange& at) {
    return trading::Venue{&at, trading::RiskLimits::simulated(), Money::whole(kStartingCapital)};
  };
  desk_ = std::make_unique<trading::JournalingDesk>(
      *base.database, *base.audit, spool_, base.clock, market.instruments(), *base.log,
      std::map<std::string, trading::Venue, std::less<>>{{"paper", venue(*live_)}, {"analyze", venue(*analyze_)}});
  session_ = std::make_unique<paper::PaperSession>(*desk_, market.instruments(), market.quotes(), base.clock,
                                                   *base.audit, *base.log, settings);
}

Result<void> TradingFloor::start(trading::OnOrderUpdate on_update) {
  if (auto loaded = modes_.load(); !loaded) return loaded;
  desk_->listen(std::move(on_update));
  return desk_->start();
}

void TradingFloor::tick() {
  live_->advance();
  analyze_->advance();
  desk_->tick();
  session_->tick();
}

trading::Answer<Money> TradingFloor::margin_of(const trading::OrderRequest& request) const {
  return live_->margin_of(request);
}

void TradingFloor::stop() { desk_->stop(); }

}  // namespace kavach::app
