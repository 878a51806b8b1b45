#pragma once

// Memory that is given back is overwritten, whoever gives it back: this program's own strings, bodies and
// coroutines, and those of the libraries beneath it. So a password, key or token leaves the process with
// the last object that held it, without every temporary on its way having to know what it carried.
//
// `free` and `realloc` of the C library are replaced for the whole process. What costs is one pass over
// memory that was just in use; blocks so large that they go straight back to the kernel are left to it.

namespace kavach::app {

/// False in builds whose sanitizer owns the allocator, and with a C library other than glibc.
[[nodiscard]] bool freed_memory_is_wiped();

}  // namespace kavach::app
