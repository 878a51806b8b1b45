#include "api/coerce.h"

#include <gtest/gtest.h>

#include <array>

namespace kavach::api {
namespace {

json::value read(std::string_view text) { return parse_json(text).value(); }

std::string number(std::string_view text) {
  Price price;
  if (const Refused refused = coerce_number(read(text), price)) return std::string{*refused};
  return price.text();
}

std::string integer(std::string_view text) {
  std::int64_t value = 0;
  if (const Refused refused = coerce_integer(read(text), value)) return std::string{*refused};
  return std::to_string(value);
}

std::string boolean(std::string_view text) {
  bool value = false;
  if (const Refused refused = coerce_boolean(read(text), value)) return std::string{*refused};
  return value ? "true" : "false";
}

struct Case {
  std::string_view json;
  std::string_view expected;
};

TEST(Coerce, NumbersComeAsNumbersOrAsText) {
  for (const auto& [json, expected] : std::to_array<Case>({
           {"40", "40"},
           {"-3", "-3"},
           {"1511.4", "1511.4"},
           {"0.1", "0.1"},
           {"1e2", "100"},
           {"\"40\"", "40"},
           {"\" 431.05 \"", "431.05"},
           {"\"1e2\"", "100"},
           {"\"1_000\"", "1000"},
           {"\"+5\"", "5"},
           {"\".5\"", "0.5"},
           {"\"5.\"", "5"},
           {"1000000000", "1000000000"},
           {"\"83.1225\"", "83.1225"},
           {"100.12345678", "100.123457"},
           {"\"1e-400\"", "0"},
       })) {
    EXPECT_EQ(number(json), expected) << json;
  }
}

TEST(Coerce, HostileNumbersAreRefusedWithTheContractsWords) {
  for (const auto& [json, expected] : std::to_array<Case>({
           {"true", kNotNumber},
           {"\"\"", kNotNumber},
           {"\"abc\"", kNotNumber},
           {"\"0x10\"", kNotNumber},
           {"\"1__0\"", kNotNumber},
           {"\"_1\"", kNotNumber},
           {"\"1e\"", kNotNumber},
           {"\"+-5\"", kNotNumber},
           {"\"1,000\"", kNotNumber},
           {"[]", kNotNumber},
           {"{}", kNotNumber},
           {"\"NaN\"", kNotFinite},
           {"\"-inf\"", kNotFinite},
           {"\"Infinity\"", kNotFinite},
           {"1000000001", kTooLarge},
           {"1e300", kTooLarge},
           {"\"1e300\"", kTooLarge},
           {"\"1e999\"", kTooLarge},
           {"-99999999999999999999999", kTooLarge},
           {"18446744073709551615", kTooLarge},
           {"\"99999999999999999999999999\"", kTooLarge},
       })) {
    EXPECT_EQ(number(json), expected) << json;
  }
  EXPECT_EQ(number("\"" + std::string(5000, '9') + "\""), kNotNumber);
}

TEST(Coerce, IntegersCutFractionsButNotText) {
  EXPECT_EQ(integer("1.9"), "1");
  EXPECT_EQ(integer("-1.9"), "-1");
  EXPECT_EQ(integer("5"), "5");
  EXPECT_EQ(integer("\"5\""), "5");
  EXPECT_EQ(integer("\" +5 \""), "5");
  EXPECT_EQ(integer("\"5.0\""), kNotInteger);
  EXPECT_EQ(integer("true"), kNotInteger);
  EXPECT_EQ(integer("\"\""), kNotInteger);
  EXPECT_EQ(integer("1e300"), kTooLarge);
  EXPECT_EQ(integer("18446744073709551615"), kTooLarge);
  EXPECT_EQ(integer("\"99999999999999999999\""), kTooLarge);
}

TEST(Coerce, BooleansComeInThreeSpellings) {
  for (const auto* yes : {"true", "1", "1.0", "\"t\"", "\"Yes\"", "\"ON\"", "\"True\"", "\"1\""}) {
    EXPECT_EQ(boolean(yes), "true") << yes;
  }
  for (const auto* no : {"false", "0", "\"F\"", "\"no\"", "\"Off\"", "\"FALSE\"", "\"0\""}) {
    EXPECT_EQ(boolean(no), "false") << no;
  }
  for (const auto* neither : {"2", "\"yEs\"", "\"maybe\"", "\"\"", "[]", "-1"}) {
    EXPECT_EQ(boolean(neither), kNotBoolean) << neither;
  }
}

TEST(Coerce, TextRefusesNumbersAndNul) {
  std::string out;
  EXPECT_FALSE(coerce_text(read("\"\""), out));
  EXPECT_EQ(coerce_text(read("5"), out), kNotString);
  EXPECT_EQ(coerce_text(read("\"a\\u0000b\""), out), kNotString);
  EXPECT_EQ(length_of("\u20b9\u20b9"), 2U);
}

TEST(Coerce, DatesAreRealDates) {
  Date date{};
  EXPECT_FALSE(coerce_date(read("\"2028-02-29\""), date));
  EXPECT_EQ(coerce_date(read("\"2027-02-29\""), date), kNotDate);
  EXPECT_EQ(coerce_date(read("\"29-06-2027\""), date), kNotDate);
  EXPECT_EQ(coerce_date(read("20270629"), date), kNotDate);
}

}  // namespace
}  // namespace kavach::api
