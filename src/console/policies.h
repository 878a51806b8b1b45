#pragma once

// What the console's routes demand, once for each kind of route: a new page's routes begin here, so that
// none forgets its session, its rate or its CSRF token. Pure.

#include <cstddef>

#include "guard/route.h"

namespace kavach::console {

/// A page's data: no body, no effect, no token.
[[nodiscard]] constexpr guard::Policy reading_policy(guard::Access access,
                                                     guard::RateClass rate = guard::RateClass::ConsoleRead,
                                                     guard::Priority priority = guard::Priority::Normal) {
  return {.access = access,
          .rate = rate,
          .body = guard::BodyKind::None,
          .body_bytes_max = 0,
          .changes_state = false,
          .csrf = guard::Csrf::NotApplicable,
          .priority = priority};
}

/// An act: a JSON body of at most `bytes_max`, and the session's token.
[[nodiscard]] constexpr guard::Policy acting_policy(guard::Access access, guard::RateClass rate, std::size_t bytes_max,
                                                    guard::Priority priority = guard::Priority::Normal) {
  return {.access = access,
          .rate = rate,
          .body = guard::BodyKind::Json,
          .body_bytes_max = bytes_max,
          .changes_state = true,
          .csrf = guard::Csrf::Required,
          .priority = priority};
}

}  // namespace kavach::console
