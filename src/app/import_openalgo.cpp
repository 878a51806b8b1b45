#include "app/import_openalgo.h"

#include <cstdlib>

#include "app/foundation.h"
#include "app/openalgo_plan.h"
#include "app/openalgo_source.h"
#include "app/secrets_file.h"
#include "store/folder_lock.h"

namespace kavach::app {
namespace {

// Before the rows that need it: a pepper too many harms nothing, one too few locks everybody out.
Result<void> keep_pepper(const std::filesystem::path& data_folder, const Secret& pepper) {
  auto secrets = SecretsFile::load(data_folder);
  if (!secrets) return pass_on(secrets);
  secrets->add_older(Setting::ApiKeyPepper, pepper);
  return secrets->save();
}

/// A data folder for a dry run where there is none: nothing may be left behind.
class PassingFolder {
 public:
  PassingFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "kavach-dry-run-XXXXXX").string();
    if (::mkdtemp(pattern.data()) != nullptr) path_ = pattern;
  }
  ~PassingFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  PassingFolder(const PassingFolder&) = delete;
  PassingFolder& operator=(const PassingFolder&) = delete;
  /// Empty when it could not be made.
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace

Result<ImportReport> import_openalgo(const std::filesystem::path& data_folder, const ImportOptions& options,
                                     const std::function<void(const std::string&)>& progress) {
  if (options.dry_run && !std::filesystem::exists(data_folder)) {
    const PassingFolder passing;
    if (passing.path().empty()) return fail(ErrorCode::StorageFailed, "A temporary folder cannot be made; set TMPDIR.");
    return import_openalgo(passing.path(), options, progress);
  }
  auto secrets = OpenAlgoSecrets::load(options.env);
  if (!secrets) return pass_on(secrets);
  auto base = lay_foundation(data_folder, RunAs::Command);
  if (!base) return pass_on(base);
  auto lock = store::FolderLock::take(data_folder);
  if (!lock) return pass_on(lock);
  progress("reading " + options.database);
  auto tables = read_openalgo(options.database, options.logs, data_folder);
  if (!tables) return pass_on(tables);
  if (tables->users.empty()) {
    return fail(ErrorCode::InvalidInput, options.database + " has no users; give the openalgo.db of the install.");
  }
  (*base)->settings.adopt_older(Setting::ApiKeyPepper, secrets->pepper().duplicate());
  auto ring = key_ring_of((*base)->settings);
  if (!ring) return pass_on(ring);
  auto plan = plan_import(**base, *tables, *secrets, *ring, progress);
  if (!plan) return pass_on(plan);
  if (options.dry_run) return std::move(plan->report);

  progress("writing");
  if (auto kept = keep_pepper(data_folder, secrets->pepper()); !kept) return pass_on(kept);
  auto written = (*base)->database->write_and_wait(
      [&](store::Transaction& transaction) { return carry_out(*plan, **base, *ring, transaction); });
  if (!written) return pass_on(written);
  return std::move(plan->report);
}

}  // namespace kavach::app
