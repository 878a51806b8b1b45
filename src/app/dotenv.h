#pragma once

// The dotenv subset that `kavach.env` uses: `NAME=value`, `export NAME=value`, `# comment`, single or
// double quotes around the whole value; no interpolation. A pure function over text.

#include <map>
#include <string>
#include <string_view>

#include "core/result.h"

namespace kavach::app {

/// A malformed line or a name given twice is an error that names the line.
[[nodiscard]] Result<std::map<std::string, std::string>> parse_dotenv(std::string_view text);

}  // namespace kavach::app
