// Random trading, with a store that loses commits and a process that dies, against a ledger of its own.

#include <gtest/gtest.h>

#include <set>

#include "core/random.h"
#include "paper_harness.h"

namespace kavach::paper {
namespace {

using namespace std::chrono_literals;
using test::FailingDatabase;
using test::order_request;
using trading::Books;
using trading::JournalEvent;
using trading::Product;
using trading::Side;

class RandomTrading {
 public:
  explicit RandomTrading(std::uint64_t seed) : random_{seed} {
    for (const auto* symbol : kSymbols) move_price(symbol);
  }

  void step() {
    switch (random_.below(20)) {
      case 0: case 1: case 2: case 3: case 4: case 5: return place();
      case 6: return smart();
      case 7: case 8: return modify();
      case 9: case 10: return cancel();
      case 11: case 12: case 13: case 14: return tick();
      case 15: return static_cast<void>(paper_.desk.cancel_all());
      case 16: return static_cast<void>(paper_.desk.close_all());
      case 17: return paper_.pass(std::chrono::minutes{30 + random_.below(600)});
      case 18: return lose_commits();
      case 19: return random_.below(3) == 0 ? paper_.desk.crash() : paper_.desk.restart();
      default: return;
    }
  }

  void verify() {
    paper_.desk.faults->heal();
    paper_.desk.settle_all();
    paper_.desk.advance(1ms);
    const Books books = paper_.desk.books();
    ASSERT_EQ(books.dump(), paper_.desk.replayed().dump()) << "replay differs from memory";
    ASSERT_EQ(Books::load(books.dump())->dump(), books.dump());
    verify_margins(books);
    verify_history(books);
  }

 private:
  static constexpr std::array kSymbols{"SBIN", "ITC"};
  // In hundredths of a paisa, as wide as it takes; nothing of the code under test computes here.
  using Wide = __int128;

  static Wide value(Price price, Quantity quantity) {
    const Wide exact = static_cast<Wide>(price.units()) * quantity.units();
    return exact / 10'000'000'000;
  }

  void verify_margins(const Books& books) {
    Wide blocked = 0;
    for (const trading::Order& order : books.orders()) {
      ASSERT_GE(order.margin_blocked, Money{}) << order.id;
      blocked += order.margin_blocked.units();
      if (order.change) blocked += order.change->reserved.units();
      if (!trading::is_working(order.status)) {
        ASSERT_TRUE(order.margin_blocked.is_zero()) << order.id;
      }
    }
    Wide holdings = 0;
    for (const auto& [key, position] : books.positions()) {
      ASSERT_GE(position.margin_blocked, Money{});
      if (position.quantity.is_zero()) {
        ASSERT_TRUE(position.margin_blocked.is_zero());
      }
      blocked += position.margin_blocked.units();
    }
    for (const auto& [key, holding] : books.holdings()) {
      ASSERT_TRUE(holding.quantity.is_positive());
      holdings += holding.cost.units();
    }
    const auto& funds = books.funds();
    ASSERT_TRUE(blocked == funds.used_margin.units());
    ASSERT_TRUE(funds.available.units() + blocked + holdings ==
                static_cast<Wide>(funds.capital.units()) + funds.realised_total.units())
        << "money is not conserved";
  }

  // From the journal's raw trades alone: what came in, what went out, what is left.
  void verify_history(const Books& books) {
    std::set<std::string> intended;
    std::set<std::string> trades;
    std::map<Books::PositionKey, Wide> net;
    std::map<trading::InstrumentKey, Wide> held;
    std::map<std::string, trading::OrderRequest> requests;
    Wide cash = 0;
    trading::Journal journal{*paper_.desk.database, sink_};
    ASSERT_OK(journal.replay(0, [&](std::int64_t, const JournalEvent& event) {
      if (const auto* intent = std::get_if<trading::OrderIntended>(&event.what)) {
        EXPECT_TRUE(intended.insert(event.order_id).second) << "one id, two orders";
        requests[event.order_id] = intent->order.request;
      } else if (const auto* fill = std::get_if<trading::OrderFilled>(&event.what)) {
        EXPECT_TRUE(intended.contains(event.order_id)) << "a fill without an intent";
        EXPECT_TRUE(trades.insert(event.order_id).second) << "an order filled twice";
        const auto& request = requests[event.order_id];
        const bool buying = request.side == Side::Buy;
        const Wide sign = buying ? 1 : -1;
        net[{request.instrument, request.product}] += sign * fill->quantity.units();
        cash -= sign * value(fill->price, fill->quantity);
      } else if (const auto* delivery = std::get_if<trading::DeliverySettled>(&event.what)) {
        const Wide moved = delivery->quantity.units() - delivery->position_left.units();
        net[{delivery->instrument, Product::Cnc}] -= moved;
        held[delivery->instrument] += moved;
      }
      return Result<void>{};
    }));
    Wide open_cost = 0;
    for (const auto& [key, position] : books.positions()) {
      ASSERT_TRUE(net[key] == position.quantity.units()) << "position differs from its trades";
      open_cost += position.quantity.is_negative() ? -position.cost.units() : position.cost.units();
    }
    for (const auto& [key, quantity] : net) {
      if (quantity != 0) {
        ASSERT_TRUE(books.positions().contains(key));
      }
    }
    for (const auto& [key, holding] : books.holdings()) {
      ASSERT_TRUE(held[key] == holding.quantity.units());
      open_cost += holding.cost.units();
    }
    ASSERT_TRUE(books.funds().realised_total.units() == cash + open_cost)
        << "profit differs from what the trades add up to";
  }

  const char* symbol() { return kSymbols[random_.below(kSymbols.size())]; }
  Product product() { return random_.below(2) == 0 ? Product::Mis : Product::Cnc; }
  Price near(const char* name) {
    const auto quote = paper_.market.quote(test::instrument(market::Exchange::Nse, name));
    const std::int64_t percent = 95 + static_cast<std::int64_t>(random_.below(11));
    return round_to_tick(Price::from_units(quote->last.units() / 100 * percent),
                         Price::from_units(50'000));
  }
  void move_price(const char* name) {
    const std::int64_t ticks = 1'800 + static_cast<std::int64_t>(random_.below(400));
    paper_.price(name, Price::from_units(ticks * 50'000).text());
  }

  trading::OrderRequest request() {
    const char* name = symbol();
    auto made = order_request(random_.below(2) == 0 ? Side::Buy : Side::Sell, name,
                              1 + static_cast<std::int64_t>(random_.below(50)));
    made.product = product();
    const auto kind = random_.below(4);
    made.price_type = static_cast<trading::PriceType>(kind);
    if (kind == 1 || kind == 2) made.price = near(name);
    if (kind >= 2) made.trigger_price = kind == 2 ? made.price : near(name);
    return made;
  }
  void place() {
    const auto placed = paper_.desk.place(request());
    if (placed) ids_.push_back(placed->order_id);
  }
  void smart() {
    auto made = request();
    made.price_type = trading::PriceType::Market;
    static_cast<void>(paper_.desk.towards(made, static_cast<std::int64_t>(random_.below(41)) - 20));
  }
  std::string some_order() { return ids_.empty() ? "none" : ids_[random_.below(ids_.size())]; }
  void modify() {
    const std::string id = some_order();
    const auto order = paper_.desk.order(id);
    trading::OrderChange change{id, Quantity::whole(1 + static_cast<std::int64_t>(random_.below(60))), {}, {}};
    if (random_.below(2) == 0 && order.request.price.is_positive()) {
      change.price = near(order.request.instrument.symbol.c_str());
    }
    static_cast<void>(paper_.desk.modify(change));
  }
  void cancel() { static_cast<void>(paper_.desk.cancel(some_order())); }
  void tick() {
    move_price(symbol());
    paper_.advance();
  }
  void lose_commits() {
    constexpr std::array kHow{FailingDatabase::Failure::Busy, FailingDatabase::Failure::BeforeUnit,
                              FailingDatabase::Failure::AfterUnit};
    paper_.desk.faults->fail(kHow[random_.below(kHow.size())], static_cast<int>(random_.below(4)),
                             1 + static_cast<int>(random_.below(3)));
  }

  struct Sink final : audit::AuditLog {
    Result<void> append(store::Transaction&, const audit::Event&) override { return {}; }
    void record(audit::Event) override {}
  };

  SeededRandom random_;
  Sink sink_;
  test::PaperHarness paper_;
  std::vector<std::string> ids_;
};

TEST(LedgerProperty, MoneyIsConservedAndReplayEqualsMemoryWhateverHappens) {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomTrading trading{seed};
    for (int round = 0; round < 8; ++round) {
      for (int i = 0; i < 25; ++i) trading.step();
      trading.verify();
      if (testing::Test::HasFatalFailure()) return;
    }
  }
}

}  // namespace
}  // namespace kavach::paper
