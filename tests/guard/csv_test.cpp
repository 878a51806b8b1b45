#include "guard/csv.h"

#include <gtest/gtest.h>

#include "support/matchers.h"

namespace kavach::guard {
namespace {

Result<std::vector<CsvReader::Row>> read(std::string_view text, CsvLimits limits = {}, std::size_t piece = 1) {
  std::vector<CsvReader::Row> rows;
  CsvReader reader{limits, [&](const CsvReader::Row& row, std::size_t) -> Result<void> {
                     rows.push_back(row);
                     return {};
                   }};
  for (std::size_t at = 0; at < text.size(); at += piece) {
    if (auto fed = reader.feed(text.substr(at, piece)); !fed) return pass_on(std::move(fed));
  }
  if (auto ended = reader.finish(); !ended) return pass_on(std::move(ended));
  return rows;
}

TEST(Csv, ReadsInPiecesOfAnySize) {
  const std::string text = "\xef\xbb\xbf" "network,reason\r\n203.0.113.9,\"a, \"\"b\"\"\r\nc\"\n\n198.51.100.0/24,";
  for (const std::size_t piece : {1U, 3U, 1000U}) {
    const auto rows = read(text, {}, piece);
    ASSERT_OK(rows);
    ASSERT_EQ(rows->size(), 3U);
    EXPECT_EQ((*rows)[0], (CsvReader::Row{"network", "reason"}));
    EXPECT_EQ((*rows)[1], (CsvReader::Row{"203.0.113.9", "a, \"b\"\r\nc"}));
    EXPECT_EQ((*rows)[2], (CsvReader::Row{"198.51.100.0/24", ""}));
  }
}

TEST(Csv, RefusesWhatIsTooMuchOrBroken) {
  const CsvLimits limits{.rows_max = 3, .fields_max = 2, .field_bytes_max = 4};
  EXPECT_TRUE(read("a,b\nc,d\ne,f\n", limits));
  for (const char* wrong : {"a\nb\nc\nd\n", "a,b,c\n", "abcde\n", "\"abc", "\"a\"b\n", "a\"b\n", "a\rb\n"}) {
    EXPECT_FALSE(read(wrong, limits)) << wrong;
  }
}

TEST(Csv, UploadsMustBeCsvByNameTypeAndContent) {
  EXPECT_OK(check_csv_upload("bans.CSV", "text/csv; charset=utf-8", "203.0.113.9\n"));
  EXPECT_FALSE(check_csv_upload("bans.csv.exe", "text/csv", "203.0.113.9\n"));
  EXPECT_FALSE(check_csv_upload("bans", "text/csv", "203.0.113.9\n"));
  EXPECT_FALSE(check_csv_upload("bans.csv", "application/octet-stream", "203.0.113.9\n"));
  EXPECT_FALSE(check_csv_upload("bans.csv", "text/csv; charset=utf-16", "203.0.113.9\n"));
  for (const std::string& content : {std::string{"PK\x03\x04zip"}, std::string{"<html>"}, std::string{"  <?xml"}, std::string{"%PDF-1.7"},
                                     std::string{"MZ\x90"}, std::string("a\0b", 3), std::string{"a\xff"}, std::string{"\x1b[31m"},
                                     std::string{"{\"a\":1}"}, std::string{"#!/bin/sh"}}) {
    EXPECT_FALSE(check_csv_upload("bans.csv", "text/csv", content)) << content;
  }
}

}  // namespace
}  // namespace kavach::guard
