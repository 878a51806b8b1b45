// The list of refusals in docs/http.md is closed: what the server says is what the manual lists.

#include <gmock/gmock.h>

#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "malformed_requests.h"

namespace kavach::http {
namespace {

TEST(HttpDocumentation, ListsEveryRefusal) {
  std::ifstream file{"docs/http.md"};
  const std::string manual{std::istreambuf_iterator<char>{file}, {}};
  ASSERT_FALSE(manual.empty()) << "tests run from the repository's root";
  std::set<std::string> tokens{"head_too_slow", "body_too_slow", "body_too_large", "request_line_too_long",
                               "head_too_large", "too_many_headers", "internal"};
  for (const auto& cases : {malformed_heads(), malformed_bodies()}) {
    for (const auto& each : cases) tokens.emplace(each.reason);
  }
  for (const auto& token : tokens) {
    EXPECT_THAT(manual, testing::HasSubstr("`" + token + "`"));
  }
}

}  // namespace
}  // namespace kavach::http
