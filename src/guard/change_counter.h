#pragma once

// How one process learns that another has changed a small table: a counter per topic, increased in the
// same transaction as the change and polled by whoever keeps a copy in memory.

#include <cstdint>

#include "core/result.h"
#include "store/database.h"

namespace kavach::guard {

enum class ChangeTopic { AllowList, Settings };

[[nodiscard]] Result<void> bump_version(store::Transaction& transaction, ChangeTopic topic);
[[nodiscard]] Result<std::int64_t> read_version(store::Reader& reader, ChangeTopic topic);

}  // namespace kavach::guard
