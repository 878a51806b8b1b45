#include "core/secret.h"

#include <string.h>  // explicit_bzero

#include "core/text.h"

namespace kavach {

void wipe(std::span<std::byte> memory) noexcept {
  if (!memory.empty()) ::explicit_bzero(memory.data(), memory.size());
}

void wipe(std::string& text) noexcept {
  if (text.capacity() > 0) {
    text.resize(text.capacity());
    ::explicit_bzero(text.data(), text.size());
  }
  text.clear();
}

Secret::Secret(std::string_view text) : Secret{as_bytes(text)} {}

Secret::Secret(std::span<const std::byte> bytes) : bytes_{bytes.begin(), bytes.end()} {}

Secret Secret::take(std::string&& text) {
  Secret secret{text};
  wipe(text);
  return secret;
}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    wipe(bytes_);
    bytes_ = std::move(other.bytes_);
    other.bytes_.clear();
  }
  return *this;
}

bool operator==(const Secret& a, const Secret& b) {
  return equal_in_constant_time(a.reveal(), b.reveal());
}

}  // namespace kavach
