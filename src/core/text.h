#pragma once

// Small text functions that every edge needs: strict number parsing, encodings, case, UTF-8.
// All are locale-free and none throws.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kavach {

[[nodiscard]] std::string to_hex(std::span<const std::byte> bytes);
/// Lower or upper case; nothing for an odd length or another character.
[[nodiscard]] std::optional<std::vector<std::byte>> from_hex(std::string_view text);

[[nodiscard]] std::string to_base64url(std::span<const std::byte> bytes, bool padded = false);
/// Accepts padded and unpadded base64url; refuses the standard alphabet's `+` and `/`.
[[nodiscard]] std::optional<std::vector<std::byte>> from_base64url(std::string_view text);

[[nodiscard]] std::string to_lower(std::string_view text);
[[nodiscard]] std::string to_upper(std::string_view text);
[[nodiscard]] bool equals_ignoring_case(std::string_view a, std::string_view b);
/// Without leading and trailing space, tab, CR and LF.
[[nodiscard]] std::string_view trim(std::string_view text);
/// Every piece between separators, empty ones included.
[[nodiscard]] std::vector<std::string_view> split(std::string_view text, char separator);

/// The whole text as a decimal integer with optional minus; nothing on anything else or overflow.
[[nodiscard]] std::optional<std::int64_t> parse_int(std::string_view text);

[[nodiscard]] bool is_valid_utf8(std::string_view text);

inline std::span<const std::byte> as_bytes(std::string_view text) {
  return std::as_bytes(std::span{text.data(), text.size()});
}
inline std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Constant time in the contents (not in the lengths).
[[nodiscard]] bool equal_in_constant_time(std::string_view a, std::string_view b);

}  // namespace kavach
