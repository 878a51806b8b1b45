#pragma once

// How a fuzz target says that a property does not hold: libFuzzer needs a signal to save the input,
// the corpus driver needs an exit status that a test runner can tell from a crash.

#include <cstdio>
#include <cstdlib>

namespace kavach::fuzz {

inline void expect(bool holds, const char* property) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", property);
#ifdef KAVACH_LIBFUZZER
  std::abort();
#else
  std::_Exit(1);
#endif
}

}  // namespace kavach::fuzz
