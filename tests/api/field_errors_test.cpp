#include "api/field_errors.h"

#include <gtest/gtest.h>

namespace kavach::api {
namespace {

std::string literal(const FieldErrors& errors) {
  std::string out;
  append_python_literal(out, errors);
  return out;
}

std::string object(const FieldErrors& errors) {
  std::string out;
  JsonWriter json{out};
  write_errors(json, errors);
  return out;
}

std::string shown(std::string_view text) {
  std::string out;
  append_python_text(out, text);
  return out;
}

TEST(FieldErrors, LiteralKeepsTheOrderAndObjectSortsIt) {
  FieldErrors errors;
  errors.add("quantity", "Not a valid number.");
  errors.add("action", "Field may not be null.");
  errors.add("quantity", "Second.");
  EXPECT_EQ(literal(errors),
            "{'quantity': ['Not a valid number.', 'Second.'], 'action': ['Field may not be null.']}");
  EXPECT_EQ(object(errors),
            R"({"action":["Field may not be null."],"quantity":["Not a valid number.","Second."]})");
}

TEST(FieldErrors, IndicesAreBareIntegersInOneNotationAndTextInTheOther) {
  FieldErrors errors;
  FieldErrors& orders = errors.at(std::string{"orders"});
  orders.at(std::size_t{10}).add("foo", "Unknown field.");
  orders.at(std::size_t{2}).add("symbol", "Missing data for required field.");
  EXPECT_EQ(literal(errors),
            "{'orders': {10: {'foo': ['Unknown field.']}, "
            "2: {'symbol': ['Missing data for required field.']}}}");
  EXPECT_EQ(object(errors),
            R"({"orders":{"2":{"symbol":["Missing data for required field."]},)"
            R"("10":{"foo":["Unknown field."]}}})");
}

TEST(FieldErrors, TextIsShownAsPythonShowsIt) {
  EXPECT_EQ(shown("plain"), "'plain'");
  EXPECT_EQ(shown("it's"), "\"it's\"");
  EXPECT_EQ(shown("say \"x\""), "'say \"x\"'");
  EXPECT_EQ(shown("it's \"x\""), "'it\\'s \"x\"'");
  EXPECT_EQ(shown("a\\b\n\r\t\x01\x7f"), "'a\\\\b\\n\\r\\t\\x01\\x7f'");
  EXPECT_EQ(shown("\u20b9 \u0905"), "'\u20b9 \u0905'");
  EXPECT_EQ(shown("\u00a0\u200b\U000e0001"), "'\\xa0\\u200b\\U000e0001'");
}

}  // namespace
}  // namespace kavach::api
