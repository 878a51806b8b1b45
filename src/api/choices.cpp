#include "api/choices.h"

namespace kavach::api {

using market::Exchange;
using market::InstrumentType;
using trading::PriceType;
using trading::Product;
using trading::Side;

const Choices<Exchange>& any_exchange() {
  static const Choices<Exchange> kChoices = [] {
    std::vector<std::pair<std::string_view, Exchange>> words;
    for (int i = 0; i < market::kExchangeCount; ++i) {
      const auto exchange = static_cast<Exchange>(i);
      words.emplace_back(market::name_of(exchange), exchange);
    }
    return Choices<Exchange>{std::move(words)};
  }();
  return kChoices;
}

const Choices<Exchange>& derivative_exchange() {
  static const Choices<Exchange> kChoices{
      {"NFO", Exchange::Nfo}, {"BFO", Exchange::Bfo},     {"MCX", Exchange::Mcx},
      {"CDS", Exchange::Cds}, {"NCO", Exchange::Nco},     {"BCD", Exchange::Bcd},
      {"NCDEX", Exchange::Ncdex}, {"CRYPTO", Exchange::Crypto}};
  return kChoices;
}

const Choices<Side>& any_action() {
  static const Choices<Side> kChoices{
      {"BUY", Side::Buy}, {"SELL", Side::Sell}, {"buy", Side::Buy}, {"sell", Side::Sell}};
  return kChoices;
}

const Choices<PriceType>& any_price_type() {
  static const Choices<PriceType> kChoices{{"MARKET", PriceType::Market},
                                           {"LIMIT", PriceType::Limit},
                                           {"SL", PriceType::StopLimit},
                                           {"SL-M", PriceType::StopMarket}};
  return kChoices;
}

const Choices<Product>& any_product() {
  static const Choices<Product> kChoices{
      {"MIS", Product::Mis}, {"NRML", Product::Nrml}, {"CNC", Product::Cnc}};
  return kChoices;
}

const Choices<InstrumentType>& any_option_type() {
  static const Choices<InstrumentType> kChoices{{"CE", InstrumentType::Call},
                                                {"PE", InstrumentType::Put},
                                                {"ce", InstrumentType::Call},
                                                {"pe", InstrumentType::Put}};
  return kChoices;
}

const Choices<std::string_view>& any_interval() {
  static const Choices<std::string_view> kChoices = [] {
    std::vector<std::pair<std::string_view, std::string_view>> words;
    for (const char* name : {"1s", "5s", "10s", "15s", "30s", "45s", "1m", "2m", "3m", "5m", "10m",
                             "15m", "20m", "30m", "1h", "2h", "3h", "4h", "D", "W", "M", "Q", "Y"}) {
      words.emplace_back(name, name);
    }
    return Choices<std::string_view>{std::move(words)};
  }();
  return kChoices;
}

}  // namespace kavach::api
