#pragma once

// Awaiting a commit. `applied` runs on the writer thread, in commit order, when the unit is durable and
// before the caller goes on: what is kept in memory beside the tables changes there, so that two
// commits can never be applied in the wrong order.

#include <utility>

#include "core/task.h"
#include "identity/joined_write.h"
#include "store/database.h"

namespace kavach::identity {

[[nodiscard]] inline auto commit(Executor& executor, store::Database& database, store::Unit unit,
                                 Job applied) {
  return resume_on<Result<void>>(
      executor, [&database, unit = std::move(unit), applied = std::move(applied)](auto complete) mutable {
        database.write(std::move(unit), [applied = std::move(applied),
                                         complete = std::move(complete)](Result<void> result) mutable {
          if (result) applied();
          complete(std::move(result));
        });
      });
}

/// The same with `also` in the unit: both are durable, or neither.
[[nodiscard]] inline auto commit(Executor& executor, store::Database& database, store::Unit unit, Job applied,
                                 JoinedWrite also) {
  return commit(
      executor, database,
      [unit = std::move(unit), write = std::move(also.write)](store::Transaction& transaction) mutable -> Result<void> {
        auto written = unit(transaction);
        return written && write ? write(transaction) : std::move(written);
      },
      [applied = std::move(applied), also = std::move(also.applied)]() mutable {
        applied();
        if (also) also();
      });
}

}  // namespace kavach::identity
