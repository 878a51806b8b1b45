#pragma once

// Each user's chart settings: a small key/value store that charting front ends keep here. Values are
// text and never interpreted.

#include <map>
#include <string>

#include "core/json.h"
#include "core/result.h"
#include "identity/principal.h"
#include "store/database.h"

namespace kavach::api {

using ChartSettings = std::map<std::string, std::string>;

inline constexpr std::size_t kChartKeysMax = 50;
inline constexpr std::size_t kChartKeyLengthMax = 50;
inline constexpr std::size_t kChartValueBytesMax = 1'048'576;

/// The settings a request body carries, `apikey` excepted; InvalidInput in the contract's words.
[[nodiscard]] Result<ChartSettings> chart_settings_of(const json::object& body);
/// Blocking: for a worker.
[[nodiscard]] Result<ChartSettings> load_chart_settings(store::Database& database,
                                                        identity::UserId user);
/// Inserts or replaces, as one unit; refused when the user would have more than kChartKeysMax.
void store_chart_settings(store::Database& database, identity::UserId user, ChartSettings settings,
                          store::Done done);

}  // namespace kavach::api
