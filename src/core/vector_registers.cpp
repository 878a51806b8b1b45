#include "core/vector_registers.h"

namespace kavach {

#if defined(__x86_64__)

namespace {

// Their upper halves only exist with AVX, and numbers 16 to 31, which the C library copies with, only with
// AVX-512. Writing 256 bits zeroes the rest of a register. This program is built without either, so the compiler
// keeps nothing in them.
void clear_high() noexcept {
  asm volatile(
      ".irp n, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31\n"
      "vpxord %%ymm\\n, %%ymm\\n, %%ymm\\n\n"
      ".endr" ::);
}

}  // namespace

[[gnu::noinline]] void clear_vector_registers() noexcept {
  static const bool has_avx512 = __builtin_cpu_supports("avx512vl") != 0;
  static const bool has_avx = __builtin_cpu_supports("avx") != 0;
  if (has_avx512) clear_high();
  if (has_avx) {
    asm volatile("vzeroall" ::: "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10",
                 "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");
    return;
  }
  asm volatile(
      ".irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15\n"
      "pxor %%xmm\\n, %%xmm\\n\n"
      ".endr" ::
          : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12",
            "xmm13", "xmm14", "xmm15");
}

#elif defined(__aarch64__)

[[gnu::noinline]] void clear_vector_registers() noexcept {
  // 8 to 15 belong to the caller.
  asm volatile(
      ".irp n, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31\n"
      "movi v\\n\\().16b, #0\n"
      ".endr" ::
          : "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v16", "v17", "v18", "v19", "v20", "v21", "v22", "v23", "v24",
            "v25", "v26", "v27", "v28", "v29", "v30", "v31");
}

#else

void clear_vector_registers() noexcept {}

#endif

}  // namespace kavach
