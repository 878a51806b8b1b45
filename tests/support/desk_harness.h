#pragma once

// A whole order desk over a real database, with a clock that a test moves. The broker is the test's.
//
//     DeskHarness desk{broker};
//     auto placed = desk.place(buy("SBIN", 10));

#include <functional>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "audit/audit_chain.h"
#include "audit/schema.h"
#include "core/civil_time.h"
#include "market/instrument_table.h"
#include "support/failing_database.h"
#include "store/spool.h"
#include "support/temporary_folder.h"
#include "support/test_database.h"
#include "trading/journaling_desk.h"
#include "trading/schema.h"

namespace kavach::test {

inline const trading::AccountId kAccount = "paper:7";
inline const trading::Actor kTrader{"alice", "key-1", "192.0.2.7", "request-1"};

/// Wednesday, 10:00 in Mumbai.
inline TimePoint trading_morning() {
  return from_ist(Date{std::chrono::year{2027}, std::chrono::June, std::chrono::day{30}},
                  std::chrono::hours{10});
}

inline market::Instrument instrument(market::Exchange exchange, std::string symbol,
                                     market::InstrumentType type = market::InstrumentType::Equity,
                                     std::int64_t lot = 1, std::int64_t freeze = 1) {
  market::Instrument made;
  made.exchange = exchange;
  made.symbol = made.name = std::move(symbol);
  made.type = type;
  made.lot_size = lot;
  made.freeze_quantity = freeze;
  made.tick_size = Price::from_units(50'000);
  return made;
}

inline std::vector<market::Instrument> test_instruments() {
  using market::Exchange;
  using market::InstrumentType;
  return {instrument(Exchange::Nse, "SBIN"),
          instrument(Exchange::Nse, "ITC"),
          instrument(Exchange::Bse, "INFY"),
          instrument(Exchange::NseIndex, "NIFTY", InstrumentType::Index),
          instrument(Exchange::Nfo, "NIFTY28JUL27FUT", InstrumentType::Future, 75, 1800),
          instrument(Exchange::Nfo, "NIFTY01JUL2725000CE", InstrumentType::Call, 75, 1800),
          instrument(Exchange::Mcx, "CRUDEOIL19JUL27FUT", InstrumentType::Future, 100)};
}

inline trading::OrderRequest order_request(trading::Side side, std::string symbol,
                                           std::int64_t quantity) {
  trading::OrderRequest request;
  request.instrument = {market::Exchange::Nse, std::move(symbol)};
  request.side = side;
  request.quantity = Quantity::whole(quantity);
  return request;
}
inline trading::OrderRequest buy(std::string symbol, std::int64_t quantity) {
  return order_request(trading::Side::Buy, std::move(symbol), quantity);
}
inline trading::OrderRequest sell(std::string symbol, std::int64_t quantity) {
  return order_request(trading::Side::Sell, std::move(symbol), quantity);
}
inline trading::OrderRequest limit(trading::OrderRequest request, std::string_view price) {
  request.price_type = trading::PriceType::Limit;
  request.price = Price::parse(price).value();
  return request;
}
inline trading::OrderRequest keyed(trading::OrderRequest request, std::string client_order_id) {
  request.client_order_id = std::move(client_order_id);
  return request;
}

class DeskHarness {
 public:
  static constexpr std::size_t kSpoolBytes = 64 * 1024;

  /// Asked at every start, so that a broker which keeps nothing on disk can start afresh.
  using MakeBroker = std::function<trading::Broker&(DeskHarness&)>;

  explicit DeskHarness(trading::Broker& broker,
                       trading::RiskLimits limits = trading::RiskLimits::simulated(),
                       Money capital = Money::whole(10'000'000), std::string vfs = {})
      : DeskHarness{[&broker](DeskHarness&) -> trading::Broker& { return broker; }, limits, capital,
                    std::move(vfs)} {}
  explicit DeskHarness(MakeBroker make_broker,
                       trading::RiskLimits limits = trading::RiskLimits::simulated(),
                       Money capital = Money::whole(10'000'000), std::string vfs = {})
      : database{{audit::audit_schema(), trading::trading_schema()}, std::move(vfs)},
        make_broker_{std::move(make_broker)},
        limits_{limits},
        capital_{capital} {
    instruments.replace(market::InstrumentTable{test_instruments()});
    open();
  }

  trading::JournalingDesk* operator->() { return desk_.get(); }
  trading::JournalingDesk& operator*() { return *desk_; }
  audit::AuditLog& audit() { return *audit_; }

  /// As a stop and a start.
  void restart() {
    desk_.reset();
    reopen();
  }
  /// As after kill -9 at an instant when nothing was in flight: no orderly stop has saved anything.
  void crash() {
    // The desk is stopped only after its database can no longer be written.
    faults->fail(FailingDatabase::Failure::Busy, 0, INT32_MAX);
    desk_.reset();
    reopen();
  }

  trading::Answer<trading::Placed> place(trading::OrderRequest request,
                                         const trading::AccountId& account = kAccount) {
    return answer<trading::Placed>([&](auto reply) {
      desk_->place(actor, account, std::move(request), std::move(reply));
    });
  }
  trading::Answer<trading::Placed> towards(trading::OrderRequest request, std::int64_t target) {
    return answer<trading::Placed>([&](auto reply) {
      desk_->place_towards(actor, kAccount, std::move(request), Quantity::whole(target),
                           std::move(reply));
    });
  }
  trading::Answer<trading::Placed> modify(trading::OrderChange change) {
    return answer<trading::Placed>([&](auto reply) {
      desk_->modify(actor, kAccount, std::move(change), std::move(reply));
    });
  }
  trading::Answer<trading::Placed> cancel(const std::string& order_id) {
    return answer<trading::Placed>([&](auto reply) {
      desk_->cancel(actor, kAccount, order_id, std::move(reply));
    });
  }
  trading::CancelledOrders cancel_all() {
    return *answer<trading::CancelledOrders>(
        [&](auto reply) { desk_->cancel_all(actor, kAccount, std::move(reply)); });
  }
  trading::ClosedPositions close_all(trading::CloseScope scope = {}) {
    return *answer<trading::ClosedPositions>(
        [&](auto reply) { desk_->close_all(actor, kAccount, std::move(scope), std::move(reply)); });
  }
  void set_state(trading::TradingState state, std::string reason = "test") {
    std::promise<Result<void>> done;
    desk_->set_state(kTrader, state, std::move(reason),
                     [&](Result<void> result) { done.set_value(std::move(result)); });
    EXPECT_OK(done.get_future().get());
    settle();
  }

  /// A copy of the books as anyone may see them.
  trading::Books books(const trading::AccountId& account = kAccount) {
    trading::Books copy;
    std::promise<Result<void>> done;
    desk_->read(account, [&](const trading::Books& books) { copy = books; },
                [&](Result<void> result) { done.set_value(std::move(result)); });
    EXPECT_OK(done.get_future().get());
    return copy;
  }
  /// An order as anyone may see it now; an empty one when there is none.
  trading::Order order(const std::string& id) {
    trading::Order copy;
    desk_->read_now(kAccount, [&](const trading::Books& books) {
      if (const trading::Order* found = books.find_order(id)) copy = *found;
    });
    return copy;
  }

  /// Until all that has been started is durable.
  void settle() {
    for (int stage = 0; stage < 8; ++stage) {
      EXPECT_OK(database->write_and_wait([](store::Transaction&) { return Result<void>{}; }));
    }
  }
  /// `settle`, and what was done without the journal is in it.
  void settle_all() {
    settle();
    while (spool->waiting() > 0) {
      desk_->tick();
      settle();
    }
  }
  /// Moves the clock and does what is due.
  void advance(Micros by) {
    clock.advance(by);
    desk_->tick();
    settle();
  }

  /// The books that the journal alone adds up to.
  trading::Books replayed(const trading::AccountId& account = kAccount) {
    trading::Books books;
    trading::Journal journal{*database, *audit_};
    EXPECT_OK(journal.replay(0, [&](std::int64_t, const trading::JournalEvent& event) {
      if (event.account == account) books.apply(event);
      return Result<void>{};
    }));
    return books;
  }

  trading::Actor actor{kTrader};  ///< on whose behalf orders are placed, changed and closed
  ManualClock clock{trading_morning()};
  TestDatabase database;
  market::Instruments instruments;
  std::unique_ptr<FailingDatabase> faults;
  TemporaryFolder folder;
  std::filesystem::path spool_file{folder.path() / "exits.spool"};  ///< `/dev/full`: nothing can be kept on disk
  std::unique_ptr<store::Spool> spool;
  std::vector<trading::OrderUpdate> updates;  ///< read only after `settle`

 private:
  template <class T, class Start>
  trading::Answer<T> answer(Start start) {
    std::promise<trading::Answer<T>> promise;
    auto future = promise.get_future();
    start([&promise](trading::Answer<T> reply) { promise.set_value(std::move(reply)); });
    // Only a lost answer takes this long, and then nothing can go on.
    check(future.wait_for(std::chrono::seconds{60}) == std::future_status::ready,
          "a request was never answered");
    return future.get();
  }

  void open() {
    faults = std::make_unique<FailingDatabase>(*database);
    spool = std::make_unique<store::Spool>(spool_file, Logger::silent(), kSpoolBytes);
    auto chain = audit::AuditChain::open(*database, clock, Logger::silent());
    EXPECT_OK(chain);
    audit_ = std::move(*chain);
    trading::Broker& broker = make_broker_(*this);
    std::map<std::string, trading::Venue, std::less<>> venues;
    venues.emplace("paper", trading::Venue{&broker, limits_, capital_});
    venues.emplace("analyze", trading::Venue{&broker, limits_, capital_});
    desk_ = std::make_unique<trading::JournalingDesk>(*faults, *audit_, *spool, clock, instruments,
                                                      Logger::silent(), std::move(venues));
    desk_->listen([this](const trading::OrderUpdate& update) { updates.push_back(update); });
    EXPECT_OK(desk_->start());
  }
  void reopen() {
    audit_.reset();
    spool.reset();
    faults.reset();
    database.reopen();
    open();
  }

  MakeBroker make_broker_;
  trading::RiskLimits limits_;
  Money capital_;
  std::unique_ptr<audit::AuditLog> audit_;
  std::unique_ptr<trading::JournalingDesk> desk_;
};

}  // namespace kavach::test
