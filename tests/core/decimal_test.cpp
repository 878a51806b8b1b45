#include "core/decimal.h"

#include <gtest/gtest.h>

namespace kavach {
namespace {

TEST(Decimal, ReadsAndPrintsExactly) {
  EXPECT_EQ(Price::parse("1511.4")->text(), "1511.4");
  EXPECT_EQ(Price::parse("-0.05")->text(), "-0.05");
  EXPECT_EQ(Price::parse("1e2")->text(), "100");
  EXPECT_EQ(Price::parse("12.3400000000")->text(), "12.34");
  EXPECT_EQ(Price::parse(".5")->text(), "0.5");
}

TEST(Decimal, RefusesWhatIsNotANumberOrDoesNotFit) {
  for (const char* text : {"", "-", ".", "1.2.3", "1e", "1e+", "nan", "inf", "0x10", "1 ", " 1",
                           "0.00000001", "9999999999999999", "1e99", "--1"}) {
    EXPECT_FALSE(Price::parse(text).has_value()) << text;
  }
}

TEST(Decimal, RoundsHalfToEvenWhereMoneyIsNamed) {
  EXPECT_EQ(*divide(5, 10, Rounding::HalfEven), 0);
  EXPECT_EQ(*divide(15, 10, Rounding::HalfEven), 2);
  EXPECT_EQ(*divide(-15, 10, Rounding::HalfEven), -2);
  EXPECT_EQ(*divide(11, 10, Rounding::Up), 2);
  EXPECT_EQ(*divide(-19, 10, Rounding::Down), -1);
}

TEST(Decimal, NotionalIsExactAndRefusesOverflow) {
  EXPECT_EQ(notional(*Price::parse("431.25"), Quantity::whole(40))->text(), "17250");
  EXPECT_FALSE(notional(Price::whole(1'000'000'000), Quantity::whole(10'000'000'000)).has_value());
}

TEST(Decimal, AverageWeighsByQuantity) {
  EXPECT_EQ(average_price(Price::whole(100), Quantity::whole(1), Price::whole(110),
                          Quantity::whole(3)).text(), "107.5");
}

TEST(Decimal, RoundsToTheTick) {
  EXPECT_EQ(round_to_tick(*Price::parse("100.03"), *Price::parse("0.05")).text(), "100.05");
  EXPECT_EQ(round_to_tick(*Price::parse("100.02"), *Price::parse("0.05")).text(), "100");
}

}  // namespace
}  // namespace kavach
