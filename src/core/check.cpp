#include "core/check.h"

#include <cstdio>
#include <cstdlib>

namespace kavach {

void check_failed(const char* what, std::source_location where) {
  std::fprintf(stderr, "kavach: stopped, because its state would be wrong: %s (%s:%u)\n", what,
               where.file_name(), static_cast<unsigned>(where.line()));
  std::abort();
}

}  // namespace kavach
