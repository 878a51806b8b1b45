// Durable orders a second through the desk and the paper exchange: intent and outcome of every order are
// journaled, audited and synced before its answer counts.
//
//   order_desk_bench [FOLDER]     FOLDER on the disk to be measured; default the temporary folder

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <semaphore>
#include <string>
#include <vector>

#include "audit/audit_chain.h"
#include "audit/schema.h"
#include "market/calendar.h"
#include "market/instrument_table.h"
#include "paper/paper_exchange.h"
#include "store/migration.h"
#include "store/sqlite_database.h"
#include "trading/journaling_desk.h"
#include "trading/schema.h"

namespace kavach {
namespace {

const SystemClock clock;

/// One price for everything: what is measured is the desk.
class FixedQuotes final : public market::QuoteSource {
 public:
  Result<market::Quote> quote(const market::Instrument&) const override {
    market::Quote quote;
    quote.last = quote.bid = quote.ask = Price::whole(100);
    return quote;
  }
  Result<market::Depth> depth(const market::Instrument&) const override { return market::Depth{}; }
  Result<std::vector<market::Candle>> candles(const market::Instrument&, std::string_view, Date,
                                              Date) const override {
    return std::vector<market::Candle>{};
  }
};

market::InstrumentTable one_share() {
  market::Instrument share;
  share.symbol = share.name = "SBIN";
  share.tick_size = Price::from_units(50'000);
  return market::InstrumentTable{{share}};
}

/// A desk over a database of its own.
class Gateway {
 public:
  explicit Gateway(const std::filesystem::path& file, bool durable) {
    store::SqliteDatabase::Options options;
    options.durable = durable;
    auto opened = store::SqliteDatabase::open(file, options, Logger::silent());
    if (!opened) throw std::runtime_error(opened.error().message + opened.error().detail);
    database_ = std::move(*opened);
    const std::vector schemas{audit::audit_schema(), trading::trading_schema()};
    if (!store::migrate(*database_, schemas)) throw std::runtime_error("migration failed");
    audit_ = std::move(audit::AuditChain::open(*database_, clock, Logger::silent()).value());
    spool_ = std::make_unique<store::Spool>(file.parent_path() / "exits.spool", Logger::silent());
    instruments_.replace(one_share());
    exchange_ = std::make_unique<paper::PaperExchange>(instruments_, quotes_, calendar_, clock);
    std::map<std::string, trading::Venue, std::less<>> venues;
    trading::RiskLimits limits = trading::RiskLimits::simulated();
    limits.open_orders_max = 1'000'000'000;
    venues.emplace("paper", trading::Venue{exchange_.get(), limits, Money::whole(1'000'000'000)});
    desk_ = std::make_unique<trading::JournalingDesk>(*database_, *audit_, *spool_, clock, instruments_,
                                                      Logger::silent(), std::move(venues));
    if (!desk_->start()) throw std::runtime_error("the desk did not start");
  }

  trading::JournalingDesk& desk() { return *desk_; }

 private:
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<audit::AuditChain> audit_;
  std::unique_ptr<store::Spool> spool_;
  market::Instruments instruments_;
  FixedQuotes quotes_;
  market::Calendar calendar_;
  std::unique_ptr<paper::PaperExchange> exchange_;
  std::unique_ptr<trading::JournalingDesk> desk_;
};

trading::OrderRequest order(int i, bool fills) {
  trading::OrderRequest request;
  request.instrument.symbol = "SBIN";
  request.side = i % 2 == 0 ? trading::Side::Buy : trading::Side::Sell;
  request.quantity = Quantity::whole(1);
  if (fills) return request;
  request.price_type = trading::PriceType::Limit;
  request.price = Price::whole(request.side == trading::Side::Buy ? 50 : 150);
  return request;
}

/// Keeps `outstanding` orders in flight over `accounts` accounts.
void measure(const std::filesystem::path& folder, const char* what, int orders, int accounts,
             int outstanding, bool fills, bool durable) {
  Gateway gateway{folder / (std::string{what} + ".db"), durable};
  const trading::Actor actor{"bench", "key", "127.0.0.1", "request"};
  std::counting_semaphore<> room{outstanding};
  std::vector<Monotonic> took(static_cast<std::size_t>(orders));
  std::atomic<int> refused{0};
  const Monotonic started = clock.monotonic();
  for (int i = 0; i < orders; ++i) {
    room.acquire();
    const Monotonic asked = clock.monotonic();
    gateway.desk().place(actor, "paper:" + std::to_string(i % accounts), order(i / accounts, fills),
                         [&, i, asked](const trading::Answer<trading::Placed>& answer) {
                           took[static_cast<std::size_t>(i)] = clock.monotonic() - asked;
                           refused += answer ? 0 : 1;
                           room.release();
                         });
  }
  for (int i = 0; i < outstanding; ++i) room.acquire();
  const double seconds = static_cast<double>((clock.monotonic() - started).count()) / 1e9;
  std::ranges::sort(took);
  const auto at = [&](double share) {
    const auto index = static_cast<std::size_t>(share * (orders - 1));
    return static_cast<double>(took[index].count()) / 1e6;
  };
  std::printf("%-44s %8.0f orders/s  p50 %6.2f ms  p99 %6.2f ms  p99.9 %6.2f ms  refused %d\n", what,
              orders / seconds, at(0.5), at(0.99), at(0.999), refused.load());
}

int run(const std::filesystem::path& folder) {
  measure(folder, "one order at a time", 500, 1, 1, true, true);
  measure(folder, "64 in flight, one account, filled", 20'000, 1, 64, true, true);
  measure(folder, "64 in flight, 8 accounts, filled", 20'000, 8, 64, true, true);
  measure(folder, "512 in flight, 8 accounts, filled", 60'000, 8, 512, true, true);
  measure(folder, "512 in flight, 8 accounts, resting", 60'000, 8, 512, false, true);
  measure(folder, "512 in flight, 8 accounts, filled, no sync", 60'000, 8, 512, true, false);
  return 0;
}

}  // namespace
}  // namespace kavach

int main(int argc, char** argv) {
  const auto base = argc > 1 ? std::filesystem::path{argv[1]} : std::filesystem::temp_directory_path();
  const auto folder = base / ("kavach-order-bench-" + std::to_string(kavach::clock.monotonic().count()));
  std::filesystem::create_directories(folder);
  const int status = kavach::run(folder);
  std::filesystem::remove_all(folder);
  return status;
}
