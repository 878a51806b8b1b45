#pragma once

// What the backup page is built from. `app` owns it: it knows the data folder and the keys.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "core/worker_pool.h"
#include "guard/route.h"
#include "identity/actor.h"

namespace kavach::console {

struct BackupView {
  std::string name;  ///< a file name of small letters, digits, `-` and `.`
  TimePoint created_at{};
  std::int64_t bytes{0};
};

/// The functions run on a worker and may block, `is_fresh` apart.
struct BackupServices {
  WorkerPool& workers;
  std::function<Result<std::vector<BackupView>>()> list;  ///< newest first
  std::function<Result<BackupView>(const identity::Actor&)> create;
  /// The encrypted file. The name has been checked for its characters only. NotFound.
  std::function<Result<std::string>(const std::string& name)> read;
  std::function<bool(const guard::Call&)> is_fresh;
};

}  // namespace kavach::console
