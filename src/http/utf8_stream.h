#pragma once

// Checks UTF-8 (RFC 3629) that arrives in pieces: the first byte that cannot continue valid text is
// refused at once, wherever the pieces are cut.

#include <cstdint>
#include <string_view>

namespace kavach::http {

class Utf8Stream {
 public:
  /// False from the first byte that makes the text invalid.
  [[nodiscard]] bool feed(std::string_view piece);
  /// Whether the text may end here: no character is half-way.
  [[nodiscard]] bool is_complete() const { return following_ == 0; }
  void reset() { *this = Utf8Stream{}; }

 private:
  bool take(unsigned char byte);

  unsigned following_{0};             ///< bytes the current character still needs
  unsigned char next_low_{0x80};      ///< what the next of them may be
  unsigned char next_high_{0xBF};
};

}  // namespace kavach::http
