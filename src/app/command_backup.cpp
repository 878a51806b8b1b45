#include <cstdio>

#include "app/backup_folder.h"
#include "app/commands.h"
#include "app/console_output.h"

namespace kavach::app {

int command_backup(const std::filesystem::path& data, const std::string& file) {
  return with_foundation(data, [&](Foundation& base) -> Result<void> {
    if (auto made = make_backup(base, file, command_actor()); !made) return made;
    std::printf("backed up to %s; keep secrets.env apart from it, both are needed to restore\n", file.c_str());
    return {};
  });
}

int command_restore(const std::filesystem::path& data, const std::string& file) {
  const auto restored = restore_backup(data, file);
  if (!restored) return report(restored.error());
  std::printf("restored; the former database is kept as kavach.db.before-restore. All sessions have ended. Keys, users "
              "and bans are as they were then: revoke again what was revoked since\n");
  if (restored->unreadable_values > 0 || restored->unusable_hashes > 0) {
    std::printf("%zu encrypted values and %zu passwords or keys were made under secrets that are not here: add those of the "
                "backup's time to secrets.env as FERNET_SALT_OLDER and API_KEY_PEPPER_OLDER, or set them anew\n",
                restored->unreadable_values, restored->unusable_hashes);
  }
  return kDone;
}

}  // namespace kavach::app
