#include "identity/qr_code.h"

#include <gtest/gtest.h>

#include "support/matchers.h"

namespace kavach::identity {
namespace {

TEST(QrCode, IsSquareWithItsThreeFinders) {
  const auto code = qr_code(Secret{std::string_view{"otpauth://totp/Kavach:ada?secret=GEZDGNBVGY3TQOJQ"}});
  ASSERT_OK(code);
  const auto modules = code->modules.reveal();
  const auto side = static_cast<std::size_t>(code->size);
  ASSERT_EQ(modules.size(), side * side);
  EXPECT_EQ(modules.substr(0, 7), "1111111");
  EXPECT_EQ(modules.substr(side - 7, 7), "1111111");
  EXPECT_EQ(modules.substr((side - 7) * side, 7), "1111111");
  const auto svg = qr_svg(*code);
  EXPECT_TRUE(svg.reveal().starts_with("<svg "));
  EXPECT_TRUE(svg.reveal().ends_with("</svg>"));
}

TEST(QrCode, TooMuchTextIsRefused) {
  EXPECT_FALSE(qr_code(Secret{std::string(5000, 'x')}));
}

}  // namespace
}  // namespace kavach::identity
