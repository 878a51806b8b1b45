#include "app/log_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "core/civil_time.h"

namespace kavach::app {
namespace {

std::chrono::sys_days day_of(TimePoint at) { return std::chrono::floor<std::chrono::days>(at); }

TimePoint last_written(const struct stat& file) {
  return TimePoint{std::chrono::seconds{file.st_mtim.tv_sec}};
}

}  // namespace

Result<std::unique_ptr<LogFiles>> LogFiles::open(std::filesystem::path folder, Limits limits, const Clock& clock) {
  std::error_code error;
  std::filesystem::create_directories(folder.parent_path(), error);
  ::mkdir(folder.c_str(), 0700);
  std::unique_ptr<LogFiles> files{new LogFiles{std::move(folder), limits, clock}};
  if (!files->open_current()) {
    return fail(ErrorCode::StorageFailed,
                "Cannot write logs to " + files->folder_.string() + "; fix LOG_DIR, or set LOG_TO_FILE=false.",
                std::strerror(errno));
  }
  files->forget_old();
  return files;
}

LogFiles::~LogFiles() { close(); }

void LogFiles::close() {
  if (file_ < 0) return;
  if (last_line_ != TimePoint{}) {
    const timespec when{epoch_seconds(last_line_), 0};
    const timespec both[] = {when, when};
    static_cast<void>(::futimens(file_, both));
  }
  ::close(file_);
  file_ = -1;
  last_line_ = {};
}

std::filesystem::path LogFiles::path_of(std::size_t number) const {
  return folder_ / (number == 0 ? "kavach.log" : "kavach." + std::to_string(number) + ".log");
}

bool LogFiles::open_current() {
  close();
  file_ = ::open(path_of(0).c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  struct stat found{};
  if (file_ < 0 || ::fstat(file_, &found) != 0 || !S_ISREG(found.st_mode)) return false;
  bytes_ = static_cast<std::uintmax_t>(found.st_size);
  day_ = day_of(bytes_ == 0 ? clock_.now() : last_written(found));
  return true;
}

void LogFiles::write(std::string_view line) {
  const auto today = day_of(clock_.now());
  const bool full = bytes_ > 0 && bytes_ + line.size() + 1 > limits_.file_bytes_max;
  if (file_ < 0 && !open_current()) return;
  if ((full || (today != day_ && bytes_ > 0)) && !rotate() && full) return;
  day_ = today;
  last_line_ = clock_.now();
  const std::string whole = std::string{line} + '\n';
  if (const ssize_t wrote = ::write(file_, whole.data(), whole.size()); wrote > 0) {
    bytes_ += static_cast<std::uintmax_t>(wrote);
  }
}

bool LogFiles::rotate() {
  for (std::size_t number = limits_.older_max; number > 0; --number) {
    const auto from = path_of(number - 1);
    const auto to = path_of(number);
    if (::rename(from.c_str(), to.c_str()) != 0 && number == 1) return false;
  }
  const bool opened = open_current();
  forget_old();
  return opened;
}

// The numbers have no gaps but where somebody has removed a file, so all of them are looked at.
void LogFiles::forget_old() {
  const TimePoint since = clock_.now() - limits_.kept;
  for (std::size_t number = 1; number <= limits_.older_max; ++number) {
    struct stat found{};
    if (::lstat(path_of(number).c_str(), &found) == 0 && last_written(found) < since) {
      ::unlink(path_of(number).c_str());
    }
  }
}

}  // namespace kavach::app
