#include "guard/change_counter.h"

namespace kavach::guard {
namespace {

std::string_view text_of(ChangeTopic topic) {
  return topic == ChangeTopic::AllowList ? "allow_list" : "settings";
}

}  // namespace

Result<void> bump_version(store::Transaction& transaction, ChangeTopic topic) {
  auto bumped =
      transaction.execute("UPDATE guard_versions SET version = version + 1 WHERE topic = ?", {text_of(topic)});
  if (!bumped) return pass_on(std::move(bumped));
  return {};
}

Result<std::int64_t> read_version(store::Reader& reader, ChangeTopic topic) {
  std::int64_t version = 0;
  auto read = reader.query("SELECT version FROM guard_versions WHERE topic = ?", {text_of(topic)},
                           [&](const store::Row& row) { version = row.integer(0); });
  if (!read) return pass_on(std::move(read));
  return version;
}

}  // namespace kavach::guard
