#pragma once

// A desk with the paper exchange over a database of its own, for benchmarks: one share, one price, every order
// journaled, audited and synced as in the gateway.

#include <filesystem>
#include <map>
#include <memory>
#include <stdexcept>
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

namespace kavach::bench {

inline const SystemClock clock;

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

inline market::InstrumentTable one_share() {
  market::Instrument share;
  share.symbol = share.name = "SBIN";
  share.tick_size = Price::from_units(50'000);
  return market::InstrumentTable{{share}};
}

/// Opens `file` or makes it.
class Gateway {
 public:
  explicit Gateway(const std::filesystem::path& file, bool durable, int cache_kib = 16'384) {
    store::SqliteDatabase::Options options;
    options.durable = durable;
    options.writer_cache_kib = cache_kib;
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
  /// The next start has the journal alone, as after a crash before the first snapshot. After `stop`.
  void forget_snapshots() {
    const auto forgotten = database_->write_and_wait([](store::Transaction& transaction) -> Result<void> {
      const auto rows = transaction.execute("DELETE FROM journal_snapshot", {});
      return rows ? Result<void>{} : pass_on(rows);
    });
    if (!forgotten) throw std::runtime_error(forgotten.error().detail);
  }

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

inline trading::OrderRequest order(int i, bool fills) {
  trading::OrderRequest request;
  request.instrument.symbol = "SBIN";
  request.side = i % 2 == 0 ? trading::Side::Buy : trading::Side::Sell;
  request.quantity = Quantity::whole(1);
  if (fills) return request;
  request.price_type = trading::PriceType::Limit;
  request.price = Price::whole(request.side == trading::Side::Buy ? 50 : 150);
  return request;
}

}  // namespace kavach::bench
