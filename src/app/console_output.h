#pragma once

// How commands talk: results on standard output, one line on standard error when they fail.

#include <filesystem>
#include <functional>

#include "app/foundation.h"
#include "core/result.h"
#include "core/secret.h"
#include "identity/actor.h"

namespace kavach::app {

/// Prints `kavach: MESSAGE` and answers kFailed.
int report(const Error& error);

/// Lays the foundation and runs `work` on it; reports either's failure.
int with_foundation(const std::filesystem::path& data, const std::function<Result<void>(Foundation&)>& work);

/// The first line of standard input, without its newline; at most 4 KiB.
[[nodiscard]] Result<Secret> read_password();

/// On whose behalf commands change things: whoever has a shell on this machine.
[[nodiscard]] identity::Actor command_actor();

/// Printed in columns: two blanks after the widest cell of each.
void print_table(const std::vector<std::vector<std::string>>& rows);

}  // namespace kavach::app
