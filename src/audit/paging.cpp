#include "audit/paging.h"

#include <limits>
#include <utility>

#include "core/civil_time.h"

namespace kavach::audit {
namespace {

constexpr std::int64_t kRowsInAPiece = 1'000;
constexpr std::int64_t kRowsInABatch = 2'000;

}  // namespace

BoundTimes::BoundTimes(const std::optional<TimePoint>& first, const std::optional<TimePoint>& end)
    : from{first ? epoch_micros(*first) : std::numeric_limits<std::int64_t>::min()},
      until{end ? epoch_micros(*end) : std::numeric_limits<std::int64_t>::max()} {}

Result<std::string> TableExport::next() {
  std::string piece = std::exchange(heading_, {});
  auto read = database_.read([&](store::Reader& reader) -> Result<void> {
    if (!std::exchange(begun_, true)) {
      if (auto found = highest_id_(reader, last_); !found) return found;
    }
    if (after_ >= last_) return {};
    const auto progress = append_(reader, {after_, last_, kRowsInAPiece}, piece);
    if (!progress) return pass_on(progress);
    after_ = progress->rows < kRowsInAPiece ? last_ : progress->last_id;
    return {};
  });
  if (!read) return pass_on(read);
  return piece;
}

Result<std::int64_t> prune_in_batches(
    store::Database& database, const std::function<Result<Pruned>(store::Transaction&, std::int64_t rows_max)>& batch) {
  std::int64_t total = 0;
  for (bool more = true; more;) {
    auto done = database.write_and_wait([&](store::Transaction& transaction) -> Result<void> {
      const auto pruned = batch(transaction, kRowsInABatch);
      if (!pruned) return pass_on(pruned);
      total += pruned->rows;
      more = !pruned->is_last;
      return {};
    });
    if (!done) return pass_on(done);
  }
  return total;
}

}  // namespace kavach::audit
