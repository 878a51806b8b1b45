#pragma once

// What the console's trading routes are built from. `app` owns all of it and keeps it alive as long
// as the routes. They are the services of the REST API: the console holds no rule of its own.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/worker_pool.h"
#include "guard/call.h"
#include "identity/mailer.h"
#include "identity/principal.h"
#include "market/instrument_table.h"
#include "market/quote.h"
#include "store/database.h"
#include "trading/order_desk.h"
#include "trading/risk.h"

namespace kavach::console {

/// Live or analyze, per user; the same switch the REST API asks.
struct AccountMode {
  std::function<bool(identity::UserId)> is_analyze;
  std::function<trading::AccountId(identity::UserId)> account_of;
  /// `done` is called once the switch and its audit record are durable.
  std::function<void(const trading::Actor&, identity::UserId, bool analyze, store::Done)> set_analyze;
};

/// For everybody's orders at once.
struct KillSwitch {
  std::function<trading::TradingState()> state;
  /// `done` is called once the state is in force and on record.
  std::function<void(const trading::Actor&, trading::TradingState, std::string reason,
                     std::move_only_function<void(Result<void>)> done)>
      set;
  std::function<bool(const guard::Call&)> is_fresh;
};

struct ConsoleServices {
  trading::OrderDesk& desk;
  const market::Instruments& instruments;
  const market::QuoteSource& quotes;
  const Clock& clock;
  WorkerPool& workers;
  AccountMode mode;
  KillSwitch kill_switch;
  std::function<TimePoint()> day_begun;  ///< when the trading day that the books show began
};

/// One line of `/health/check`. `check` runs on a worker and must not take long.
struct HealthCheck {
  std::string name;
  std::function<Result<std::string>()> check;  ///< a detail worth showing, or what is wrong
};

struct HealthServices {
  const Clock& clock;
  WorkerPool& workers;
  std::string version;
  TimePoint started_at;
  std::vector<HealthCheck> checks;
  std::function<bool()> store_writes;  ///< asked on I/O threads, for strangers: must not wait
};

/// One setting as the page shows it. Secrets come masked.
struct SettingView {
  std::string name;
  std::string value;
  std::string source;  ///< `default`, `file`, `environment`, `generated`
};

struct SettingServices {
  std::function<std::vector<SettingView>()> list;
  std::function<std::optional<identity::MailSettings>()> mail;  ///< nothing while none is configured
};

}  // namespace kavach::console
