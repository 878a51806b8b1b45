#pragma once

// Percent-encoding (RFC 3986, 2.1), decoded exactly once.

#include <optional>
#include <string>
#include <string_view>

namespace kavach::http {

enum class Plus { Literal, Space };  ///< forms and queries write a space as `+`

/// Nothing when a `%` is not followed by two hexadecimal digits.
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view text, Plus plus);

/// The value of one hexadecimal digit, or -1.
[[nodiscard]] int hex_value(char digit);

}  // namespace kavach::http
