#include "console_fixture.h"

namespace kavach::console::test {
namespace {

class ConsoleBooks : public ConsoleRoutes {
 protected:
  void tell(std::string order_id, decltype(trading::JournalEvent::what) what) {
    desk_.books.apply({.at = clock_.now(), .account = "paper:7", .order_id = std::move(order_id), .what = std::move(what)});
  }
  void intend(const std::string& id, trading::Side side, std::int64_t quantity, trading::PriceType type) {
    trading::OrderIntended intent;
    intent.order.id = id;
    intent.order.request.instrument = {market::Exchange::Nse, "SBIN"};
    intent.order.request.side = side;
    intent.order.request.quantity = Quantity::whole(quantity);
    intent.order.request.price_type = type;
    intent.order.request.strategy = "first";
    intent.order.placed_at = clock_.now();
    tell(id, intent);
  }
  void fill(const std::string& id, std::int64_t quantity, std::string_view at) {
    trading::OrderFilled filled;
    filled.trade_id = "T" + id;
    filled.quantity = filled.position_quantity = Quantity::whole(quantity);
    filled.price = filled.position_average = *Price::parse(at);
    filled.broker_id = "B" + id;
    tell(id, filled);
  }
  ConsoleBooks() { tell("", trading::AccountOpened{*Money::parse("10000000")}); }
};

TEST_F(ConsoleBooks, OrdersNewestFirstWithTheirStatistics) {
  intend("27062900000001", trading::Side::Buy, 10, trading::PriceType::Market);
  fill("27062900000001", 10, "811.1");
  clock_.advance(std::chrono::seconds{5});
  intend("27062900000002", trading::Side::Sell, 4, trading::PriceType::Limit);
  tell("27062900000002", trading::OrderAccepted{"B2"});

  const auto book = data(get("/console/api/orders"));
  const auto& orders = book.at("orders").as_array();
  ASSERT_EQ(orders.size(), 2U);
  EXPECT_EQ(orders[0].at("orderid"), "27062900000002");
  EXPECT_EQ(orders[0].at("order_status"), "open");
  EXPECT_EQ(orders[0].at("pending_quantity"), 4);
  EXPECT_EQ(orders[1].at("order_status"), "complete");
  EXPECT_EQ(orders[1].at("filled_quantity"), 10);
  EXPECT_EQ(orders[1].at("average_price"), 811.1);
  EXPECT_EQ(orders[1].at("timestamp"), "2027-06-29 10:00:00");
  EXPECT_EQ(book.at("statistics").at("total_open_orders"), 1);
  EXPECT_EQ(book.at("statistics").at("total_completed_orders"), 1);
  EXPECT_EQ(book.at("statistics").at("total_sell_orders"), 1);
}

TEST_F(ConsoleBooks, PositionsAreValuedAtTheLastPrice) {
  intend("27062900000001", trading::Side::Buy, 10, trading::PriceType::Market);
  fill("27062900000001", 10, "811.1");
  const auto book = data(get("/console/api/positions"));
  ASSERT_EQ(book.at("positions").as_array().size(), 1U);
  EXPECT_EQ(book.at("positions").at(0).at("ltp"), 812.4);
  EXPECT_EQ(book.at("positions").at(0).at("pnl").to_number<double>(), 13.0);
  EXPECT_EQ(book.at("total_pnl").to_number<double>(), 13.0);
  EXPECT_EQ(data(get("/console/api/funds")).at("unrealised").to_number<double>(), 13.0);

  const auto trades = data(get("/console/api/trades")).at("trades").as_array();
  ASSERT_EQ(trades.size(), 1U);
  EXPECT_EQ(trades[0].at("trade_value").to_number<double>(), 8111.0);
}

TEST_F(ConsoleBooks, YesterdaysOrdersAreNotShown) {
  intend("27062900000001", trading::Side::Buy, 10, trading::PriceType::Market);
  fill("27062900000001", 10, "811.1");
  clock_.advance(std::chrono::hours{24});
  EXPECT_TRUE(data(get("/console/api/orders")).at("orders").as_array().empty());
  EXPECT_TRUE(data(get("/console/api/trades")).at("trades").as_array().empty());
  EXPECT_EQ(data(get("/console/api/positions")).at("positions").as_array().size(), 1U) << "an open position stays";
}

TEST_F(ConsoleBooks, AnEmptyAccountIsEmptyAndNoError) {
  EXPECT_TRUE(data(get("/console/api/orders")).at("orders").as_array().empty());
  EXPECT_TRUE(data(get("/console/api/holdings")).at("holdings").as_array().empty());
  EXPECT_EQ(data(get("/console/api/holdings")).at("statistics").at("totalpnlpercentage").to_number<double>(), 0.0);
  EXPECT_EQ(data(get("/console/api/funds")).at("capital").to_number<double>(), 10'000'000.0);
}

}  // namespace
}  // namespace kavach::console::test
