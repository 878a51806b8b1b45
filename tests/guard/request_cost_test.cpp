#include "guard/request_cost.h"

#include <gtest/gtest.h>

namespace kavach::guard {
namespace {

std::uint32_t cost(const char* text) { return order_cost(parse_json(text)->as_object()); }

TEST(OrderCost, R20_BasketsAndSplitsPayForTheirLegs) {
  EXPECT_EQ(cost(R"({"symbol":"SBIN","quantity":100})"), 1U);
  EXPECT_EQ(cost(R"({"orders":[{},{},{}]})"), 3U);
  EXPECT_EQ(cost(R"({"legs":[{},{}]})"), 2U);
  EXPECT_EQ(cost(R"({"quantity":105,"splitsize":20})"), 6U);
  EXPECT_EQ(cost(R"({"quantity":"100","splitsize":"20"})"), 5U);
  EXPECT_EQ(cost(R"({"quantity":9000000000,"splitsize":1})"), 256U);
  for (const char* odd : {R"({"orders":"x"})", R"({"orders":[]})", R"({"quantity":-5,"splitsize":0})", R"({"quantity":5,"splitsize":null})"}) {
    EXPECT_EQ(cost(odd), 1U) << odd;
  }
}

}  // namespace
}  // namespace kavach::guard
