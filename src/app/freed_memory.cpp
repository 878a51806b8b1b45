#include "app/freed_memory.h"

#include <malloc.h>
#include <string.h>  // explicit_bzero

#include <algorithm>
#include <cstddef>

#if defined(__has_feature)
#define KAVACH_SANITIZED (__has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer))
#else
#define KAVACH_SANITIZED 0
#endif

#if defined(__GLIBC__) && !KAVACH_SANITIZED

namespace {

/// glibc maps every block above this by itself and unmaps it when it is freed (DEFAULT_MMAP_THRESHOLD_MAX).
constexpr std::size_t kAlwaysMapped = std::size_t{33} * 1024 * 1024;

}  // namespace

extern "C" {

void* __libc_malloc(std::size_t size);
void* __libc_realloc(void* memory, std::size_t size);
void __libc_free(void* memory);

void free(void* memory) noexcept {
  if (memory == nullptr) return;
  if (const std::size_t size = ::malloc_usable_size(memory); size < kAlwaysMapped) ::explicit_bzero(memory, size);
  __libc_free(memory);
}

// The C library's own would leave the former block as it was when it has to move.
void* realloc(void* memory, std::size_t size) noexcept {
  if (memory == nullptr) return __libc_malloc(size);
  if (size == 0) {
    free(memory);
    return nullptr;
  }
  const std::size_t before = ::malloc_usable_size(memory);
  if (before >= kAlwaysMapped) return __libc_realloc(memory, size);
  if (size <= before && size >= before / 2) return memory;
  void* const moved = __libc_malloc(size);
  if (moved == nullptr) return nullptr;
  ::memcpy(moved, memory, std::min(before, size));
  free(memory);
  return moved;
}

}  // extern "C"

namespace kavach::app {
bool freed_memory_is_wiped() { return true; }
}  // namespace kavach::app

#else

namespace kavach::app {
bool freed_memory_is_wiped() { return false; }
}  // namespace kavach::app

#endif
