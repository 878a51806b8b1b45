#pragma once

// The REST routes over a fake desk and a scripted market, called as the pipeline would after it has
// authenticated the caller.

#include <gtest/gtest.h>

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "api/routes.h"
#include "api/schema.h"
#include "audit/audit_log.h"
#include "guard/router.h"
#include "identity/api_keys.h"
#include "support/fake_desk.h"
#include "support/scripted_market.h"
#include "support/test_database.h"

namespace kavach::api {

/// Runs what is posted to it on the thread that waits.
class WaitingExecutor final : public Executor {
 public:
  void post(Job job) override {
    {
      const std::lock_guard lock{mutex_};
      queue_.push_back(std::move(job));
    }
    wake_.notify_one();
  }
  void run_until(const bool& done) {
    while (!done) {
      std::unique_lock lock{mutex_};
      wake_.wait(lock, [this] { return !queue_.empty(); });
      Job job = std::move(queue_.front());
      queue_.pop_front();
      lock.unlock();
      job();
    }
  }

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> queue_;
};

class AuditNotes final : public audit::AuditLog {
 public:
  std::vector<audit::Event> events;
  Result<void> append(store::Transaction&, const audit::Event& event) override {
    events.push_back(event);
    return {};
  }
  void record(audit::Event event) override { events.push_back(std::move(event)); }
};

inline TimePoint at_ist(std::string_view date, int hour, int minute) {
  return from_ist(*parse_date(date), std::chrono::hours{hour} + std::chrono::minutes{minute});
}

class Gateway {
 public:
  Gateway() {
    instruments.replace(market::InstrumentTable{{
        listed("ITC", market::Exchange::Nse, market::InstrumentType::Equity),
        listed("SBIN", market::Exchange::Nse, market::InstrumentType::Equity),
        listed("NIFTY", market::Exchange::NseIndex, market::InstrumentType::Index),
        future("NIFTY"),
        option("26450"), option("26500"), option("26550"),
        option("26450", false), option("26500", false), option("26550", false),
    }});
    quotes.set(market::Exchange::Nse, "ITC", "431.2", "431.15", "431.25");
    quotes.set(market::Exchange::NseIndex, "NIFTY", "26483.4");
  }

  struct Answered {
    int status{0};
    std::string body;
    std::string content_type;
  };

  Answered post(std::string_view path, std::string_view body) {
    return call(http::Method::Post, path, body, {});
  }
  Answered get(std::string_view path, std::string query) {
    return call(http::Method::Get, path, {}, std::move(query));
  }
  /// As the pipeline does when no usable key came with the call.
  Answered without_key(std::string_view path, std::string_view body) {
    return refused(path, body, [](const guard::Route& route) { return route.shape.missing_key; });
  }
  Answered with_wrong_key(std::string_view path, std::string_view body) {
    return refused(path, body, [](const guard::Route& route) { return route.shape.invalid_key; });
  }
  void analyze() {
    bool done = false;
    modes.set({}, 7, true, [&](Result<void> result) {
      ASSERT_OK(result);
      executor.post([&done] { done = true; });
    });
    executor.run_until(done);
  }
  trading::Books& books() { return desk.books[modes.account_of(7)]; }

  std::string header_name;  ///< of one request header to send along
  std::string header_value;
  identity::Scopes scopes{identity::scopes_of(identity::KeyScope::Trade)};  ///< of the key that is used
  ManualClock clock{at_ist("2027-06-25", 11, 0)};
  market::Instruments instruments;
  test::ScriptedMarket quotes;
  test::FakeDesk desk;
  market::Calendar calendar;
  WorkerPool workers{1, 64};
  test::TestDatabase database{{api_schema()}};
  AuditNotes audit;
  ModeSwitch modes{*database, audit};
  ApiServices services{desk, instruments, quotes, calendar, clock, workers, *database, modes,
                       TradingDay{*TimeZone::find("Asia/Kolkata"), *TimeOfDay::parse("03:30")},
                       "paper", "http://127.0.0.1:5000", {}};
  guard::Router router{api_routes(services)};
  WaitingExecutor executor;

 private:
  static market::Instrument listed(std::string symbol, market::Exchange exchange,
                                   market::InstrumentType type) {
    market::Instrument row;
    row.symbol = row.broker_symbol = row.name = std::move(symbol);
    row.exchange = exchange;
    row.broker_exchange = market::name_of(exchange);
    row.token = "1";
    row.type = type;
    row.tick_size = test::price("0.05");
    return row;
  }
  static market::Instrument future(std::string base) {
    auto row = listed(base + "29JUN27FUT", market::Exchange::Nfo, market::InstrumentType::Future);
    row.name = std::move(base);
    row.expiry = parse_date("2027-06-29");
    row.lot_size = 75;
    return row;
  }
  static market::Instrument option(std::string_view strike, bool call = true) {
    auto row = listed("NIFTY29JUN27" + std::string{strike} + (call ? "CE" : "PE"),
                      market::Exchange::Nfo,
                      call ? market::InstrumentType::Call : market::InstrumentType::Put);
    row.name = "NIFTY";
    row.expiry = parse_date("2027-06-29");
    row.strike = test::price(strike);
    row.lot_size = 75;
    row.freeze_quantity = 1800;
    return row;
  }

  guard::Call prepared(http::Method method, std::string_view path, std::string_view body,
                       std::string query) {
    guard::Call call;
    call.request.method = method;
    call.request.path = path;
    call.request.query = std::move(query);
    call.request.request_id = "r-1";
    if (!header_name.empty()) call.request.headers.push_back({header_name, header_value});
    if (!body.empty()) {
      auto parsed = parse_json(body);
      EXPECT_OK(parsed);
      if (parsed) call.body = std::move(*parsed);
    }
    call.executor = &executor;
    return call;
  }

  Answered call(http::Method method, std::string_view path, std::string_view body, std::string query) {
    auto routing = router.find(method, path);
    const auto* match = std::get_if<guard::RouteMatch>(&routing);
    if (match == nullptr) return {404, "no route", ""};
    guard::Call request = prepared(method, path, body, std::move(query));
    request.path_values = match->values;
    request.principal = {identity::Credential::ApiKey, 7, "asha", identity::Role::Owner,
                         scopes, "key-1"};
    auto task = match->route->handle(request);
    bool done = false;
    task.start([&done] { done = true; });
    executor.run_until(done);
    const http::Response response = task.take();
    return {response.status, response.body, response.content_type};
  }

  template <class Choose>
  Answered refused(std::string_view path, std::string_view body, Choose choose) {
    auto routing = router.find(http::Method::Post, path);
    const auto* match = std::get_if<guard::RouteMatch>(&routing);
    if (match == nullptr) return {404, "no route", ""};
    const guard::Call request = prepared(http::Method::Post, path, body, {});
    const http::Response response = choose(*match->route)(request);
    return {response.status, response.body, response.content_type};
  }
};

}  // namespace kavach::api
