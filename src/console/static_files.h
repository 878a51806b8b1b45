#pragma once

// The console's pages and files. Every page of docs/console-api.md is a row of its own and answers the
// one HTML file; every asset is a row of its own under a name that changes with its content. Nothing
// else is served, so that a scanner's guesses stay 404 and count as what they are.

#include <span>
#include <string_view>

#include "console/embedded_file.h"
#include "guard/route.h"

namespace kavach::console {

/// Pages only a session may open; a signed-out browser is sent to the login with the way back.
[[nodiscard]] std::span<const std::string_view> session_pages();
/// Pages anybody may open.
[[nodiscard]] std::span<const std::string_view> public_pages();

/// `files` must outlive the routes (they are part of the binary).
[[nodiscard]] guard::Routes static_routes(std::span<const EmbeddedFile> files = embedded_files());

}  // namespace kavach::console
