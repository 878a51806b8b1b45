#include "support/faulty_disk.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <new>

namespace kavach::test {
namespace {

/// SQLite allocates szOsFile bytes for a file; ours come first, the real one's follow.
struct File {
  sqlite3_file base;
  FaultyDisk* disk;
  std::string* path;

  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

File& file_of(sqlite3_file* file) { return *reinterpret_cast<File*>(file); }
sqlite3_file* real_of(sqlite3_file* file) { return file_of(file).real(); }

int close_file(sqlite3_file* file) {
  const int code = real_of(file)->pMethods->xClose(real_of(file));
  delete file_of(file).path;
  return code;
}
int read_file(sqlite3_file* file, void* out, int bytes, sqlite3_int64 offset) {
  return real_of(file)->pMethods->xRead(real_of(file), out, bytes, offset);
}
int write_file(sqlite3_file* file, const void* data, int bytes, sqlite3_int64 offset) {
  File& self = file_of(file);
  if (const int code = self.disk->next(FaultyDisk::Operation::Write); code != SQLITE_OK)
    return code;
  self.disk->remember(self.real(), *self.path, offset, bytes);
  return self.real()->pMethods->xWrite(self.real(), data, bytes, offset);
}
int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  File& self = file_of(file);
  if (const int code = self.disk->next(FaultyDisk::Operation::Write); code != SQLITE_OK)
    return code;
  sqlite3_int64 now = 0;
  self.real()->pMethods->xFileSize(self.real(), &now);
  if (now > size) self.disk->remember(self.real(), *self.path, size, now - size);
  return self.real()->pMethods->xTruncate(self.real(), size);
}
int sync_file(sqlite3_file* file, int /*flags*/) {
  File& self = file_of(file);
  if (const int code = self.disk->next(FaultyDisk::Operation::Sync); code != SQLITE_OK) return code;
  self.disk->forget(*self.path);
  return SQLITE_OK;  // the page cache is durable enough for a power loss that is only played
}
int file_size(sqlite3_file* file, sqlite3_int64* size) {
  return real_of(file)->pMethods->xFileSize(real_of(file), size);
}
int lock_file(sqlite3_file* file, int level) {
  return real_of(file)->pMethods->xLock(real_of(file), level);
}
int unlock_file(sqlite3_file* file, int level) {
  return real_of(file)->pMethods->xUnlock(real_of(file), level);
}
int check_lock(sqlite3_file* file, int* result) {
  return real_of(file)->pMethods->xCheckReservedLock(real_of(file), result);
}
int control(sqlite3_file* file, int operation, void* argument) {
  if (operation == SQLITE_FCNTL_LAST_ERRNO) {
    *static_cast<int*>(argument) = file_of(file).disk->last_errno();
    return SQLITE_OK;
  }
  return real_of(file)->pMethods->xFileControl(real_of(file), operation, argument);
}
int sector_size(sqlite3_file* file) { return real_of(file)->pMethods->xSectorSize(real_of(file)); }
int characteristics(sqlite3_file* file) {
  return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}
int shm_map(sqlite3_file* file, int region, int bytes, int extend, void volatile** out) {
  return real_of(file)->pMethods->xShmMap(real_of(file), region, bytes, extend, out);
}
int shm_lock(sqlite3_file* file, int offset, int count, int flags) {
  return real_of(file)->pMethods->xShmLock(real_of(file), offset, count, flags);
}
void shm_barrier(sqlite3_file* file) { real_of(file)->pMethods->xShmBarrier(real_of(file)); }
int shm_unmap(sqlite3_file* file, int remove) {
  const bool keep = file_of(file).disk->is_dead();
  return real_of(file)->pMethods->xShmUnmap(real_of(file), keep ? 0 : remove);
}

constexpr sqlite3_io_methods kMethods{
    2,         close_file,  read_file,  write_file, truncate_file, sync_file,       file_size,
    lock_file, unlock_file, check_lock, control,    sector_size,   characteristics, shm_map,
    shm_lock,  shm_barrier, shm_unmap,  nullptr,    nullptr};

FaultyDisk& disk_of(sqlite3_vfs* vfs) { return *static_cast<FaultyDisk*>(vfs->pAppData); }

int open_file(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out_flags) {
  FaultyDisk& disk = disk_of(vfs);
  File* self = ::new (file) File{{nullptr}, &disk, nullptr};
  const int code = disk.real()->xOpen(disk.real(), path, self->real(), flags, out_flags);
  if (code != SQLITE_OK) return code;
  self->path = new std::string{path == nullptr ? "" : path};
  self->base.pMethods = &kMethods;
  return SQLITE_OK;
}
int delete_file(sqlite3_vfs* vfs, const char* path, int sync) {
  FaultyDisk& disk = disk_of(vfs);
  if (disk.is_dead()) return SQLITE_IOERR_DELETE;
  disk.forget(path);
  return disk.real()->xDelete(disk.real(), path, sync);
}

}  // namespace

FaultyDisk::FaultyDisk() : real_{sqlite3_vfs_find(nullptr)} {
  static std::atomic<int> number{0};
  name_ = "faulty-" + std::to_string(++number);
  vfs_ = *real_;  // what is not replaced below needs no file of ours
  vfs_.szOsFile = static_cast<int>(sizeof(File)) + real_->szOsFile;
  vfs_.pNext = nullptr;
  vfs_.zName = name_.c_str();
  vfs_.pAppData = this;
  vfs_.xOpen = open_file;
  vfs_.xDelete = delete_file;
  vfs_.xAccess = [](sqlite3_vfs* vfs, const char* path, int flags, int* out) {
    return disk_of(vfs).real()->xAccess(disk_of(vfs).real(), path, flags, out);
  };
  vfs_.xFullPathname = [](sqlite3_vfs* vfs, const char* path, int bytes, char* out) {
    return disk_of(vfs).real()->xFullPathname(disk_of(vfs).real(), path, bytes, out);
  };
  sqlite3_vfs_register(&vfs_, 0);
}

FaultyDisk::~FaultyDisk() { sqlite3_vfs_unregister(&vfs_); }

void FaultyDisk::arm(DiskFault fault, int nth) {
  const std::lock_guard lock{mutex_};
  armed_ = true;
  struck_ = false;
  fault_ = fault;
  countdown_ = nth;
}

bool FaultyDisk::struck() const {
  const std::lock_guard lock{mutex_};
  return struck_;
}

bool FaultyDisk::is_dead() const {
  const std::lock_guard lock{mutex_};
  return armed_ && struck_ && fault_ == DiskFault::PowerLoss;
}

void FaultyDisk::mend() {
  const std::lock_guard lock{mutex_};
  armed_ = false;
}

int FaultyDisk::next(Operation operation) {
  const std::lock_guard lock{mutex_};
  if (!armed_) return SQLITE_OK;
  const bool refuses = fault_ == DiskFault::Full || fault_ == DiskFault::ReadOnly;
  const bool lasting = refuses || fault_ == DiskFault::PowerLoss;
  if (struck_ && !lasting) return SQLITE_OK;
  if (!struck_) {
    if (fault_ == DiskFault::SyncFails && operation != Operation::Sync) return SQLITE_OK;
    if (--countdown_ > 0) return SQLITE_OK;
    struck_ = true;
  }
  // What a full or read-only disk has taken can still be synced.
  if (refuses && operation == Operation::Sync) return SQLITE_OK;
  if (fault_ == DiskFault::Full) return SQLITE_FULL;
  if (fault_ == DiskFault::ReadOnly) last_errno_ = EROFS;
  return operation == Operation::Write ? SQLITE_IOERR_WRITE : SQLITE_IOERR_FSYNC;
}

void FaultyDisk::remember(sqlite3_file* real, const std::string& path, std::int64_t offset,
                          std::int64_t bytes) {
  Change change{offset, bytes, std::string(static_cast<std::size_t>(bytes), '\0'), 0};
  sqlite3_int64 size = 0;
  real->pMethods->xFileSize(real, &size);
  change.size_before = size;
  // A short read leaves zeros behind the end of the file, which is what is there.
  real->pMethods->xRead(real, change.before.data(), static_cast<int>(bytes), offset);
  const std::lock_guard lock{mutex_};
  unsynced_[path].push_back(std::move(change));
}

void FaultyDisk::forget(const std::string& path) {
  const std::lock_guard lock{mutex_};
  unsynced_.erase(path);
}

void FaultyDisk::undo(const std::string& path, const Change& change) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (fd < 0) return;
  struct stat now{};
  ::fstat(fd, &now);
  const bool was_at_the_end = change.offset + change.bytes >= now.st_size;
  if (::pwrite(fd, change.before.data(), change.before.size(), change.offset) < 0 ||
      (was_at_the_end && ::ftruncate(fd, change.size_before) < 0)) {
    std::abort();  // the test's own folder must be writable
  }
  ::close(fd);
}

void FaultyDisk::restart(SeededRandom& random) {
  const std::lock_guard lock{mutex_};
  const std::uint64_t share_lost = random.below(101);
  for (auto& [path, changes] : unsynced_) {
    for (auto change = changes.rbegin(); change != changes.rend(); ++change) {
      if (random.below(100) < share_lost) undo(path, *change);
    }
    if (path.ends_with("-wal")) {
      ::unlink((path.substr(0, path.size() - 4) + "-shm").c_str());
    }
  }
  unsynced_.clear();
  armed_ = false;
}

}  // namespace kavach::test
