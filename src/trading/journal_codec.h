#pragma once

// Journal events as text: the kind and the JSON body of a journal row. Pure functions.

#include <string>
#include <string_view>

#include "trading/journal_event.h"

namespace kavach::trading {

/// The JSON object for the row's body.
[[nodiscard]] std::string encode_body(const JournalEvent& event);

/// Rebuilds an event from its row. ErrorCode::StorageCorrupt when the row cannot have been written by
/// `encode_body`.
[[nodiscard]] Result<JournalEvent> decode_event(TimePoint at, std::string_view account,
                                                std::string_view order_id, std::string_view kind,
                                                std::string_view body);

}  // namespace kavach::trading
