#pragma once

// `secrets.env`: the generated master secrets with their earlier generations, changed whole or not at
// all. Used by the rotation and by the import; a start reads it through app/data_folder.h. Lines it
// does not know stay.

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "app/setting_table.h"
#include "core/result.h"
#include "core/secret.h"

namespace kavach::app {

class SecretsFile {
 public:
  [[nodiscard]] static Result<SecretsFile> load(const std::filesystem::path& data_folder);
  SecretsFile(SecretsFile&&) = default;
  SecretsFile& operator=(SecretsFile&&) = default;
  ~SecretsFile();

  [[nodiscard]] bool holds(Setting setting) const;
  [[nodiscard]] std::vector<Secret> older(Setting setting) const;  ///< newest first
  /// The present generation becomes the newest of the older ones.
  void renew(Setting setting, const Secret& fresh);
  /// Adds an earlier generation after the others; one that is there already stays where it is.
  void add_older(Setting setting, const Secret& generation);
  void forget_older(Setting setting);
  /// This one of them.
  void forget_older(Setting setting, const Secret& generation);
  /// Atomically and durably.
  [[nodiscard]] Result<void> save() const;

 private:
  SecretsFile() = default;
  std::filesystem::path path_;
  std::map<std::string, std::string> values_;
};

}  // namespace kavach::app
