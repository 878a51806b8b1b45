#pragma once

// Where log lines go: standard error, and files (log_files.h) in the data folder when LOG_TO_FILE is on.

#include <filesystem>

#include "app/settings.h"
#include "core/log.h"
#include "core/result.h"

namespace kavach::app {

/// The folder of the log files: LOG_DIR, inside the data folder unless absolute.
[[nodiscard]] std::filesystem::path log_folder(const Settings& settings);

/// A sink for `Logger`. The clock must outlive it. Fails when the folder cannot be written.
[[nodiscard]] Result<Logger::Sink> open_log_output(const Settings& settings, const Clock& clock);

[[nodiscard]] LogLevel log_level(const Settings& settings);
[[nodiscard]] Logger::Format log_format(const Settings& settings);

}  // namespace kavach::app
