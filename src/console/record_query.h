#pragma once

// The query parameters that all record pages share. Pure.

#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include "audit/export_text.h"
#include "core/clock.h"
#include "core/result.h"
#include "http/message.h"

namespace kavach::console {

inline constexpr std::size_t kFilterBytesMax = 200;

struct RecordQuery {
  std::optional<TimePoint> from;
  std::optional<TimePoint> until;  ///< exclusive; a date names the whole day
  std::int64_t before{std::numeric_limits<std::int64_t>::max()};  ///< the cursor; else from the newest
  int rows_max{100};               ///< 1 to 500
};

/// `from` and `to` are `2027-06-29` or `2027-06-29T10:15`, in IST, as the pages show times.
[[nodiscard]] Result<RecordQuery> record_query(const http::Request& request);
/// A filter's text, at most 200 bytes.
[[nodiscard]] Result<std::string> filter_text(const http::Request& request, std::string_view name);
/// `name=value&…` of the parameters that some record page knows: what else a query holds may be a secret and is not
/// for the record. At most `kFilterBytesMax` of each.
[[nodiscard]] std::string known_filters(const http::Request& request);
/// `csv` or `jsonl`.
[[nodiscard]] Result<audit::ExportFormat> export_format(const http::Request& request);

}  // namespace kavach::console
