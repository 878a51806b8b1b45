#include "store/database_copy.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "store/sqlite_connection.h"

namespace kavach::store {
namespace {

Result<void> make_empty(const std::filesystem::path& file) {
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd >= 0) {
    ::close(fd);
    return {};
  }
  if (errno == EEXIST) {
    return fail(ErrorCode::Conflict, "The file for the copy exists already. Name another one.",
                file.string());
  }
  return fail(ErrorCode::StorageFailed, "The file for the copy cannot be made. Check its folder.",
              file.string() + ": " + std::strerror(errno));
}

Result<void> sync(const std::filesystem::path& file) {
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  const bool synced = fd >= 0 && ::fsync(fd) == 0;
  const int error = errno;
  if (fd >= 0) ::close(fd);
  if (synced) return {};
  return fail(ErrorCode::StorageFailed, "Writing the copy failed. Check the disk.",
              file.string() + ": " + std::strerror(error));
}

}  // namespace

Result<void> copy_database(const std::filesystem::path& from, const std::filesystem::path& to) {
  auto connection = SqliteConnection::open(from, {.writes = true});
  if (!connection) return pass_on(connection);
  if (auto made = make_empty(to); !made) return made;
  const std::string target = to.string();
  Result<void> copied;
  if (auto done = (*connection)->execute("VACUUM INTO ?", {std::string_view{target}}); !done) {
    copied = pass_on(done);
  } else {
    copied = sync(to);
  }
  if (!copied) {
    std::error_code ignored;
    std::filesystem::remove(to, ignored);
  }
  return copied;
}

}  // namespace kavach::store
