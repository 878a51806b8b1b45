#pragma once

// What the desk keeps in the spool (store/spool.h): journal events that have happened and could not be
// journaled, with who asked. Pure functions. The text is what the journal itself would hold, row by row.

#include <string>
#include <string_view>
#include <vector>

#include "trading/books.h"
#include "trading/journal_event.h"

namespace kavach::trading {

struct SpooledEntry {
  Actor actor;
  std::vector<JournalEvent> events;  ///< never empty
};

[[nodiscard]] std::string encode_entry(const SpooledEntry& entry);
/// ErrorCode::StorageCorrupt for what `encode_entry` cannot have written.
[[nodiscard]] Result<SpooledEntry> decode_entry(std::string_view text);

/// The events of an entry that these books do not know yet, with amounts as the books are now: after a
/// crash a commit that was thought lost may be in the journal, or the entry itself may be.
[[nodiscard]] std::vector<JournalEvent> still_news(const Books& books, const SpooledEntry& entry);

}  // namespace kavach::trading
