#include "market/csv_reader.h"

#include <gtest/gtest.h>

#include "support/matchers.h"

namespace kavach::market {
namespace {

using Rows = std::vector<std::vector<std::string>>;

Result<Rows> read(std::string_view text, std::size_t piece = 1, CsvLimits limits = {}) {
  Rows rows;
  CsvReader reader{limits, [&](std::span<const std::string> fields) {
                     rows.emplace_back(fields.begin(), fields.end());
                   }};
  for (std::size_t at = 0; at < text.size(); at += piece) {
    if (auto done = reader.feed(text.substr(at, piece)); !done) return pass_on(std::move(done));
  }
  if (auto done = reader.finish(); !done) return pass_on(std::move(done));
  return rows;
}

TEST(CsvReader, ReadsQuotesLineEndsAndEmptyFieldsWhereverItIsCut) {
  const std::string_view text = "\xEF\xBB\xBF" "a,\"b,1\"\r\n\"say \"\"hi\"\"\",\n\n\"two\nlines\",x,";
  const Rows expected{{"a", "b,1"}, {"say \"hi\"", ""}, {"two\nlines", "x", ""}};
  for (const std::size_t piece : {1U, 2U, 3U, 7U, 100U}) {
    const auto rows = read(text, piece);
    ASSERT_OK(rows);
    EXPECT_EQ(*rows, expected) << piece;
  }
}

TEST(CsvReader, RefusesMalformedTextWithItsLine) {
  for (const std::string_view text : {"a\nb\"c", "a\n\"b\"c", "a\n\"open", "a\nb\0c"}) {
    const auto rows = read(text == "a\nb" ? std::string_view{"a\nb\0c", 5} : text);
    ASSERT_FALSE(rows);
    EXPECT_EQ(rows.error().code, ErrorCode::InvalidInput);
    EXPECT_NE(rows.error().message.find("line 2"), std::string::npos) << rows.error().message;
  }
}

TEST(CsvReader, EveryDimensionIsBounded) {
  const CsvLimits limits{.field_bytes_max = 8, .fields_max = 3, .rows_max = 2};
  EXPECT_OK(read("12345678,2,3\na\n", 1, limits));
  EXPECT_FALSE(read("123456789", 1, limits));
  EXPECT_FALSE(read("\"123456789\"", 1, limits));
  EXPECT_FALSE(read("1,2,3,4", 1, limits));
  EXPECT_FALSE(read("1\n2\n3\n", 1, limits));
}

}  // namespace
}  // namespace kavach::market
