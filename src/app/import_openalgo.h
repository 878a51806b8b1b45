#pragma once

// Takes over an OpenAlgo install: users with their passwords and second factors, API keys, mail and
// ban settings, bans. Everything is read, decrypted and checked first and then written in one
// transaction; running it again adds only what is missing. Blocking; no gateway may run, because it
// reads the peppers once.

#include <functional>
#include <string>
#include <vector>

#include "app/commands.h"
#include "core/result.h"

namespace kavach::app {

struct ImportReport {
  std::vector<std::string> taken;
  std::vector<std::string> not_taken;  ///< each with its reason
};

/// `progress` is told one line before each step. Never a secret in any line.
[[nodiscard]] Result<ImportReport> import_openalgo(const std::filesystem::path& data_folder,
                                                   const ImportOptions& options,
                                                   const std::function<void(const std::string&)>& progress);

}  // namespace kavach::app
