#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "guard/guard_settings.h"
#include "guard/refusals.h"

namespace kavach::guard {
namespace {

std::string manual() {
  std::ifstream file{"docs/defences.md"};
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(Refusals, TheManualListsEveryTokenWithItsStatus) {
  const std::string text = manual();
  ASSERT_FALSE(text.empty());
  for (const RefusalRow& row : refusal_table()) {
    const std::string line = "| `" + std::string{row.token} + "` | " + std::to_string(row.status) + " | " + std::string{row.why} + " |";
    EXPECT_NE(text.find(line), std::string::npos) << line;
  }
}

TEST(Offences, TheManualListsEveryOffenceWithItsDefaults) {
  const std::string text = manual();
  const auto rules = OffenceRules::defaults();
  for (const OffenceKind kind : kAllOffenceKinds) {
    const auto start = text.rfind("| `" + std::string{name_of(kind)} + "` |");
    ASSERT_NE(start, std::string::npos) << name_of(kind);
    const std::string line = text.substr(start, text.find('\n', start) - start);
    const auto hours = std::chrono::duration_cast<std::chrono::hours>(rules.of(kind).ban).count();
    EXPECT_TRUE(line.ends_with("| " + std::to_string(rules.of(kind).threshold) + " | " + std::to_string(hours) + " h |")) << line;
  }
}

}  // namespace
}  // namespace kavach::guard
