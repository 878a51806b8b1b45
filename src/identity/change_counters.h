#pragma once

// How one process notices what another has changed (the command line beside a running gateway): each
// change bumps its topic's counter in the same transaction, and the gateway compares twice a second.

#include <cstdint>
#include <string_view>

#include "core/result.h"
#include "store/database.h"

namespace kavach::identity {

inline constexpr std::string_view kUsersTopic = "users";
inline constexpr std::string_view kSessionsTopic = "sessions";
inline constexpr std::string_view kApiKeysTopic = "api_keys";
inline constexpr std::string_view kSecondFactorsTopic = "second_factors";
inline constexpr std::string_view kPasskeysTopic = "passkeys";

[[nodiscard]] Result<void> bump_counter(store::Transaction& transaction, std::string_view topic);
/// 0 for a topic that has never changed.
[[nodiscard]] Result<std::int64_t> read_counter(store::Reader& reader, std::string_view topic);
/// The same, read on its own: has another process changed anything? Blocks.
[[nodiscard]] Result<std::int64_t> current_counter(store::Database& database, std::string_view topic);

}  // namespace kavach::identity
