#pragma once

// Which passwords are accepted: 12 to 128 characters of any kind, not among common ones, not made of
// the user's own name. No composition rules and no expiry (NIST SP 800-63B, 5.1.1.2). Pure; any thread.

#include <cstddef>
#include <string_view>

#include "core/result.h"
#include "core/secret.h"

namespace kavach::identity {

inline constexpr std::size_t kPasswordCharactersMin = 12;   ///< Unicode code points
inline constexpr std::size_t kPasswordCharactersMax = 128;

/// InvalidInput with what to do instead. `email` may be empty.
[[nodiscard]] Result<void> check_password(const Secret& password, std::string_view username,
                                          std::string_view email);

/// Whether the bundled list knows it, also in other case or with look-alikes (`P@ssw0rd…`).
[[nodiscard]] bool is_common_password(const Secret& password);
[[nodiscard]] std::size_t common_password_count();

}  // namespace kavach::identity
