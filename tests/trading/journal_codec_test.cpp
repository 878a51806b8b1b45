#include "trading/journal_codec.h"

#include <gtest/gtest.h>

#include "support/matchers.h"
#include "trading/books.h"

namespace kavach::trading {
namespace {

Order full_order() {
  Order order;
  order.id = "27063010000001";
  order.broker_id = "B1";
  order.request.instrument = {market::Exchange::Nfo, "NIFTY28JUL27FUT"};
  order.request.side = Side::Sell;
  order.request.quantity = Quantity::whole(75);
  order.request.price_type = PriceType::StopLimit;
  order.request.product = Product::Nrml;
  order.request.price = Price::parse("25000.05").value();
  order.request.trigger_price = Price::parse("25010").value();
  order.request.disclosed_quantity = Quantity::whole(25);
  order.request.strategy = "quotes \" and \\ and ünïcode";
  order.request.client_order_id = "abc-1";
  order.status = OrderStatus::TriggerPending;
  order.filled = Quantity::whole(25);
  order.average_price = Price::parse("24999.95").value();
  order.reference_price = Price::parse("25020.3").value();
  order.margin_blocked = Money::parse("187500.3750").value();
  order.margin_quantity = Quantity::whole(75);
  order.leverage = 10;
  order.rejection_reason = "none";
  order.change = PendingChange{Quantity::whole(150), order.request.price, {}, Money::whole(5),
                               Quantity::whole(150), Money::whole(1)};
  order.cancel_requested = true;
  order.placed_at = TimePoint{Micros{1'800'000'000'000'001}};
  order.updated_at = TimePoint{Micros{1'800'000'000'000'002}};
  return order;
}

std::vector<decltype(JournalEvent::what)> one_of_each() {
  const Actor actor{"alice", "key-1", "192.0.2.1", "r-1"};
  const Money money = Money::parse("-12.3456").value();
  const Quantity quantity = Quantity::parse("0.00000001").value();
  const Price price = Price::parse("83.123456").value();
  const InstrumentKey key{market::Exchange::Mcx, "CRUDEOIL19JUL27FUT"};
  const Date day{std::chrono::year{2027}, std::chrono::June, std::chrono::day{30}};
  return {AccountOpened{Money::whole(10'000'000)},
          OrderIntended{full_order(), Towards{Quantity{}, Side::Sell, quantity}, actor, "yes"},
          OrderAccepted{"B1"},
          OrderRejected{"no", money},
          OrderLost{"timeout"},
          OrderTriggered{},
          OrderFilled{"T1", quantity, price, "B1", money, money, quantity, money, money, money,
                      quantity, price, money},
          OrderCancelled{"user", money},
          ChangeIntended{*full_order().change, actor},
          ChangeMade{quantity, price, price, money, quantity, money},
          ChangeRefused{"no", money},
          CancelIntended{actor},
          CancelRefused{"gone"},
          PositionSettled{key, Product::Nrml, quantity, price, money, money},
          DeliverySettled{key, quantity, money, money, money, quantity, money, quantity, price, money, day},
          DayRolled{day, TimePoint{Micros{77}}},
          AccountReset{money},
          TradingStateChanged{"HALTED", "fat finger", actor}};
}

TEST(JournalCodec, EveryKindReadsBackAsItWasWritten) {
  const auto all = one_of_each();
  ASSERT_EQ(all.size(), std::variant_size_v<decltype(JournalEvent::what)>);
  for (std::size_t i = 0; i < all.size(); ++i) {
    ASSERT_EQ(all[i].index(), i);
    const JournalEvent event{TimePoint{Micros{123}}, "paper:7", "27063010000001", all[i]};
    const std::string body = encode_body(event);
    const auto back = decode_event(event.at, event.account, event.order_id, kind_of(event), body);
    ASSERT_OK(back);
    EXPECT_EQ(back->what.index(), i);
    EXPECT_EQ(encode_body(*back), body);
    EXPECT_EQ(kind_of(*back), kind_of(event));
  }
}

TEST(JournalCodec, AnOrderSurvivesExactly) {
  const JournalEvent event{{}, "paper:7", "27063010000001", OrderIntended{full_order(), {}, {}, {}}};
  const auto back = decode_event({}, "paper:7", "27063010000001", "order.intent", encode_body(event));
  ASSERT_OK(back);
  EXPECT_EQ(std::get<OrderIntended>(back->what).order, full_order());
}

TEST(JournalCodec, RowsThatWereNotWrittenByItAreCorrupt) {
  for (const auto& [kind, body] : std::vector<std::pair<std::string, std::string>>{
           {"order.accepted", "not json"},
           {"order.accepted", "[]"},
           {"order.accepted", R"({"broker_id":7})"},
           {"order.filled", R"({"quantity":"many"})"},
           {"order.intent", R"({"order":{"side":"HOLD"}})"},
           {"order.intent", R"({"order":{"status":99}})"},
           {"day.rolled", R"({"day":"2027-02-30"})"},
           {"order.exploded", "{}"}}) {
    const auto event = decode_event({}, "paper:7", "1", kind, body);
    ASSERT_FALSE(event.has_value()) << kind << " " << body;
    EXPECT_EQ(event.error().code, ErrorCode::StorageCorrupt);
  }
}

TEST(Books, ASnapshotReadsBackAsItWasWritten) {
  Books books;
  const auto apply = [&](const std::string& id, decltype(JournalEvent::what) what) {
    books.apply({TimePoint{Micros{5}}, "paper:7", id, std::move(what)});
  };
  apply({}, AccountOpened{Money::whole(100)});
  Order order = full_order();
  order.change.reset();
  order.status = OrderStatus::Journaled;
  order.filled = {};
  apply(order.id, OrderIntended{order, Towards{Quantity::whole(5), Side::Buy, {}}, {}, {}});
  OrderFilled fill{};
  fill.trade_id = "T1";
  fill.quantity = fill.position_quantity = Quantity::whole(25);
  fill.price = fill.position_average = Price::whole(3);
  apply(order.id, fill);
  apply({}, DayRolled{Date{std::chrono::year{2027}, std::chrono::June, std::chrono::day{30}}, {}});
  const auto loaded = Books::load(books.dump());
  ASSERT_OK(loaded);
  EXPECT_EQ(loaded->dump(), books.dump());
  EXPECT_EQ(*loaded->find_order(order.id), *books.find_order(order.id));
  EXPECT_TRUE(loaded->has_fill(order.id, "T1"));
  EXPECT_EQ(loaded->working(), books.working());
  ASSERT_TRUE(loaded->find_client_order("abc-1").has_value());
  EXPECT_EQ(loaded->find_client_order("abc-1")->towards->target, Quantity::whole(5));
  EXPECT_FALSE(Books::load("{}").has_value());
  EXPECT_FALSE(Books::load("garbage").has_value());
}

TEST(Books, AFillCountsOnce) {
  Books books;
  Order order = full_order();
  order.change.reset();
  order.filled = {};
  books.apply({{}, "paper:7", order.id, OrderIntended{order, {}, {}, {}}});
  OrderFilled fill{};
  fill.trade_id = "T1";
  fill.quantity = Quantity::whole(10);
  fill.price = Price::whole(3);
  fill.realised = Money::whole(1);
  for (int i = 0; i < 3; ++i) books.apply({{}, "paper:7", order.id, fill});
  EXPECT_EQ(books.find_order(order.id)->filled, Quantity::whole(10));
  EXPECT_EQ(books.funds().realised_total, Money::whole(1));
  EXPECT_EQ(books.fills().size(), 1U);
}

TEST(Books, PartialFillsOfOrdersThatAlternateAreToldApart) {
  Books books;
  for (const std::string& id : {std::string{"27063010000001"}, std::string{"27063010000002"}}) {
    Order order = full_order();
    order.change.reset();
    order.id = id;
    order.filled = {};
    books.apply({{}, "paper:7", id, OrderIntended{order, {}, {}, {}}});
  }
  for (const char* trade : {"T1", "T2", "T1", "T3"}) {
    for (const char* id : {"27063010000001", "27063010000002"}) {
      OrderFilled fill{};
      fill.trade_id = trade;
      fill.quantity = Quantity::whole(10);
      fill.price = Price::whole(3);
      books.apply({{}, "paper:7", id, fill});
    }
  }
  EXPECT_EQ(books.fills().size(), 6U);
  EXPECT_EQ(books.find_order("27063010000001")->filled, Quantity::whole(30));
  EXPECT_TRUE(books.has_fill("27063010000001", "T1"));
  EXPECT_FALSE(books.has_fill("27063010000001", "T4"));
  EXPECT_FALSE(books.has_fill("27063010000009", "T1"));
  EXPECT_EQ(books.fills()[0].instrument, full_order().request.instrument);
  EXPECT_EQ(books.fills_since({}).front().trade_id, "T3") << "newest first";
}

TEST(Books, AClientOrderIsWhatWasAskedForAlsoAfterAChange) {
  Books books;
  Order order = full_order();
  order.change.reset();
  order.status = OrderStatus::Journaled;
  order.filled = {};
  const OrderRequest asked = order.request;
  books.apply({{}, "paper:7", order.id, OrderIntended{order, {}, {}, {}}});
  EXPECT_EQ(books.find_client_order("abc-1")->asked, asked);
  for (const int quantity : {100, 125}) {
    books.apply({{}, "paper:7", order.id, ChangeMade{Quantity::whole(quantity), Price::whole(1), {}, {}, {}, {}}});
  }
  EXPECT_EQ(books.find_order(order.id)->request.quantity, Quantity::whole(125));
  EXPECT_EQ(books.find_client_order("abc-1")->asked, asked);
  EXPECT_EQ(Books::load(books.dump())->find_client_order("abc-1")->asked, asked);
  EXPECT_FALSE(books.find_client_order("abc-2").has_value());
}

TEST(Books, R40b_TwoBooksKeepWhatTheyAgreeOnOnce) {
  Books early;
  Books late;
  Order order = full_order();
  order.change.reset();
  order.filled = {};
  OrderFilled fill{};
  fill.trade_id = "T1";
  fill.quantity = Quantity::whole(10);
  const std::vector<JournalEvent> events{{{}, "paper:7", order.id, OrderIntended{order, {}, {}, {}}},
                                         {{}, "paper:7", order.id, fill}};
  for (const auto& event : events) early.apply(event);
  late.apply(events[0]);
  early.share_with(late, order.id);
  EXPECT_NE(early.find_order(order.id), late.find_order(order.id)) << "one is filled, the other is not";
  EXPECT_EQ(early.find_order(order.id)->filled, Quantity::whole(10));
  late.apply(events[1]);
  early.share_with(late, order.id);
  EXPECT_EQ(early.find_order(order.id), late.find_order(order.id));
  early.apply({{}, "paper:7", order.id, OrderCancelled{"user", {}}});
  EXPECT_EQ(late.find_order(order.id)->status, OrderStatus::Open) << "what is shared does not change";
}

TEST(Books, ARollForgetsWhatIsFinishedAndOldAndNothingElse) {
  Books books;
  for (int i = 0; i < 2; ++i) {
    Order order = full_order();
    order.change.reset();
    order.id = "2706301000000" + std::to_string(i);
    order.request.client_order_id = "client-" + std::to_string(i);
    order.filled = {};
    books.apply({TimePoint{Micros{10}}, "paper:7", order.id, OrderIntended{order, {}, {}, {}}});
  }
  books.apply({TimePoint{Micros{20}}, "paper:7", "27063010000000", OrderCancelled{"x", {}}});
  books.apply({TimePoint{Micros{99}}, "paper:7", {}, DayRolled{{}, TimePoint{Micros{50}}}});
  EXPECT_EQ(books.find_order("27063010000000"), nullptr);
  EXPECT_FALSE(books.find_client_order("client-0").has_value());
  EXPECT_NE(books.find_order("27063010000001"), nullptr);
  EXPECT_TRUE(books.find_client_order("client-1").has_value());
}

}  // namespace
}  // namespace kavach::trading
