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
  // However a number is written, it costs what the order will do.
  for (const char* same : {R"({"quantity":100.0,"splitsize":1.0})", R"({"quantity":"1e2","splitsize":"1"})",
                           R"({"quantity":" +1_00 ","splitsize":1.9})", R"({"quantity":99.5,"splitsize":1})",
                           R"({"legs":[{"quantity":60,"splitsize":1},{"quantity":40,"splitsize":"1"}]})"}) {
    EXPECT_EQ(cost(same), 100U) << same;
  }
  for (const char* odd : {R"({"orders":"x"})", R"({"orders":[]})", R"({"quantity":-5,"splitsize":0})", R"({"quantity":5,"splitsize":null})"}) {
    EXPECT_EQ(cost(odd), 1U) << odd;
  }
}

}  // namespace
}  // namespace kavach::guard
