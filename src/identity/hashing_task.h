#pragma once

// The hashing pool awaited from a coroutine.

#include <string>
#include <utility>

#include "core/task.h"
#include "crypto/hashing_pool.h"

namespace kavach::identity {

[[nodiscard]] inline Task<Result<std::string>> hash_of(crypto::HashingPool& pool, Secret value,
                                                       Executor& executor) {
  co_return co_await resume_on<Result<std::string>>(executor, [&pool, &value](auto complete) {
    pool.hash(std::move(value), std::move(complete));
  });
}

[[nodiscard]] inline Task<Result<crypto::Verdict>> verdict_on(crypto::HashingPool& pool, Secret value,
                                                              std::string stored, Executor& executor) {
  co_return co_await resume_on<Result<crypto::Verdict>>(executor, [&pool, &value, &stored](auto complete) {
    pool.verify(std::move(value), std::move(stored), std::move(complete));
  });
}

}  // namespace kavach::identity
