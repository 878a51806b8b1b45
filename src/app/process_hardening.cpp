#include "app/process_hardening.h"

#include <fcntl.h>
#include <malloc.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>
#include <string_view>
#include <utility>

#include "app/freed_memory.h"

namespace kavach::app {

void harden_process() {
  ::umask(077);
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  // Should a core be written all the same (a pipe as the kernel's core pattern), no memory is in it. While
  // the file is still ours: it is not any more when the process cannot be dumped.
  if (const int filter = ::open("/proc/self/coredump_filter", O_WRONLY | O_CLOEXEC); filter >= 0) {
    static_cast<void>(::write(filter, "0", 1));
    ::close(filter);
  }
  ::prctl(PR_SET_DUMPABLE, 0);
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

namespace {

// Each connection is one descriptor, and costs memory too: no more than this many, whatever is allowed.
constexpr std::size_t kConnectionsMax = 16'384;
constexpr std::size_t kConnectionsMin = 64;
// Database and readers, log files, event loops, listeners, outgoing calls, and some to spare.
constexpr std::size_t kOtherDescriptors = 256;

}  // namespace

void end_when_out_of_memory() {
  std::set_new_handler([] {
    // Nothing here allocates.
    constexpr std::string_view kLastWords =
        "kavach: out of memory; the gateway ends and its service manager starts it again. Give it more memory.\n";
    static_cast<void>(::write(STDERR_FILENO, kLastWords.data(), kLastWords.size()));
    ::_exit(kOutOfMemory);
  });
}

void return_large_blocks() {
#if defined(__GLIBC__)
  // Named, because glibc otherwise raises it to the largest block that was ever freed.
  ::mallopt(M_MMAP_THRESHOLD, 256 * 1024);
  ::mallopt(M_TRIM_THRESHOLD, 1024 * 1024);
#endif
}

std::size_t raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1'024;
  const rlim_t wanted = std::min<rlim_t>(limit.rlim_max, kConnectionsMax + kOtherDescriptors);
  if (limit.rlim_cur >= wanted) return limit.rlim_cur;
  const rlim_t before = std::exchange(limit.rlim_cur, wanted);
  return ::setrlimit(RLIMIT_NOFILE, &limit) == 0 ? wanted : before;
}

std::size_t connections_within(std::size_t descriptors) {
  const std::size_t left = descriptors > kOtherDescriptors ? descriptors - kOtherDescriptors : 0;
  return std::clamp(left, kConnectionsMin, kConnectionsMax);
}

void lock_memory(Logger& log) {
  if (!freed_memory_is_wiped()) {
    log.warning("memory.not_wiped", {{"advice", "this build leaves freed memory as it is; do not run it for trading"}});
  }
  // MCL_ONFAULT: only pages that are used are locked, so the resident size does not grow.
  if (::mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) != 0) {
    log.warning("memory.not_locked", {{"advice", "raise LimitMEMLOCK so that secrets cannot reach swap"},
                                      {"detail", std::strerror(errno)}});
  }
}

}  // namespace kavach::app
