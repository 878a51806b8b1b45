#include "core/secret.h"

#include <gtest/gtest.h>

#include <ostream>
#include <type_traits>

#include "core/json.h"
#include "core/log.h"

namespace kavach {
namespace {

template <class T>
concept Printable = requires(std::ostream& out, const T& value) { out << value; };
template <class T>
concept JsonWritable = requires(JsonWriter& out, const T& value) { out.value(value); };

TEST(Secret, R31_CannotBePrintedWrittenLoggedOrCopied) {
  static_assert(!Printable<Secret>);
  static_assert(!JsonWritable<Secret>);
  static_assert(!std::is_constructible_v<LogField, std::string_view, const Secret&>);
  static_assert(!std::is_copy_constructible_v<Secret>);
  static_assert(!std::is_convertible_v<Secret, std::string_view>);
}

TEST(Secret, ComparesAndWipesItsSource) {
  std::string text = "hunter2hunter2";
  const Secret taken = Secret::take(std::move(text));
  EXPECT_TRUE(taken == Secret{"hunter2hunter2"});
  EXPECT_FALSE(taken == Secret{"hunter2hunter3"});
  EXPECT_FALSE(taken == Secret{"short"});
}

}  // namespace
}  // namespace kavach
