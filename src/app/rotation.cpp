#include "app/rotation.h"

#include <array>
#include <utility>
#include <vector>

#include "app/secrets_file.h"
#include "identity/actor.h"
#include "identity/resealing.h"
#include "store/folder_lock.h"

namespace kavach::app {
namespace {

constexpr std::size_t kSecretBytes = 32;
constexpr std::array<std::pair<std::string_view, Setting>, 3> kMasters{
    {{"app", Setting::AppKey}, {"pepper", Setting::ApiKeyPepper}, {"field", Setting::FernetSalt}}};

std::vector<Setting> wanted(const std::string& only) {
  std::vector<Setting> settings;
  for (const auto& [name, setting] : kMasters) {
    if (only.empty() || only == name) settings.push_back(setting);
  }
  return settings;
}

// A secret from elsewhere wins over the file, so a new one in the file would never be used.
Result<void> check_origin(const Settings& settings, const std::vector<Setting>& masters) {
  for (const Setting setting : masters) {
    if (settings.origin(setting) == SettingOrigin::Generated) continue;
    const std::string name{row_of(setting).name};
    return fail(ErrorCode::Conflict, name + " does not come from secrets.env; change it where it is set, keep the former "
                                            "value there as " + name + "_OLDER in secrets.env, and rotate the others with --only.");
  }
  return {};
}

Result<void> begin(Foundation& base, SecretsFile& secrets, const std::vector<Setting>& masters) {
  if (auto ours = check_origin(base.settings, masters); !ours) return ours;
  for (const Setting setting : masters) {
    secrets.renew(setting, Secret::take(base.random.hex(kSecretBytes)));
  }
  return secrets.save();
}

Result<void> record(Foundation& base, const RotationReport& report, const std::string& only) {
  return base.database->write_and_wait([&](store::Transaction& transaction) {
    return base.audit->append(transaction, identity::Actor{"cli", "", ""}.event(
                                               "keys.rotated", {{"which", only.empty() ? std::string{"all"} : only},
                                                                {"resumed", report.resumed},
                                                                {"resealed", report.resealed}}));
  });
}

}  // namespace

Result<RotationReport> rotate_keys(const std::filesystem::path& data_folder, const std::string& only) {
  auto base = lay_foundation(data_folder, RunAs::Command);
  if (!base) return pass_on(base);
  auto lock = store::FolderLock::take(data_folder);
  if (!lock) return pass_on(lock);
  auto secrets = SecretsFile::load(data_folder);
  if (!secrets) return pass_on(secrets);
  RotationReport report;
  report.resumed = !secrets->older(Setting::FernetSalt).empty();
  if (!report.resumed) {
    if (auto begun = begin(**base, *secrets, wanted(only)); !begun) return pass_on(begun);
  }

  // The new generation comes from the file, as at any start.
  base->reset();
  base = lay_foundation(data_folder, RunAs::Command);
  if (!base) return pass_on(base);
  auto resealed = identity::reseal_fields(*(*base)->database, *(*base)->cipher);
  if (!resealed) return pass_on(resealed);
  report.resealed = static_cast<std::int64_t>(*resealed);
  if (auto recorded = record(**base, report, only); !recorded) return pass_on(recorded);
  secrets->forget_older(Setting::FernetSalt);
  if (auto saved = secrets->save(); !saved) return pass_on(saved);
  return report;
}

}  // namespace kavach::app
