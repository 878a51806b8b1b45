#pragma once

// What the REST resources are built from. `app` owns all of it and keeps it alive as long as the
// routes; nothing here belongs to the api.

#include <functional>
#include <string>

#include "api/mode_switch.h"
#include "api/trading_day.h"
#include "core/clock.h"
#include "core/worker_pool.h"
#include "market/calendar.h"
#include "market/instrument_table.h"
#include "market/quote.h"
#include "store/database.h"
#include "trading/order_desk.h"

namespace kavach::api {

/// What the venue would block for an order, or why it would not take it. Must not block.
using MarginOf = std::function<trading::Answer<Money>(const trading::OrderRequest&)>;

struct ApiServices {
  trading::OrderDesk& desk;
  const market::Instruments& instruments;
  const market::QuoteSource& quotes;
  const market::Calendar& calendar;
  const Clock& clock;
  WorkerPool& workers;
  store::Database& database;
  ModeSwitch& modes;
  TradingDay day;
  std::string broker_name;    ///< as `ping` names it: `paper`
  std::string public_origin;  ///< HOST_SERVER
  MarginOf margin_of{};       ///< empty: the venue does not calculate margins
};

}  // namespace kavach::api
