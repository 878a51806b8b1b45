#pragma once

// The character classes of RFC 9110 (5.6.2, 5.5) and RFC 3986 (3.3), as tables built at compile time.

#include <array>
#include <string_view>

namespace kavach::http {

class CharSet {
 public:
  constexpr CharSet() = default;
  constexpr CharSet& add(std::string_view characters) {
    for (const char c : characters) has_[static_cast<unsigned char>(c)] = true;
    return *this;
  }
  constexpr CharSet& add(unsigned first, unsigned last) {
    for (unsigned c = first; c <= last; ++c) has_[c] = true;
    return *this;
  }
  constexpr CharSet& remove(std::string_view characters) {
    for (const char c : characters) has_[static_cast<unsigned char>(c)] = false;
    return *this;
  }
  [[nodiscard]] constexpr bool has(char c) const { return has_[static_cast<unsigned char>(c)]; }
  [[nodiscard]] constexpr bool has_all(std::string_view text) const {
    for (const char c : text) {
      if (!has(c)) return false;
    }
    return true;
  }

 private:
  std::array<bool, 256> has_{};
};

inline constexpr CharSet kDigits = CharSet{}.add('0', '9');
inline constexpr CharSet kAlphanumeric = CharSet{kDigits}.add('A', 'Z').add('a', 'z');
/// `tchar`: methods and header names.
inline constexpr CharSet kToken = CharSet{kAlphanumeric}.add("!#$%&'*+-.^_`|~");
/// A header value without its surrounding blanks: no control character but the tab.
inline constexpr CharSet kFieldValue = CharSet{}.add("\t").add(0x20, 0x7e).add(0x80, 0xff);
/// `pchar` and the slash, percent signs included.
inline constexpr CharSet kPath = CharSet{kAlphanumeric}.add("-._~!$&'()*+,;=:@/%");
/// Wider than RFC 3986: browsers leave brackets, braces and bars of a query as they are.
inline constexpr CharSet kQuery = CharSet{}.add(0x21, 0x7e).remove("#\"<>");
/// `uri-host [ ":" port ]`, without user information and percent signs.
inline constexpr CharSet kHost = CharSet{kAlphanumeric}.add("-._~[]:");

}  // namespace kavach::http
