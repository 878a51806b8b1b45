#include "identity/change_counters.h"

namespace kavach::identity {

Result<void> bump_counter(store::Transaction& transaction, std::string_view topic) {
  auto changed = transaction.execute(
      "INSERT INTO identity_changes (topic, counter) VALUES (?, 1) "
      "ON CONFLICT (topic) DO UPDATE SET counter = identity_changes.counter + 1",
      {topic});
  if (!changed) return pass_on(std::move(changed));
  return {};
}

Result<std::int64_t> read_counter(store::Reader& reader, std::string_view topic) {
  std::int64_t counter = 0;
  auto read = reader.query("SELECT counter FROM identity_changes WHERE topic = ?", {topic},
                           [&](const store::Row& row) { counter = row.integer(0); });
  if (!read) return pass_on(std::move(read));
  return counter;
}

Result<std::int64_t> current_counter(store::Database& database, std::string_view topic) {
  std::int64_t counter = 0;
  auto read = database.read([&](store::Reader& reader) -> Result<void> {
    auto found = read_counter(reader, topic);
    if (!found) return pass_on(std::move(found));
    counter = *found;
    return {};
  });
  if (!read) return pass_on(std::move(read));
  return counter;
}

}  // namespace kavach::identity
