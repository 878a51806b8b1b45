#pragma once

// Copying memory leaves the last piece of it in the processor's vector registers, where it stays as long as
// the thread waits: a password's tail would be in an image of an idle process. Threads call this when
// they have finished something that may have carried a secret. Costs some ten cycles; any thread.

namespace kavach {

/// Zeroes every register that a function may change without telling its caller.
void clear_vector_registers() noexcept;

}  // namespace kavach
