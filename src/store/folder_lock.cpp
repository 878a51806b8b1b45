#include "store/folder_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>

namespace kavach::store {
namespace {

std::string holder_of(int descriptor) {
  std::array<char, 16> digits{};
  const ssize_t got = ::pread(descriptor, digits.data(), digits.size(), 0);
  const std::string_view text{digits.data(), got > 0 ? static_cast<std::size_t>(got) : 0U};
  return std::string{text.substr(0, text.find_first_not_of("0123456789"))};
}

}  // namespace

Result<FolderLock> FolderLock::take(const std::filesystem::path& folder) {
  const auto file = folder / "kavach.lock";
  FolderLock lock{::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
  if (lock.descriptor_ < 0) {
    const bool denied = errno == EACCES || errno == EROFS || errno == EPERM;
    return fail(denied ? ErrorCode::StorageReadOnly : ErrorCode::StorageFailed,
                "The data folder cannot be written. Check that it exists and belongs to this user.",
                file.string() + ": " + std::strerror(errno));
  }
  if (::flock(lock.descriptor_, LOCK_EX | LOCK_NB) != 0) {
    const std::string holder = holder_of(lock.descriptor_);
    return fail(ErrorCode::StorageLocked,
                "Another gateway" + (holder.empty() ? "" : " (process " + holder + ")") +
                    " already serves this data folder. Stop it, or use another folder.",
                file.string());
  }
  const std::string self = std::to_string(::getpid()) + "\n";
  // The number only serves the message above; the lock itself is the kernel's.
  if (::ftruncate(lock.descriptor_, 0) == 0) {
    static_cast<void>(::pwrite(lock.descriptor_, self.data(), self.size(), 0));
  }
  return lock;
}

FolderLock::~FolderLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace kavach::store
