#include "paper/paper_settings.h"

namespace kavach::paper {

std::int64_t leverage_of(const PaperSettings& settings, const market::Instrument& instrument,
                         bool buying, bool intraday, bool delivery) {
  if (delivery && !buying) return 0;
  if (market::is_derivative_exchange(instrument.exchange)) {
    if (instrument.is_option()) {
      return buying ? settings.option_buy_leverage : settings.option_sell_leverage;
    }
    const bool future = instrument.type == market::InstrumentType::Future ||
                        instrument.type == market::InstrumentType::PerpetualFuture ||
                        instrument.exchange == market::Exchange::Crypto;
    return future ? settings.futures_leverage : 1;
  }
  if (intraday) return settings.equity_intraday_leverage;
  return delivery ? settings.equity_delivery_leverage : 1;
}

}  // namespace kavach::paper
