#pragma once

// Saves what is known of an offender before he is banned for ever: one JSON Lines file in the data
// folder's `ban-exports`, readable by the owner only. Blocks; for worker threads.

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string_view>

#include "core/clock.h"
#include "core/log.h"
#include "core/net_address.h"
#include "core/result.h"
#include "guard/attempt_book.h"
#include "store/database.h"

namespace kavach::guard {

class OffenderExport {
 public:
  /// Receives one finished JSON object.
  using Line = std::function<void(std::string_view object)>;
  /// What other rooms know of the network (traffic records).
  using MoreRecords = std::function<void(const Cidr& network, const Line& line)>;

  OffenderExport(std::filesystem::path data_folder, store::Database& database, const AttemptBook& attempts,
                 const Clock& clock, Logger& log, MoreRecords more);

  /// Writes and syncs `ban-exports/<network>-<time>.jsonl`, or nothing when nothing is known of the
  /// network. A failure is also logged.
  [[nodiscard]] Result<void> write(const Cidr& network);

 private:
  /// Empty when nothing is known.
  [[nodiscard]] Result<std::string> records(const Cidr& network) const;

  const std::filesystem::path folder_;
  store::Database& database_;
  const AttemptBook& attempts_;
  const Clock& clock_;
  Logger& log_;
  const MoreRecords more_;
};

}  // namespace kavach::guard
