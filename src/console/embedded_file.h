#pragma once

// The console's built files as they lie in the binary. cmake/web.cmake builds them and generates the
// definition of `embedded_files`.

#include <span>
#include <string_view>

namespace kavach::console {

struct EmbeddedFile {
  std::string_view name;     ///< `index.html`, `app-1b2c….js`
  std::string_view content;
  std::string_view gzip;     ///< the same, compressed
  std::string_view digest;   ///< SHA-256 of the content, 16 hex characters of it
};

[[nodiscard]] std::span<const EmbeddedFile> embedded_files();

}  // namespace kavach::console
