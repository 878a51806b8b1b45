#include "app/private_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace kavach::app {
namespace {

std::unexpected<Error> refuse(const std::filesystem::path& path, const char* what) {
  return fail(ErrorCode::StorageFailed, path.string() + " " + what, std::strerror(errno));
}

}  // namespace

Result<void> replace_private_file(const std::filesystem::path& path, std::string_view text) {
  const std::filesystem::path partial = path.string() + ".new";
  const int file = ::open(partial.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0) return refuse(partial, "cannot be created; check the folder's owner and free space.");
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t wrote = ::write(file, text.data() + done, text.size() - done);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) break;
    done += static_cast<std::size_t>(wrote);
  }
  const bool complete = done == text.size() && ::fsync(file) == 0;
  ::close(file);
  if (!complete || ::rename(partial.c_str(), path.c_str()) != 0) {
    return refuse(path, "cannot be written; check free space.");
  }
  return sync_folder(path.parent_path());
}

Result<void> sync_folder(const std::filesystem::path& folder) {
  const std::filesystem::path named = folder.empty() ? "." : folder;
  const int descriptor = ::open(named.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = descriptor >= 0 && ::fsync(descriptor) == 0;
  if (descriptor >= 0) ::close(descriptor);
  if (!synced) return refuse(named, "cannot be written durably; check the disk.");
  return {};
}

}  // namespace kavach::app
