#pragma once

// What the process does to itself before it touches a secret.

#include <cstddef>

#include "core/log.h"

namespace kavach::app {

/// No core dumps, not traceable by other processes of the same user, files private by default.
void harden_process();

/// From then on the process says so and ends with `kOutOfMemory` when an allocation fails, at whatever depth. To go
/// on after losing half of a step would be guessing; a restart takes up exactly what is on disk.
void end_when_out_of_memory();
inline constexpr int kOutOfMemory = 71;  ///< EX_OSERR of sysexits.h

/// Blocks of a quarter MiB and more (a large reply, a snapshot) come from the kernel and go back to it when they are
/// freed, instead of staying with the thread that once needed them. Before other threads.
void return_large_blocks();

/// Raises the limit on open descriptors as far as the system lets us and connections can use, and returns
/// it. Service managers start programs with 1024, which a flood of idle connections uses up.
[[nodiscard]] std::size_t raise_descriptor_limit();

/// How many connections fit into so many descriptors, beside the store, the logs and the threads.
[[nodiscard]] std::size_t connections_within(std::size_t descriptors);

/// Keeps memory from being written to swap, and checks that freed memory is wiped (app/freed_memory.h).
/// Where one is not so, says it once in the log.
void lock_memory(Logger& log);

}  // namespace kavach::app
