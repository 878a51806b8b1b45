#include "console_fixture.h"

namespace kavach::console::test {
namespace {

TEST_F(ConsoleRoutes, PlacesTheTicketOnTheUsersOwnAccount) {
  const auto response = post("/console/api/orders", kTicket);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(data(response).at("orderid"), "25112500001001");
  ASSERT_EQ(desk_.placed.size(), 1U);
  const trading::OrderRequest& order = desk_.placed.front();
  EXPECT_EQ(order.instrument.symbol, "SBIN");
  EXPECT_EQ(order.price, Price::parse("812.35"));
  EXPECT_EQ(order.quantity, Quantity::whole(10));
  EXPECT_EQ(order.client_order_id, "console-1");
  EXPECT_EQ(desk_.last_account, "paper:7");
  EXPECT_EQ(desk_.last_actor.username, "ada");
}

TEST_F(ConsoleRoutes, ARefusalKeepsItsCodeAndItsOrderId) {
  desk_.answer = std::unexpected(
      trading::Refusal{{ErrorCode::InvalidInput, "Insufficient funds", "secret detail"}, "INSUFFICIENT_FUNDS", "42"});
  const auto response = post("/console/api/orders", kTicket);
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(data(response).at("code"), "INSUFFICIENT_FUNDS");
  EXPECT_EQ(data(response).at("orderid"), "42");
  EXPECT_EQ(response.body.find("secret detail"), std::string::npos);
}

TEST_F(ConsoleRoutes, AnUnknownOutcomeIsNeverReportedAsPlaced) {
  desk_.answer = trading::Placed{"42", trading::OrderStatus::Unknown, false};
  const auto response = post("/console/api/orders", kTicket);
  EXPECT_GE(response.status, 500);
  EXPECT_EQ(data(response).at("orderid"), "42");
}

TEST_F(ConsoleRoutes, BadTicketsReachNoDesk) {
  for (const std::string_view body : {
           R"({})", R"({"symbol":"SBIN"})",
           R"({"symbol":7,"exchange":"NSE","action":"BUY","quantity":1,"pricetype":"MARKET","product":"MIS"})",
           R"({"symbol":"SBIN","exchange":"nse","action":"BUY","quantity":1,"pricetype":"MARKET","product":"MIS"})",
           R"({"symbol":"SBIN","exchange":"NSE","action":"HOLD","quantity":1,"pricetype":"MARKET","product":"MIS"})",
           R"({"symbol":"SBIN","exchange":"NSE","action":"BUY","quantity":0,"pricetype":"MARKET","product":"MIS"})",
           R"({"symbol":"SBIN","exchange":"NSE","action":"BUY","quantity":-5,"pricetype":"MARKET","product":"MIS"})",
           R"({"symbol":"SBIN","exchange":"NSE","action":"BUY","quantity":"1","pricetype":"MARKET","product":"MIS"})",
           R"({"symbol":"SBIN","exchange":"NSE","action":"BUY","quantity":1e300,"pricetype":"MARKET","product":"MIS"})",
           R"({"symbol":"SBIN","exchange":"NSE","action":"BUY","quantity":1,"pricetype":"LIMIT","product":"MIS","price":-1})",
       }) {
    EXPECT_EQ(post("/console/api/orders", body).status, 400) << body;
  }
  EXPECT_TRUE(desk_.placed.empty());
}

TEST_F(ConsoleRoutes, AViewerChangesNothing) {
  user_.scopes.trade = false;
  EXPECT_EQ(post("/console/api/orders", kTicket).status, 403);
  EXPECT_EQ(post("/console/api/orders/cancel", R"({"orderid":"1"})").status, 403);
  EXPECT_EQ(post("/console/api/orders/cancel-all", "{}").status, 403);
  EXPECT_EQ(post("/console/api/positions/close-all", "{}").status, 403);
  EXPECT_EQ(post("/console/api/mode", R"({"mode":"analyze"})").status, 403);
  EXPECT_TRUE(desk_.placed.empty());
  EXPECT_TRUE(desk_.cancelled.empty());
  EXPECT_EQ(get("/console/api/orders").status, 200);
}

TEST_F(ConsoleRoutes, ModifiesAndCancels) {
  EXPECT_EQ(post("/console/api/orders/modify",
                 R"({"orderid":"42","quantity":5,"price":811,"trigger_price":0,"pricetype":"LIMIT"})")
                .status,
            200);
  ASSERT_EQ(desk_.changed.size(), 1U);
  EXPECT_EQ(desk_.changed.front().order_id, "42");
  EXPECT_EQ(desk_.changed.front().price, Price::parse("811"));
  EXPECT_EQ(post("/console/api/orders/cancel", R"({"orderid":"42"})").status, 200);
  EXPECT_EQ(desk_.cancelled, std::vector<std::string>{"42"});
  EXPECT_EQ(post("/console/api/orders/cancel", R"({"orderid":""})").status, 400);
}

TEST_F(ConsoleRoutes, CancelAllAndCloseAllSayWhatFailed) {
  const auto cancelled = data(post("/console/api/orders/cancel-all", "{}"));
  EXPECT_EQ(cancelled.at("cancelled").as_array().size(), 2U);
  EXPECT_EQ(cancelled.at("failed").as_array().at(0).at("message"), "too late");
  const auto closed = data(post("/console/api/positions/close-all", "{}"));
  EXPECT_EQ(closed.at("closed"), 2);
  EXPECT_EQ(closed.at("pending"), 1);
  EXPECT_EQ(closed.at("failed"), 1);
  EXPECT_EQ(closed.at("failures").as_array().at(0).at("symbol"), "SBIN");
  EXPECT_EQ(closed.at("failures").as_array().at(0).at("message"), "No price.");
}

// R23: every state change of the console needs the CSRF token and a session.
TEST_F(ConsoleRoutes, R23EveryStateChangeRequiresCsrf) {
  for (const guard::Route& route : routes_) {
    EXPECT_TRUE(route.policy.access == guard::Access::Session || route.policy.access == guard::Access::OwnerSession)
        << route.path;
    EXPECT_EQ(route.policy.changes_state, route.method != http::Method::Get) << route.path;
    EXPECT_EQ(route.policy.csrf == guard::Csrf::Required, route.policy.changes_state) << route.path;
  }
}

}  // namespace
}  // namespace kavach::console::test
