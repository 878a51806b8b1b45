#include "app/process_hardening.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

namespace kavach::app {

void harden_process() {
  ::umask(077);
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  ::prctl(PR_SET_DUMPABLE, 0);
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

void lock_memory(Logger& log) {
  // MCL_ONFAULT: only pages that are used are locked, so the resident size does not grow.
  if (::mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) != 0) {
    log.warning("memory.not_locked", {{"advice", "raise LimitMEMLOCK so that secrets cannot reach swap"},
                                      {"detail", std::strerror(errno)}});
  }
}

}  // namespace kavach::app
