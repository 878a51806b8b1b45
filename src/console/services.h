#pragma once

// What the console's trading routes are built from. `app` owns all of it and keeps it alive as long
// as the routes. They are the services of the REST API: the console holds no rule of its own.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/worker_pool.h"
#include "identity/mailer.h"
#include "identity/principal.h"
#include "market/instrument_table.h"
#include "market/quote.h"
#include "store/database.h"
#include "trading/order_desk.h"

namespace kavach::console {

/// Live or analyze, per user; the same switch the REST API asks.
struct AccountMode {
  std::function<bool(identity::UserId)> is_analyze;
  std::function<trading::AccountId(identity::UserId)> account_of;
  /// `done` is called once the switch and its audit record are durable.
  std::function<void(const trading::Actor&, identity::UserId, bool analyze, store::Done)> set_analyze;
};

struct ConsoleServices {
  trading::OrderDesk& desk;
  const market::Instruments& instruments;
  const market::QuoteSource& quotes;
  const Clock& clock;
  WorkerPool& workers;
  AccountMode mode;
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
