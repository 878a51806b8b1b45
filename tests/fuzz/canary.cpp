#include <cstddef>
#include <cstdint>
#include <string_view>

#include "expect.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input{reinterpret_cast<const char*>(data), size};
  kavach::fuzz::expect(!input.starts_with("canary"), "no input starts with canary");
  return 0;
}
