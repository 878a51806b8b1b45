#pragma once

// The console's routes over a desk that answers from a script and keeps what it was asked.

#include <gtest/gtest.h>

#include <future>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "console/routes.h"
#include "core/text.h"
#include "support/scripted_market.h"
#include "trading/books.h"

namespace kavach::console::test {

class ScriptedDesk final : public trading::OrderDesk {
 public:
  void place(const trading::Actor& actor, const trading::AccountId& account, trading::OrderRequest request,
             trading::Reply<trading::Placed> reply) override {
    note(actor, account);
    placed.push_back(std::move(request));
    reply(answer);
  }
  void place_towards(const trading::Actor&, const trading::AccountId&, trading::OrderRequest, Quantity,
                     trading::Reply<trading::Placed> reply) override {
    reply(answer);
  }
  void modify(const trading::Actor& actor, const trading::AccountId& account, trading::OrderChange change,
              trading::Reply<trading::Placed> reply) override {
    note(actor, account);
    changed.push_back(std::move(change));
    reply(answer);
  }
  void cancel(const trading::Actor& actor, const trading::AccountId& account, const std::string& order_id,
              trading::Reply<trading::Placed> reply) override {
    note(actor, account);
    cancelled.push_back(order_id);
    reply(answer);
  }
  void cancel_all(const trading::Actor& actor, const trading::AccountId& account,
                  trading::Reply<trading::CancelledOrders> reply) override {
    note(actor, account);
    reply(trading::CancelledOrders{{"1", "2"}, {{"3", "too late"}}});
  }
  void close_all(const trading::Actor& actor, const trading::AccountId& account, trading::CloseScope,
                 trading::Reply<trading::ClosedPositions> reply) override {
    note(actor, account);
    reply(trading::ClosedPositions{
        .closed = 2,
        .pending = 1,
        .failures = {{{market::Exchange::Nse, "SBIN"},
                      trading::Product::Mis,
                      {{ErrorCode::InvalidInput, "No price.", {}}, "NO_PRICE", {}}}}});
  }
  void read(const trading::AccountId& account, std::function<void(const trading::Books&)> use,
            std::move_only_function<void(Result<void>)> done) override {
    note({}, account);
    use(books);
    done({});
  }

  trading::Answer<trading::Placed> answer{trading::Placed{"25112500001001", trading::OrderStatus::Complete, false}};
  trading::Books books;
  std::vector<trading::OrderRequest> placed;
  std::vector<trading::OrderChange> changed;
  std::vector<std::string> cancelled;
  trading::Actor last_actor;
  trading::AccountId last_account;

 private:
  void note(const trading::Actor& who, const trading::AccountId& whose) {
    last_actor = who;
    last_account = whose;
  }
};

class ConsoleRoutes : public testing::Test {
 protected:
  ConsoleRoutes() {
    market::Instrument sbin;
    sbin.symbol = "SBIN";
    sbin.name = "STATE BANK OF INDIA";
    sbin.exchange = market::Exchange::Nse;
    market::Instrument nifty = sbin;
    nifty.symbol = nifty.name = "NIFTY";
    nifty.exchange = market::Exchange::NseIndex;
    instruments_.replace(market::InstrumentTable{{sbin, nifty}});
    market_.set(market::Exchange::Nse, "SBIN", "812.4", "812.35", "812.45");
    user_.credential = identity::Credential::Session;
    user_.user = 7;
    user_.username = "ada";
    user_.role = identity::Role::Trader;
    user_.scopes = identity::scopes_of(user_.role);
    user_.credential_id = "s_1";
  }

  /// Sends a request through its row and waits for the answer.
  http::Response send(http::Method method, const std::string& target, std::string_view body = {}) {
    const auto question = target.find('?');
    guard::Call call;
    call.request.method = method;
    call.request.path = target.substr(0, question);
    if (question != std::string::npos) call.request.query = target.substr(question + 1);
    call.request.request_id = "00112233";
    call.principal = user_;
    call.executor = &executor_;
    if (!body.empty()) call.body = *parse_json(body);
    const guard::Route* route = row(method, call.request.path);
    if (route == nullptr) return http::Response::text(404, "no such row");
    Task<http::Response> task = route->handle(call);
    std::promise<void> done;
    task.start([&done] { done.set_value(); });
    done.get_future().wait();
    return task.take();
  }
  http::Response get(const std::string& target) { return send(http::Method::Get, target); }
  http::Response post(const std::string& target, std::string_view body) {
    return send(http::Method::Post, target, body);
  }

  const guard::Route* row(http::Method method, std::string_view path) const {
    for (const guard::Route& route : routes_) {
      if (route.method == method && route.path == path) return &route;
    }
    return nullptr;
  }

  static json::value parsed(const http::Response& response) { return parse_json(response.body).value_or(nullptr); }
  static json::value data(const http::Response& response) { return parsed(response).as_object()["data"]; }

  // Inline: the worker's completion runs on the worker, the test waits for it.
  InlineExecutor executor_;
  ManualClock clock_{from_ist(Date{std::chrono::year{2027}, std::chrono::June, std::chrono::day{29}},
                              std::chrono::hours{10})};
  WorkerPool workers_{1, 8};
  ScriptedDesk desk_;
  market::Instruments instruments_;
  ::kavach::test::ScriptedMarket market_;
  std::map<identity::UserId, bool> analyzing_;
  ConsoleServices services_{
      .desk = desk_,
      .instruments = instruments_,
      .quotes = market_,
      .clock = clock_,
      .workers = workers_,
      .mode = {.is_analyze = [this](identity::UserId user) { return analyzing_[user]; },
               .account_of =
                   [this](identity::UserId user) {
                     return (analyzing_[user] ? "analyze:" : "paper:") + std::to_string(user);
                   },
               .set_analyze =
                   [this](const trading::Actor&, identity::UserId user, bool analyze, store::Done done) {
                     analyzing_[user] = analyze;
                     done({});
                   }},
      .kill_switch = {.state = [this] { return state_; },
                      .set =
                          [this](const trading::Actor&, trading::TradingState state, std::string, auto done) {
                            state_ = state;
                            done({});
                          },
                      .is_fresh = [this](const guard::Call&) { return fresh_; }},
      .day_begun = [this] { return clock_.now() - std::chrono::hours{6}; }};
  guard::Routes routes_ = console_trading_routes(services_);
  identity::Principal user_;
  trading::TradingState state_{trading::TradingState::Active};
  bool fresh_{false};
};

inline constexpr std::string_view kTicket =
    R"({"symbol":"SBIN","exchange":"NSE","action":"BUY","quantity":10,"pricetype":"LIMIT","product":"MIS",)"
    R"("price":812.35,"trigger_price":0,"disclosed_quantity":0,"client_order_id":"console-1"})";

}  // namespace kavach::console::test
