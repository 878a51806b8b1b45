#include "core/vector_registers.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>

namespace kavach {
namespace {

#if defined(__x86_64__)

TEST(VectorRegisters, R27_HoldNothingOfWhatWasCopied) {
  std::array<char, 16> secret{};
  std::memcpy(secret.data(), "a secret's tail!", secret.size());
  std::array<char, 16> left{};
  left.fill('x');
  asm volatile("movdqu (%0), %%xmm5" ::"r"(secret.data()) : "xmm5", "memory");
  clear_vector_registers();
  asm volatile("movdqu %%xmm5, (%0)" ::"r"(left.data()) : "memory");
  EXPECT_EQ(left, (std::array<char, 16>{}));
}

#endif

}  // namespace
}  // namespace kavach
