#include <cstdio>

#include <chrono>
#include <thread>

#include "app/commands.h"
#include "app/console_output.h"
#include "app/key_report.h"
#include "app/rotation.h"
#include "store/folder_lock.h"

namespace kavach::app {
namespace {

constexpr std::chrono::milliseconds kLookEvery{250};
/// A gateway looks twice a second. One that has not begun by then does not rotate.
constexpr std::chrono::seconds kBeginsWithin{30};

void tell_done(bool resumed, std::int64_t resealed) {
  std::printf("%s; %lld stored secrets were encrypted again. Back up now: an older backup needs the secrets.env of its "
              "time\n",
              resumed ? "the interrupted rotation is finished" : "rotated", static_cast<long long>(resealed));
}

Result<RotationRecord> look(Foundation& base) {
  RotationRecord record;
  auto read = base.database->read([&](store::Reader& reader) -> Result<void> {
    auto latest = latest_rotation(reader);
    if (!latest) return pass_on(latest);
    if (*latest) record = std::move(**latest);
    return {};
  });
  if (!read) return pass_on(read);
  return record;
}

void tell_progress(const RotationRecord& now) {
  std::printf("encrypting again: %lld done, %lld to do\n", static_cast<long long>(now.resealed),
              static_cast<long long>(now.remaining));
  std::fflush(stdout);
}

// The gateway does the work, because what it holds in memory must follow. Nothing when it has gone away.
Result<std::optional<RotationReport>> watch_gateway(Foundation& base, const std::filesystem::path& data, bool resumed) {
  std::int64_t told = -1;
  const Monotonic asked = base.clock.monotonic();
  for (;;) {
    const auto now = look(base);
    if (!now) return pass_on(now);
    if (!now->open()) {
      if (!now->problem.empty()) return fail(ErrorCode::Conflict, now->problem);
      return RotationReport{resumed, now->resealed};
    }
    if (now->resealed != told) tell_progress(*now);
    told = now->resealed;
    if (store::FolderLock::take(data)) return std::nullopt;
    const bool begun = now->masters.empty() || base.clock.monotonic() - asked < kBeginsWithin || now->resealed > 0;
    if (!begun) return fail(ErrorCode::Unavailable, "The gateway has not answered; see its log for keys.not_rotated.");
    std::this_thread::sleep_for(kLookEvery);
  }
}

Result<std::optional<RotationReport>> rotate_beside_gateway(const std::filesystem::path& data,
                                                            const std::vector<crypto::Master>& masters) {
  auto base = lay_foundation(data, RunAs::Command);
  if (!base) return pass_on(base);
  const auto latest = look(**base);
  if (!latest) return pass_on(latest);
  const bool resumed = latest->id != 0 && latest->open();
  if (!resumed) {
    if (auto asked = request_rotation(**base, masters, command_actor()); !asked) return pass_on(asked);
    std::printf("the running gateway rotates\n");
  }
  return watch_gateway(**base, data, resumed);
}

}  // namespace

int command_keys_rotate(const std::filesystem::path& data, const RotateOptions& options) {
  const auto masters = *parse_masters(options.only);
  for (;;) {
    auto rotated = rotate_keys(data, masters);
    if (rotated) {
      tell_done(rotated->resumed, rotated->resealed);
      return kDone;
    }
    if (rotated.error().code != ErrorCode::StorageLocked) return report(rotated.error());
    auto watched = rotate_beside_gateway(data, masters);
    if (!watched) return report(watched.error());
    if (*watched) {
      tell_done((*watched)->resumed, (*watched)->resealed);
      return kDone;
    }
    std::printf("the gateway has stopped; going on without it\n");
  }
}

int command_keys_list(const std::filesystem::path& data) {
  return with_foundation(data, [](Foundation& base) -> Result<void> {
    const auto keys = report_keys(base);
    if (!keys) return pass_on(keys);
    std::vector<std::vector<std::string>> rows{{"SECRET", "ID", "SOURCE", "NEEDED BY"}};
    for (const auto& master : keys->masters) {
      rows.push_back({master.setting, master.current, master.source, "everything new"});
      for (const auto& older : master.older) rows.push_back({"", older.id, "older", older.needed_by});
    }
    print_table(rows);
    return {};
  });
}

}  // namespace kavach::app
