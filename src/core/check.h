#pragma once

// Two grades of assertion, both on in release. Neither validates input: input gets a Result.

#include <source_location>
#include <stdexcept>
#include <string>

namespace kavach {

/// Thrown by `require`; the pipeline's single catch turns it into a 500 with a request id.
class BrokenInvariant : public std::logic_error {
  using std::logic_error::logic_error;
};

[[noreturn]] void check_failed(const char* what, std::source_location where);

/// Order or money state would be corrupt if this were false: stops the process.
inline void check(bool holds, const char* what,
                  std::source_location where = std::source_location::current()) {
  if (!holds) [[unlikely]] check_failed(what, where);
}

/// This request cannot go on, the process can.
inline void require(bool holds, const char* what) {
  if (!holds) [[unlikely]] throw BrokenInvariant(what);
}

}  // namespace kavach
