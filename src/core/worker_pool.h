#pragma once

// The bounded pool for CPU-heavy or blocking work (Argon2, reads from disk). When its queue is full
// the caller is refused at once, so a flood costs a 503 and not memory.

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "core/executor.h"

namespace kavach {

/// Thread-safe. Destruction waits for the running jobs and runs the queued ones.
class WorkerPool {
 public:
  WorkerPool(std::size_t threads, std::size_t queue_max);
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  /// False when the queue is full or the pool is stopping; the job is then untouched by any thread.
  [[nodiscard]] bool try_post(Job job);
  [[nodiscard]] std::size_t queued() const;
  /// Refuses new jobs, finishes the accepted ones, joins. Idempotent.
  void stop();

 private:
  void run();

  const std::size_t queue_max_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> queue_;
  bool stopping_{false};
  std::vector<std::thread> threads_;
};

}  // namespace kavach
