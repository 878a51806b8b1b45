#include "app/setting_table.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

namespace kavach::app {
namespace {

TEST(SettingTable, TheManualNamesEverySettingAndItsDefault) {
  std::ifstream file{"docs/settings.md"};
  const std::string manual{std::istreambuf_iterator<char>{file}, {}};
  ASSERT_FALSE(manual.empty());
  for (const SettingRow& row : setting_table()) {
    const std::string line = "| `" + std::string{row.name} + "` | " +
                             (row.fallback.empty() ? "" : "`" + std::string{row.fallback} + "`") + " |";
    EXPECT_NE(manual.find(line), std::string::npos) << row.name;
  }
}

}  // namespace
}  // namespace kavach::app
