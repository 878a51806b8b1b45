#pragma once

// What the console shows of the master secrets, and the one thing it can do with them. `app` owns it.
// Nothing here can carry a secret: a generation is known by its public id.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "core/worker_pool.h"
#include "guard/call.h"
#include "identity/actor.h"

namespace kavach::console {

struct KeyGenerationView {
  std::string id;
  std::string needed_by;  ///< what would be lost without it; for people
};

struct MasterKeyView {
  std::string name;     ///< `app`, `pepper`, `field`
  std::string setting;  ///< `APP_KEY`, …
  std::string source;   ///< as in the settings
  std::string current;  ///< id
  std::vector<KeyGenerationView> older;
};

struct RotationView {
  std::string state;  ///< `running`, `done`, `failed`
  std::vector<std::string> masters;
  std::string requested_by;
  TimePoint requested_at{};
  std::optional<TimePoint> finished_at;
  std::int64_t resealed{0};
  std::int64_t remaining{0};
  std::string problem;
};

struct KeysView {
  std::vector<MasterKeyView> masters;
  std::optional<RotationView> rotation;  ///< the latest
};

/// The functions run on a worker and may block, `is_fresh` apart.
struct KeyServices {
  WorkerPool& workers;
  std::function<Result<KeysView>()> view;
  /// `which`: `all` or a master's name. InvalidInput, Conflict.
  std::function<Result<void>(const std::string& which, const identity::Actor&)> rotate;
  /// Whether the caller has shown a second factor (or his password) in the last minutes.
  std::function<bool(const guard::Call&)> is_fresh;
};

}  // namespace kavach::console
