#include "trading/ledger.h"

#include <gtest/gtest.h>

#include "core/random.h"

namespace kavach::trading {
namespace {

Price rupees(std::string_view text) { return Price::parse(text).value(); }
Money money(std::string_view text) { return Money::parse(text).value(); }

/// Books that tests fill through the same events as the desk.
class LedgerTest : public testing::Test {
 protected:
  LedgerTest() { apply({}, AccountOpened{Money::whole(1'000'000)}); }

  void apply(const std::string& order_id, decltype(JournalEvent::what) what) {
    books_.apply({TimePoint{Micros{++time_}}, "paper:7", order_id, std::move(what)});
  }

  std::string place(Side side, std::int64_t quantity, Money margin, std::int64_t margined,
                    std::int64_t leverage = 1, Product product = Product::Mis) {
    Order order;
    order.id = "270630" + std::to_string(10'000'000 + ++orders_);
    order.request.instrument = {market::Exchange::Nse, "SBIN"};
    order.request.side = side;
    order.request.product = product;
    order.request.quantity = Quantity::whole(quantity);
    order.margin_blocked = margin;
    order.margin_quantity = Quantity::whole(margined);
    order.leverage = leverage;
    apply(order.id, OrderIntended{order, {}, {}, {}});
    return order.id;
  }

  OrderFilled fill(const std::string& id, std::int64_t quantity, Price price) {
    OrderFilled effect = effect_of_fill(books_, *books_.find_order(id),
                                        "T" + std::to_string(++fills_), Quantity::whole(quantity), price);
    apply(id, effect);
    return effect;
  }

  const Position& position(Product product = Product::Mis) {
    return books_.positions().at({{market::Exchange::Nse, "SBIN"}, product});
  }

  void expect_conserved() {
    Money holdings;
    for (const auto& [key, holding] : books_.holdings()) holdings += holding.cost;
    const Funds& funds = books_.funds();
    EXPECT_EQ(funds.available + funds.used_margin + holdings, funds.capital + funds.realised_total);
    Money blocked;
    for (const Order& order : books_.orders()) blocked += order.margin_blocked;
    for (const auto& [key, each] : books_.positions()) blocked += each.margin_blocked;
    EXPECT_EQ(funds.used_margin, blocked);
  }

  Books books_;
  std::int64_t time_{0};
  int orders_{0};
  int fills_{0};
};

TEST_F(LedgerTest, OpeningMovesTheOrdersMarginToThePosition) {
  const auto id = place(Side::Buy, 10, money("160"), 10, 5);
  EXPECT_EQ(books_.funds().available, money("999840"));
  const auto effect = fill(id, 10, rupees("81.5"));
  EXPECT_EQ(effect.order_margin_moved, money("160"));
  EXPECT_EQ(effect.margin_added, Money{});
  EXPECT_EQ(position().margin_blocked, money("160"));
  EXPECT_EQ(position().average_price, rupees("81.5"));
  EXPECT_EQ(books_.find_order(id)->margin_blocked, Money{});
  expect_conserved();
}

TEST_F(LedgerTest, AddingAveragesAndReducingFreesMarginProRata) {
  fill(place(Side::Buy, 10, money("100"), 10), 10, rupees("100"));
  fill(place(Side::Buy, 30, money("300"), 30), 30, rupees("104"));
  EXPECT_EQ(position().average_price, rupees("103"));
  const auto effect = fill(place(Side::Sell, 10, {}, 0), 10, rupees("110"));
  EXPECT_EQ(effect.realised, money("70"));
  EXPECT_EQ(effect.position_margin_released, money("100"));
  EXPECT_EQ(position().average_price, rupees("103"));
  EXPECT_EQ(position().quantity, Quantity::whole(30));
  expect_conserved();
}

TEST_F(LedgerTest, ClosingAShortRealisesTheMirroredProfit) {
  fill(place(Side::Sell, 10, money("200"), 10), 10, rupees("100"));
  const auto effect = fill(place(Side::Buy, 10, {}, 0), 10, rupees("103.5"));
  EXPECT_EQ(effect.realised, money("-35"));
  EXPECT_TRUE(position().quantity.is_zero());
  EXPECT_TRUE(position().margin_blocked.is_zero());
  EXPECT_EQ(books_.funds().used_margin, Money{});
  expect_conserved();
}

TEST_F(LedgerTest, AReversalKeepsTheWholeMarginOfItsExcess) {
  fill(place(Side::Buy, 10, money("100"), 10), 10, rupees("100"));
  // 30 sold against 10: margin for 20 only.
  const auto effect = fill(place(Side::Sell, 30, money("400"), 20), 30, rupees("102"));
  EXPECT_EQ(effect.position_margin_released, money("100"));
  EXPECT_EQ(effect.order_margin_moved, money("400"));
  EXPECT_EQ(position().quantity, Quantity::whole(-20));
  EXPECT_EQ(position().margin_blocked, money("400"));
  EXPECT_EQ(position().average_price, rupees("102"));
  EXPECT_EQ(effect.realised, money("20"));
  expect_conserved();
}

TEST_F(LedgerTest, ProfitReachesFundsAlsoWithoutAnyMargin) {
  fill(place(Side::Sell, 10, {}, 0, 0, Product::Cnc), 10, rupees("100"));
  fill(place(Side::Buy, 10, {}, 0, 1, Product::Cnc), 10, rupees("90"));
  EXPECT_EQ(books_.funds().realised_today, money("100"));
  EXPECT_EQ(books_.funds().available, money("1000100"));
  expect_conserved();
}

TEST_F(LedgerTest, WhatOpensBeyondTheMarginedPartIsMarginedAtTheFill) {
  fill(place(Side::Buy, 10, money("200"), 10, 5), 10, rupees("100"));
  // Both were placed to close; the second finds nothing left and opens a short.
  const auto first = place(Side::Sell, 10, {}, 0, 5);
  const auto second = place(Side::Sell, 10, {}, 0, 5);
  fill(first, 10, rupees("100"));
  const auto effect = fill(second, 10, rupees("100"));
  EXPECT_EQ(effect.margin_added, money("200"));
  EXPECT_EQ(position().margin_blocked, money("200"));
  expect_conserved();
}

TEST_F(LedgerTest, MarginOfAnOrderThatTurnsOutToCloseComesBack) {
  const auto buying = place(Side::Buy, 10, money("1000"), 10);
  fill(place(Side::Sell, 10, money("1000"), 10), 10, rupees("100"));
  const auto effect = fill(buying, 10, rupees("100"));
  EXPECT_EQ(effect.order_margin_released, money("1000"));
  EXPECT_EQ(effect.order_margin_moved, Money{});
  EXPECT_EQ(books_.funds().available, money("1000000"));
  expect_conserved();
}

TEST_F(LedgerTest, PartialFillsTakeTheirShareAndTheLastTakesTheRest) {
  const auto id = place(Side::Buy, 3, money("100"), 3);
  EXPECT_EQ(fill(id, 1, rupees("33")).order_margin_moved, money("33.3333"));
  EXPECT_EQ(fill(id, 1, rupees("33")).order_margin_moved, money("33.3333"));
  EXPECT_EQ(fill(id, 1, rupees("33")).order_margin_moved, money("33.3334"));
  EXPECT_TRUE(books_.find_order(id)->margin_blocked.is_zero());
  EXPECT_EQ(books_.find_order(id)->status, OrderStatus::Complete);
  expect_conserved();
}

TEST_F(LedgerTest, BoughtSharesBecomeAHoldingAtExactlyTheirCost) {
  fill(place(Side::Buy, 7, money("700"), 7, 1, Product::Cnc), 7, rupees("100.33"));
  const auto event = effect_of_delivery(position(Product::Cnc), nullptr, Date{});
  apply({}, event);
  EXPECT_TRUE(books_.positions().empty());
  EXPECT_EQ(books_.holdings().begin()->second.cost, money("702.31"));
  EXPECT_EQ(books_.funds().available, money("999297.69"));
  EXPECT_EQ(books_.funds().used_margin, Money{});
  expect_conserved();
}

TEST_F(LedgerTest, SoldHoldingsBringTheirProceedsAndTheirProfit) {
  fill(place(Side::Buy, 10, money("1000"), 10, 1, Product::Cnc), 10, rupees("100"));
  apply({}, effect_of_delivery(position(Product::Cnc), nullptr, Date{}));
  fill(place(Side::Sell, 4, {}, 0, 0, Product::Cnc), 4, rupees("125"));
  expect_conserved();
  apply({}, effect_of_delivery(position(Product::Cnc), &books_.holdings().begin()->second, Date{}));
  EXPECT_EQ(books_.funds().realised_total, money("100"));
  EXPECT_EQ(books_.funds().available, money("999500"));
  EXPECT_EQ(books_.holdings().begin()->second.quantity, Quantity::whole(6));
  expect_conserved();
}

TEST_F(LedgerTest, AShortWithoutSharesStaysAPositionAndNeverANegativeHolding) {
  fill(place(Side::Buy, 3, money("300"), 3, 1, Product::Cnc), 3, rupees("100"));
  apply({}, effect_of_delivery(position(Product::Cnc), nullptr, Date{}));
  fill(place(Side::Sell, 5, {}, 0, 0, Product::Cnc), 5, rupees("100"));
  apply({}, effect_of_delivery(position(Product::Cnc), &books_.holdings().begin()->second, Date{}));
  EXPECT_TRUE(books_.holdings().empty());
  EXPECT_EQ(position(Product::Cnc).quantity, Quantity::whole(-2));
  expect_conserved();
}

TEST_F(LedgerTest, AnExpiredShortOptionKeepsItsPremium) {
  fill(place(Side::Sell, 75, money("1500"), 75), 75, rupees("20"));
  apply({}, effect_of_expiry(position(), Price{}));
  EXPECT_EQ(books_.funds().realised_total, money("1500"));
  EXPECT_TRUE(books_.positions().begin()->second.quantity.is_zero());
  expect_conserved();
}

TEST_F(LedgerTest, R15_OverfillIsRecordedAndMargined) {
  const auto id = place(Side::Buy, 10, money("1000"), 10);
  fill(id, 10, rupees("100"));
  const auto effect = fill(id, 5, rupees("100"));
  EXPECT_EQ(effect.margin_added, money("500"));
  EXPECT_EQ(books_.find_order(id)->filled, Quantity::whole(15));
  EXPECT_EQ(books_.find_order(id)->status, OrderStatus::Complete);
  expect_conserved();
}

TEST(Margin, RoundsUpAndKnowsItsRange) {
  EXPECT_EQ(margin_for(rupees("100.01"), Quantity::whole(1), 3), money("33.3367"));
  EXPECT_EQ(margin_for(rupees("100"), Quantity::whole(-10), 5), money("200"));
  EXPECT_EQ(margin_for(rupees("100"), Quantity::whole(10), 0), Money{});
  EXPECT_EQ(margin_for(Price::from_units(INT64_MAX), Quantity::from_units(INT64_MAX), 1),
            std::nullopt);
}

}  // namespace
}  // namespace kavach::trading
