#include "identity/password_policy.h"

#include <gtest/gtest.h>

namespace kavach::identity {
namespace {

bool accepted(std::string_view password, std::string_view user = "ada", std::string_view email = "lovelace@example.org") {
  return check_password(Secret{password}, user, email).has_value();
}

TEST(PasswordPolicy, LengthIsCountedInCharacters) {
  EXPECT_FALSE(accepted("tulip anvil"));
  EXPECT_TRUE(accepted("tulip anvils"));
  EXPECT_TRUE(accepted("पासवर्ड नहीं है यह"));
  EXPECT_TRUE(accepted(std::string(100, 'x') + "tulip anvil harbour nine fiv"));
  EXPECT_FALSE(accepted(std::string(100, 'x') + "tulip anvil harbour nine"  "tulip anvil harbour nine"));
}

TEST(PasswordPolicy, CommonOnesAreRefusedInAnyDisguise) {
  EXPECT_GE(common_password_count(), 10'000U);
  for (const char* password : {"password1234", "PASSWORD1234", "P@ssw0rd1234", "qwertyuiopqw", "1234567890123", "aaaaaaaaaaaaaaaa",
                               "zerodha@1234", "iloveindia123", "correcthorsebatterystaple", "abababababab"}) {
    EXPECT_FALSE(accepted(password)) << password;
  }
}

TEST(PasswordPolicy, TheUsersOwnNameIsRefused) {
  EXPECT_FALSE(accepted("my name is Ada okay"));
  EXPECT_FALSE(accepted("Countess of LOVELACE 7"));
  EXPECT_TRUE(accepted("bob is inside of it", "bo", ""));
}

TEST(PasswordPolicy, OnlyTextIsAPassword) {
  EXPECT_FALSE(accepted("tulip anvil harbour \xff\xfe"));
  EXPECT_FALSE(accepted(std::string_view{"tulip anvil\0harbour", 19}));
}

}  // namespace
}  // namespace kavach::identity
