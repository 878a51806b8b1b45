#pragma once

// What the process does to itself before it touches a secret.

#include "core/log.h"

namespace kavach::app {

/// No core dumps, not traceable by other processes of the same user, files private by default.
void harden_process();

/// Keeps memory from being written to swap. Where the limit does not allow it, says so once in the log.
void lock_memory(Logger& log);

}  // namespace kavach::app
