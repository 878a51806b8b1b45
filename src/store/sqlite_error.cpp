#include "store/sqlite_error.h"

#include <cerrno>
#include <string>

namespace kavach::store {
namespace {

struct Meaning {
  ErrorCode code;
  const char* message;
};

constexpr Meaning kFull{
    ErrorCode::StorageFull,
    "The disk that holds the data folder is full. Free some space and try again."};
constexpr Meaning kReadOnly{
    ErrorCode::StorageReadOnly,
    "The data folder is read-only. Make it writable for the user that runs the gateway."};
constexpr Meaning kLocked{
    ErrorCode::StorageLocked,
    "Another process holds the database. Wait until it has finished, or stop it."};
constexpr Meaning kCorrupt{ErrorCode::StorageCorrupt,
                           "The database is damaged. Stop the gateway and restore a backup."};
constexpr Meaning kForeign{ErrorCode::StorageCorrupt,
                           "The database file is not a database of this gateway."};
constexpr Meaning kCannotOpen{
    ErrorCode::StorageFailed,
    "The database cannot be opened. Check that the data folder exists and belongs to this user."};
constexpr Meaning kFailed{ErrorCode::StorageFailed,
                          "Reading or writing the database failed. Check the disk."};
constexpr Meaning kConflict{ErrorCode::Conflict, "This contradicts what is already recorded."};
constexpr Meaning kTooBig{ErrorCode::InvalidInput, "The value is too large to be stored."};
constexpr Meaning kBug{ErrorCode::Internal, "The request could not be processed."};

/// The operating system's reason behind an I/O error or a failed open, where it says more.
Meaning by_errno(int system_error, Meaning otherwise) {
  switch (system_error) {
    case ENOSPC:
    case EDQUOT: return kFull;
    case EROFS:
    case EACCES:
    case EPERM: return kReadOnly;
    default: return otherwise;
  }
}

/// What the last failed call on the database's file or on its WAL met; 0 when they did not fail. SQLite itself
/// remembers it for a connection, but not where a commit fails.
int file_errno(sqlite3* connection) {
  int found = 0;
  for (const int which : {SQLITE_FCNTL_JOURNAL_POINTER, SQLITE_FCNTL_FILE_POINTER}) {
    sqlite3_file* file = nullptr;
    sqlite3_file_control(connection, "main", which, static_cast<void*>(&file));
    if (file == nullptr || file->pMethods == nullptr) continue;
    int met = 0;
    file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &met);
    const bool is_worse = met != 0 && by_errno(met, kFailed).code != ErrorCode::StorageReadOnly;
    if (found == 0 || is_worse) found = met;
  }
  return found;
}

int errno_behind(sqlite3* connection, int extended) {
  if (connection == nullptr) return 0;
  const int met = (extended & 0xff) == SQLITE_IOERR ? file_errno(connection) : 0;
  return met != 0 ? met : sqlite3_system_errno(connection);
}

Meaning meaning_of(int extended, int system_error) {
  switch (extended & 0xff) {
    case SQLITE_FULL: return kFull;
    case SQLITE_READONLY:
    case SQLITE_PERM: return kReadOnly;
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return kLocked;
    case SQLITE_CORRUPT: return kCorrupt;
    case SQLITE_NOTADB: return kForeign;
    case SQLITE_CANTOPEN: return by_errno(system_error, kCannotOpen);
    case SQLITE_IOERR: return by_errno(system_error, kFailed);
    case SQLITE_NOMEM: return kFailed;
    case SQLITE_CONSTRAINT: return kConflict;
    case SQLITE_TOOBIG: return kTooBig;
    default: return kBug;
  }
}

}  // namespace

Error sqlite_error(sqlite3* connection, int extended, std::string_view during) {
  const int system_error = errno_behind(connection, extended);
  const Meaning meaning = meaning_of(extended, system_error);
  const char* said = connection == nullptr ? sqlite3_errstr(extended) : sqlite3_errmsg(connection);
  return Error{meaning.code, meaning.message,
               "sqlite " + std::to_string(extended) + " (errno " + std::to_string(system_error) +
                   "): " + said + "; during: " + std::string{during}};
}

bool leaves_disk_unknown(sqlite3* connection, int extended) {
  switch (extended & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return true;
    case SQLITE_IOERR:
      switch (extended) {
        // These concern locks, memory or shared memory, and nothing has reached the file.
        case SQLITE_IOERR_NOMEM:
        case SQLITE_IOERR_LOCK:
        case SQLITE_IOERR_UNLOCK:
        case SQLITE_IOERR_RDLOCK:
        case SQLITE_IOERR_BLOCKED:
        case SQLITE_IOERR_SHMOPEN:
        case SQLITE_IOERR_SHMSIZE:
        case SQLITE_IOERR_SHMLOCK:
        case SQLITE_IOERR_SHMMAP: return false;
        // A file system that became read-only took nothing; what it had taken before it still has.
        case SQLITE_IOERR_WRITE:
        case SQLITE_IOERR_TRUNCATE:
          return by_errno(errno_behind(connection, extended), kFailed).code != ErrorCode::StorageReadOnly;
        default: return true;
      }
    default: return false;
  }
}

}  // namespace kavach::store
