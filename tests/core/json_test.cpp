#include "core/json.h"

#include <gtest/gtest.h>

#include "support/matchers.h"

namespace kavach {
namespace {

TEST(Json, WritesTypedValues) {
  std::string text;
  JsonWriter out{text};
  out.object().field("price", *Price::parse("1511.40")).field("zero", Price{}).field("n", 3)
      .field("s", "a\"\n\x01").field("d", 0.1).field("whole", 5.0).key("list").array().value(true).null().end().end();
  EXPECT_EQ(text,
            R"({"price":1511.4,"zero":0.0,"n":3,"s":"a\"\n\u0001","d":0.1,"whole":5.0,"list":[true,null]})");
}

TEST(Json, LastDuplicateWinsAndBoundsHold) {
  const auto parsed = parse_json(R"({"a":1,"a":2})");
  ASSERT_OK(parsed);
  EXPECT_EQ(parsed->at("a").as_int64(), 2);
  EXPECT_FALSE(parse_json(std::string(64, '[') + std::string(64, ']')));
  for (const char* bad : {"", "{", "{\"a\":NaN}", "[1,]", "// x\n1", "\"\xff\"", "1 2"}) {
    EXPECT_FALSE(parse_json(bad)) << bad;
  }
}

}  // namespace
}  // namespace kavach
