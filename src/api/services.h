#pragma once

// What the REST resources are built from. `app` owns all of it and keeps it alive as long as the
// routes; nothing here belongs to the api.

#include <string>

#include "api/mode_switch.h"
#include "api/trading_day.h"
#include "core/clock.h"
#include "core/worker_pool.h"
#include "market/instrument_table.h"
#include "market/quote.h"
#include "store/database.h"
#include "trading/order_desk.h"

namespace kavach::api {

struct ApiServices {
  trading::OrderDesk& desk;
  const market::Instruments& instruments;
  const market::QuoteSource& quotes;
  const Clock& clock;
  WorkerPool& workers;
  store::Database& database;
  ModeSwitch& modes;
  TradingDay day;
  std::string broker_name;    ///< as `ping` names it: `paper`
  std::string public_origin;  ///< HOST_SERVER
};

}  // namespace kavach::api
