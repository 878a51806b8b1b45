#pragma once

// Runs a task to its end on behalf of a thread that may wait: commands, start-up and tests. Never call
// it on an I/O thread or on the store's writer thread.

#include <future>
#include <utility>

#include "core/task.h"

namespace kavach::identity {

template <class T>
[[nodiscard]] T block_on(Task<T> task) {
  std::promise<void> finished;
  task.start([&finished] { finished.set_value(); });
  finished.get_future().wait();
  return task.take();
}

}  // namespace kavach::identity
