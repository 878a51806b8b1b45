#include "http/utf8_stream.h"

#include <cstring>

namespace kavach::http {

bool Utf8Stream::feed(std::string_view piece) {
  std::size_t i = 0;
  while (i < piece.size()) {
    if (following_ == 0 && i + 8 <= piece.size()) {
      std::uint64_t eight = 0;
      std::memcpy(&eight, piece.data() + i, 8);
      if ((eight & 0x8080808080808080ULL) == 0) {
        i += 8;
        continue;
      }
    }
    if (!take(static_cast<unsigned char>(piece[i++]))) return false;
  }
  return true;
}

bool Utf8Stream::take(unsigned char byte) {
  if (following_ > 0) {
    if (byte < next_low_ || byte > next_high_) return false;
    next_low_ = 0x80;
    next_high_ = 0xBF;
    --following_;
    return true;
  }
  if (byte < 0x80) return true;
  if (byte < 0xC2 || byte > 0xF4) return false;
  following_ = byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3;
  // Overlong forms, surrogates and code points above U+10FFFF show in the second byte.
  if (byte == 0xE0) next_low_ = 0xA0;
  if (byte == 0xED) next_high_ = 0x9F;
  if (byte == 0xF0) next_low_ = 0x90;
  if (byte == 0xF4) next_high_ = 0x8F;
  return true;
}

}  // namespace kavach::http
