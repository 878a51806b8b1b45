#include "app/backup_folder.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>

#include "app/backup_file.h"
#include "app/data_folder.h"
#include "app/private_file.h"
#include "app/schemas.h"
#include "core/civil_time.h"
#include "core/text.h"
#include "identity/pepper_uses.h"
#include "identity/resealing.h"
#include "store/database_copy.h"
#include "store/folder_lock.h"
#include "store/sqlite_connection.h"
#include "store/sqlite_database.h"

namespace kavach::app {
namespace {

constexpr std::string_view kSuffix = ".kavach-backup";

/// A file of the data folder that lives only while it is worked on, whatever a crash left of it before.
class Scratch {
 public:
  explicit Scratch(std::filesystem::path path) : path_{std::move(path)} { remove(); }
  ~Scratch() { remove(); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  void remove() const {
    std::error_code ignored;
    for (const char* tail : {"", "-wal", "-shm"}) std::filesystem::remove(path_.string() + tail, ignored);
  }
  std::filesystem::path path_;
};

// Opening it also refuses a file of another program, which has another application id.
Result<void> check_database(const std::filesystem::path& file) {
  auto connection = store::SqliteConnection::open(file, {.writes = true});
  if (!connection) return pass_on(connection);
  std::string verdict;
  auto checked = (*connection)->query("PRAGMA integrity_check(1)", {}, [&](const store::Row& row) {
    verdict = row.text(0);
  });
  if (!checked) return checked;
  if (verdict == "ok") return {};
  return fail(ErrorCode::StorageCorrupt, "The database in this backup is damaged; use another backup.", verdict);
}

// Who was signed in when the backup was made is not signed in now.
Result<void> end_sessions(store::Database& database) {
  return database.write_and_wait([](store::Transaction& transaction) -> Result<void> {
    if (auto ended = transaction.execute("DELETE FROM sessions", {}); !ended) return pass_on(ended);
    if (auto ended = transaction.execute("DELETE FROM one_time_tokens", {}); !ended) return pass_on(ended);
    return {};
  });
}

// Brings an earlier version's database up to date, and refuses a later version's, before it takes the place
// of the present one. What that writes must not stay in a log beside the file: the file alone is renamed.
Result<void> bring_up_to_date(const std::filesystem::path& file) {
  {
    auto database = store::SqliteDatabase::open(file, {}, Logger::silent());
    if (!database) return pass_on(database);
    if (auto migrated = store::migrate(**database, all_schemas()); !migrated) return migrated;
    if (auto ended = end_sessions(**database); !ended) return ended;
  }
  auto connection = store::SqliteConnection::open(file, {.writes = true});
  if (!connection) return pass_on(connection);
  auto complete = (*connection)->checkpoint();
  if (!complete) return pass_on(complete);
  if (!*complete) return fail(ErrorCode::StorageFailed, "The restored database is in use by another program; close it.");
  return {};
}

// The old database keeps its name until the new one takes it, in one rename. What its write-ahead log
// holds is brought into it first; a log beside the new database would be read as the new one's.
Result<void> set_aside(const std::filesystem::path& file) {
  if (!std::filesystem::exists(file)) return {};
  if (auto old = store::SqliteConnection::open(file, {.writes = true}); old) (void)(*old)->checkpoint();
  const std::string aside = file.string() + ".before-restore";
  std::error_code ignored;
  for (const char* tail : {"", "-wal", "-shm"}) std::filesystem::remove(aside + tail, ignored);
  if (::link(file.c_str(), aside.c_str()) != 0) {
    return fail(ErrorCode::StorageFailed, "The present database cannot be kept aside as " + aside + ": " +
                                              std::strerror(errno) + ".");
  }
  // Left only of a database that cannot be opened any more.
  for (const char* tail : {"-wal", "-shm"}) {
    if (std::filesystem::exists(file.string() + tail)) std::filesystem::rename(file.string() + tail, aside + tail, ignored);
  }
  return {};
}

Result<void> put_in_place(const std::filesystem::path& restored, const std::filesystem::path& file) {
  if (auto kept = set_aside(file); !kept) return kept;
  if (::rename(restored.c_str(), file.c_str()) != 0) {
    return fail(ErrorCode::StorageFailed, "The restored database cannot be put in place: " +
                                              std::string{std::strerror(errno)} + ".");
  }
  return sync_folder(file.parent_path());
}

Result<void> note_restored(Foundation& base) {
  audit::AuditLog& audit = *base.audit;
  return base.database->write_and_wait([&audit](store::Transaction& transaction) -> Result<void> {
    return audit.append(transaction, identity::Actor{"cli", "", ""}.event("backup.restored"));
  });
}

// A backup from before a rotation may need secrets that were forgotten since.
Result<RestoreReport> report_on(Foundation& base) {
  RestoreReport report;
  const auto unreadable = identity::count_unreadable(*base.database, *base.cipher);
  if (!unreadable) return pass_on(unreadable);
  report.unreadable_values = *unreadable;
  const auto peppers = identity::pepper_uses(*base.database);
  if (!peppers) return pass_on(peppers);
  for (const auto& [id, uses] : *peppers) {
    if (!base.ring->pepper(id)) report.unusable_hashes += uses.passwords + uses.api_keys;
  }
  return report;
}

std::string name_at(TimePoint now) {
  std::string name = "kavach-" + utc_text(now).substr(0, 23);  // to the millisecond
  std::ranges::replace_if(name, [](char c) { return c == ':' || c == '.'; }, '-');
  return to_lower(name) + std::string{kSuffix};
}

}  // namespace

Result<void> make_backup(Foundation& base, const std::filesystem::path& target, const identity::Actor& actor) {
  if (std::filesystem::exists(target)) {
    return fail(ErrorCode::Conflict, target.string() + " exists already; name another file.");
  }
  auto file = database_file(base.settings);
  if (!file) return pass_on(file);
  const Scratch copy{base.settings.data_folder() / ("backup-" + base.random.hex(8) + ".partial")};
  if (auto copied = store::copy_database(*file, copy.path()); !copied) return copied;
  if (auto sealed = seal_backup(*base.ring, base.random, copy.path(), target); !sealed) return sealed;
  return base.database->write_and_wait([&](store::Transaction& transaction) {
    return base.audit->append(transaction, actor.event("backup.created", {{"file", target.filename().string()}}));
  });
}

Result<RestoreReport> restore_backup(const std::filesystem::path& data_folder, const std::filesystem::path& sealed) {
  if (auto prepared = prepare_data_folder(data_folder); !prepared) return pass_on(prepared);
  auto lock = store::FolderLock::take(data_folder);
  if (!lock) return pass_on(lock);
  auto settings = Settings::load(data_folder, process_environment());
  if (!settings) return pass_on(settings);
  if (auto adopted = adopt_secrets(*settings, SecureRandom{}); !adopted) return pass_on(adopted);
  auto ring = key_ring_of(*settings);
  if (!ring) return pass_on(ring);
  auto file = database_file(*settings);
  if (!file) return pass_on(file);

  // Beside the database, so that the rename stays within one file system.
  const Scratch restored{file->string() + ".restoring"};
  if (auto opened = open_backup(*ring, sealed, restored.path()); !opened) return pass_on(opened);
  if (auto sound = check_database(restored.path()); !sound) return pass_on(sound);
  if (auto current = bring_up_to_date(restored.path()); !current) return pass_on(current);
  if (auto placed = put_in_place(restored.path(), *file); !placed) return pass_on(placed);
  auto base = lay_foundation(data_folder, RunAs::Command);
  if (!base) return pass_on(base);
  if (auto noted = note_restored(**base); !noted) return pass_on(noted);
  return report_on(**base);
}

BackupFolder::BackupFolder(Foundation& base) : base_{base}, folder_{base.settings.data_folder() / "backups"} {}

Result<std::vector<console::BackupView>> BackupFolder::list() {
  std::vector<console::BackupView> found;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator{folder_, error}) {
    struct stat info {};
    if (!entry.path().string().ends_with(kSuffix) || ::lstat(entry.path().c_str(), &info) != 0) continue;
    if (!S_ISREG(info.st_mode)) continue;
    found.push_back({entry.path().filename().string(), TimePoint{std::chrono::seconds{info.st_mtim.tv_sec}},
                     static_cast<std::int64_t>(info.st_size)});
  }
  // The name begins with the time.
  std::ranges::sort(found, std::ranges::greater{}, &console::BackupView::name);
  return found;
}

Result<console::BackupView> BackupFolder::create(const identity::Actor& actor) {
  const std::lock_guard lock{making_};
  if (::mkdir(folder_.c_str(), 0700) != 0 && errno != EEXIST) {
    return fail(ErrorCode::StorageFailed, "The folder for backups cannot be made. Check the data folder.",
                std::strerror(errno));
  }
  const std::string name = name_at(base_.clock.now());
  if (auto made = make_backup(base_, folder_ / name, actor); !made) return pass_on(made);
  auto all = list();
  if (!all) return pass_on(all);
  std::error_code ignored;
  for (std::size_t i = kKept; i < all->size(); ++i) std::filesystem::remove(folder_ / (*all)[i].name, ignored);
  const auto mine = std::ranges::find(*all, name, &console::BackupView::name);
  if (mine == all->end()) return fail(ErrorCode::StorageFailed, "The backup is gone again. Check the data folder.");
  return *mine;
}

Result<std::string> BackupFolder::read(const std::string& name) {
  const auto all = list();
  if (!all) return pass_on(all);
  const auto wanted = std::ranges::find(*all, name, &console::BackupView::name);
  if (wanted == all->end()) return fail(ErrorCode::NotFound, "There is no such backup.");
  if (static_cast<std::uintmax_t>(wanted->bytes) > kDownloadBytesMax) {
    return fail(ErrorCode::Conflict, "This backup is too large to download; copy it from the data folder's backups.");
  }
  std::ifstream file{folder_ / name, std::ios::binary};
  std::string content{std::istreambuf_iterator<char>{file}, {}};
  if (!file || static_cast<std::int64_t>(content.size()) != wanted->bytes) {
    return fail(ErrorCode::StorageFailed, "The backup cannot be read. Check the disk.", name);
  }
  return content;
}

}  // namespace kavach::app
