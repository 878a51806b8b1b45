#pragma once

// What tables of records have in common: rows with ascending ids, searched page by page from the newest, exported
// from the oldest, deleted when they are old. Worker threads.

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "audit/export_text.h"
#include "core/clock.h"
#include "core/result.h"
#include "store/database.h"

namespace kavach::audit {

/// A time range in the form in which it is bound; an absent end excludes nothing.
struct BoundTimes {
  BoundTimes(const std::optional<TimePoint>& first, const std::optional<TimePoint>& end);
  std::int64_t from;   ///< microseconds, inclusive
  std::int64_t until;  ///< exclusive
};

/// `page.rows` holds up to one row more than the page may: that one only shows that there is a next page, whose
/// cursor becomes the id of the last row before it.
template <class Page, class Id>
void end_page(Page& page, int rows_max, Id id_of) {
  if (page.rows.size() <= static_cast<std::size_t>(rows_max)) return;
  page.rows.pop_back();
  page.before = std::invoke(id_of, page.rows.back());
}

/// The rows that a piece of an export may hold.
struct ExportRange {
  std::int64_t after{0};  ///< exclusive
  std::int64_t last{0};   ///< inclusive: what was added after the export began has a higher id
  std::int64_t rows_max{0};
};

/// How far a piece got.
struct ExportProgress {
  std::int64_t rows{0};
  std::int64_t last_id{0};
  void add(std::int64_t id) {
    ++rows;
    last_id = id;
  }
};

/// Exports a table, some thousand rows a piece.
class TableExport final : public Export {
 public:
  using HighestId = Result<void> (*)(store::Reader& reader, std::int64_t& id);
  /// Appends the range's rows that are wanted, oldest first.
  using AppendRows =
      std::function<Result<ExportProgress>(store::Reader& reader, const ExportRange& range, std::string& piece)>;

  /// `heading` comes first, as it is. The database outlives it.
  TableExport(store::Database& database, std::string heading, HighestId highest_id, AppendRows append)
      : database_{database}, heading_{std::move(heading)}, highest_id_{highest_id}, append_{std::move(append)} {}

  Result<std::string> next() override;

 private:
  store::Database& database_;
  std::string heading_;
  const HighestId highest_id_;
  const AppendRows append_;
  bool begun_{false};
  std::int64_t after_{0};
  std::int64_t last_{0};
};

/// For rows that are read one by one: `select` reads a range, `append` writes a row and answers its id.
template <class Select, class Append>
TableExport::AppendRows row_by_row(Select select, Append append) {
  return [select = std::move(select), append = std::move(append)](
             store::Reader& reader, const ExportRange& range, std::string& piece) -> Result<ExportProgress> {
    ExportProgress progress;
    auto read = select(reader, range, [&](const store::Row& row) { progress.add(append(row, piece)); });
    if (!read) return pass_on(read);
    return progress;
  };
}

/// What one batch of a deletion came to.
struct Pruned {
  std::int64_t rows{0};
  bool is_last{true};
};
/// Deletes batch by batch until one says that it is the last, so that other writes pass between; the rows deleted.
[[nodiscard]] Result<std::int64_t> prune_in_batches(
    store::Database& database, const std::function<Result<Pruned>(store::Transaction&, std::int64_t rows_max)>& batch);

}  // namespace kavach::audit
