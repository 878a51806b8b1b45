#pragma once

// Work that is too long for an I/O thread (a scan over all instruments, candles of years) runs on the
// bounded worker pool; when the pool is full the caller is refused at once.

#include <utility>

#include "core/result.h"
#include "core/task.h"
#include "core/worker_pool.h"

namespace kavach {

/// Runs `work` (called once, on a worker, must not throw) and resumes on `executor` with what it
/// returned, or with Busy.
template <class T, class Work>
[[nodiscard]] Task<Result<T>> on_worker(WorkerPool* workers, Executor* executor, Work work) {
  co_return co_await resume_on<Result<T>>(*executor, [&](auto complete) {
    auto refuse = complete;
    const bool accepted = workers->try_post(
        [complete = std::move(complete), work = std::move(work)]() mutable { complete(work()); });
    if (!accepted) refuse(fail(ErrorCode::Busy, "The gateway is busy; try again in a second."));
  });
}

}  // namespace kavach
