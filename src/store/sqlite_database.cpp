#include "store/sqlite_database.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace kavach::store {
namespace {

constexpr mode_t kFileMode = 0600;
constexpr mode_t kFolderMode = 0700;

std::unexpected<Error> system_error(int error, const std::string& during) {
  const std::string detail = during + ": " + std::strerror(error);
  switch (error) {
    case ENOSPC:
    case EDQUOT:
      return fail(ErrorCode::StorageFull,
                  "The disk that holds the data folder is full. Free some space and try again.",
                  detail);
    case EROFS:
    case EACCES:
    case EPERM:
      return fail(
          ErrorCode::StorageReadOnly,
          "The data folder is read-only. Make it writable for the user that runs the gateway.",
          detail);
    default:
      return fail(ErrorCode::StorageFailed, "The data folder cannot be used. Check its path.",
                  detail);
  }
}

Result<void> make_folder(const std::filesystem::path& folder) {
  std::error_code error;
  if (folder.empty() || std::filesystem::is_directory(folder, error)) return {};
  if (folder.has_parent_path()) {
    std::filesystem::create_directories(folder.parent_path(), error);
    if (error) return system_error(error.value(), "making " + folder.parent_path().string());
  }
  if (::mkdir(folder.c_str(), kFolderMode) != 0 && errno != EEXIST) {
    return system_error(errno, "making " + folder.string());
  }
  return {};
}

/// A new file must survive a power cut together with its name.
void sync_folder(const std::filesystem::path& folder) {
  const int fd = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  ::fsync(fd);
  ::close(fd);
}

/// SQLite gives its WAL the mode of the database, so the mode is decided here once.
Result<void> make_file(const std::filesystem::path& file, Logger& logger) {
  struct stat found{};
  if (::stat(file.c_str(), &found) == 0) {
    if (!S_ISREG(found.st_mode)) return system_error(EINVAL, file.string() + " is not a file");
    if ((found.st_mode & 077U) != 0) {
      if (::chmod(file.c_str(), kFileMode) != 0)
        return system_error(errno, "chmod " + file.string());
      logger.warning("store.mode_tightened", {{"file", file.string()}});
    }
    return {};
  }
  // Never opened where it exists: closing the descriptor would drop SQLite's locks in this process.
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, kFileMode);
  if (fd < 0) {
    if (errno == EEXIST) return {};
    return system_error(errno, "making " + file.string());
  }
  ::close(fd);
  sync_folder(file.parent_path());
  return {};
}

}  // namespace

Result<std::unique_ptr<Database>> SqliteDatabase::open(const std::filesystem::path& file,
                                                       Options options, Logger& logger) {
  if (auto made = make_folder(file.parent_path()); !made) return pass_on(made);
  if (auto made = make_file(file, logger); !made) return pass_on(made);
  SqliteConnection::Settings settings{.writes = true,
                                      .durable = options.durable,
                                      .cache_kib = options.writer_cache_kib,
                                      .wal_bytes_kept = options.wal_bytes_max,
                                      .busy_timeout = options.busy_timeout,
                                      .vfs = options.vfs};
  auto writing = SqliteConnection::open(file, settings);
  if (!writing) return pass_on(writing);
  settings.cache_kib = options.reader_cache_kib;
  auto checkpointing = SqliteConnection::open(file, settings);
  if (!checkpointing) return pass_on(checkpointing);
  return std::unique_ptr<Database>{
      new SqliteDatabase{file, options, logger, std::move(*writing), std::move(*checkpointing)}};
}

SqliteDatabase::SqliteDatabase(const std::filesystem::path& file, const Options& options,
                               Logger& logger, std::unique_ptr<SqliteConnection> writing,
                               std::unique_ptr<SqliteConnection> checkpointing)
    : health_{logger, options.on_failed},
      readers_{file,
               SqliteConnection::Settings{.writes = false,
                                          .durable = options.durable,
                                          .cache_kib = options.reader_cache_kib,
                                          .wal_bytes_kept = options.wal_bytes_max,
                                          .busy_timeout = options.busy_timeout,
                                          .vfs = options.vfs},
               options.read_connections, options.busy_timeout},
      checkpointer_{std::move(checkpointing), logger, health_},
      writer_{std::move(writing),
              SqliteWriter::Limits{.queue_max = options.queue_max,
                                   .batch_max = options.batch_max,
                                   .wal_bytes_max = options.wal_bytes_max},
              logger,
              health_,
              StoreMeters{options.metrics, options.clock},
              [this] { checkpointer_.wanted(); }} {}

}  // namespace kavach::store
