#include "store/spool.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <tuple>
#include <utility>

#include "core/check.h"
#include "crypto/sha256.h"

namespace kavach::store {
namespace {

// The file is a head block and records, all of it zeros at first:
//
//   head    "KVSPOOL1", epoch (8 bytes), digest (8)
//   record  epoch (8), number (4), length (4), digest (8), text
//
// Numbers are little-endian as on every machine we build for; a digest is the first eight bytes of a SHA-256
// over what stands before it and the text. Starting anew is one write: the head's next epoch.
constexpr std::string_view kMagic = "KVSPOOL1";
constexpr std::int64_t kHeadBytes = 4096;
constexpr std::size_t kRecordHeadBytes = 24;
constexpr std::size_t kDigestBytes = 8;
constexpr std::size_t kRecordsMax = 65'536;

template <class Number>
void put(std::string& out, Number number) {
  out.append(reinterpret_cast<const char*>(&number), sizeof number);
}

template <class Number>
Number get(std::string_view in, std::size_t at) {
  Number number{};
  std::memcpy(&number, in.data() + at, sizeof number);
  return number;
}

std::string digest_of(std::string_view head, std::string_view text) {
  crypto::Sha256 digest;
  const auto whole = digest.update(head).update(text).finish();
  return {reinterpret_cast<const char*>(whole.data()), kDigestBytes};
}

bool write_all(int file, std::string_view bytes, std::int64_t at) {
  while (!bytes.empty()) {
    const ssize_t wrote = ::pwrite(file, bytes.data(), bytes.size(), at);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(wrote));
    at += wrote;
  }
  return true;
}

std::string read_some(int file, std::size_t bytes, std::int64_t at) {
  std::string out(bytes, '\0');
  std::size_t filled = 0;
  while (filled < bytes) {
    const ssize_t got = ::pread(file, out.data() + filled, bytes - filled, at + static_cast<std::int64_t>(filled));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    filled += static_cast<std::size_t>(got);
  }
  out.resize(filled);
  return out;
}

bool sync_folder(const std::filesystem::path& file) {
  const std::filesystem::path folder = file.has_parent_path() ? file.parent_path() : ".";
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return false;
  const bool synced = ::fsync(fd) == 0;
  ::close(fd);
  return synced;
}

std::optional<std::uint64_t> epoch_of(std::string_view head) {
  const std::size_t before = kMagic.size() + sizeof(std::uint64_t);
  if (head.size() < before + kDigestBytes || !head.starts_with(kMagic)) return std::nullopt;
  if (head.substr(before, kDigestBytes) != digest_of(head.substr(0, before), {})) return std::nullopt;
  return get<std::uint64_t>(head, kMagic.size());
}

}  // namespace

Spool::Spool(const std::filesystem::path& file, Logger& logger, std::size_t bytes_max)
    : logger_{logger}, bytes_max_{bytes_max}, thread_{1, kRecordsMax} {
  end_ = kHeadBytes;
  file_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file_ >= 0 && lay_out(file)) return;
  failing_ = true;
  logger_.warning("spool.in_memory", {{"file", file.string()}, {"detail", std::strerror(errno)}});
}

Spool::~Spool() {
  thread_.stop();
  if (file_ >= 0) ::close(file_);
}

// Every block is written once, not merely reserved: overwriting needs no space on any usual file system.
bool Spool::lay_out(const std::filesystem::path& file) {
  struct stat info {};
  if (::fstat(file_, &info) != 0) return false;
  if (const auto epoch = epoch_of(read_some(file_, static_cast<std::size_t>(kHeadBytes), 0))) {
    epoch_ = *epoch;
    read_left_over();
  }
  const auto size = kHeadBytes + static_cast<std::int64_t>(bytes_max_);
  if (info.st_size < size) {
    const std::string zeros(static_cast<std::size_t>(size - info.st_size), '\0');
    if (!write_all(file_, zeros, info.st_size)) return false;
  }
  return left_over_.empty() ? write_head() && sync_folder(file) : true;
}

bool Spool::write_head() {
  std::string head{kMagic};
  put(head, epoch_);
  head += digest_of(head, {});
  return write_all(file_, head, 0) && ::fdatasync(file_) == 0;
}

// Up to the first record that is not whole: it was being written when the process ended, and nothing follows.
void Spool::read_left_over() {
  for (;;) {
    const std::string head = read_some(file_, kRecordHeadBytes, end_);
    if (head.size() < kRecordHeadBytes || get<std::uint64_t>(head, 0) != epoch_) return;
    const auto length = get<std::uint32_t>(head, 12);
    if (get<std::uint32_t>(head, 8) != next_ || length > bytes_max_) return;
    std::string text = read_some(file_, length, end_ + static_cast<std::int64_t>(kRecordHeadBytes));
    const std::string_view described = std::string_view{head}.substr(0, 16);
    if (text.size() != length || std::string_view{head}.substr(16) != digest_of(described, text)) return;
    ++next_;
    end_ += static_cast<std::int64_t>(kRecordHeadBytes + length);
    claimed_bytes_ += kRecordHeadBytes + length;
    left_over_.push_back(std::move(text));
    ++waiting_;
  }
}

std::vector<std::string> Spool::take_left_over() { return std::exchange(left_over_, {}); }

bool Spool::claim(std::size_t record_bytes, Room room) {
  const std::size_t bytes = record_bytes + kRecordHeadBytes;
  const std::size_t usable = room == Room::Opening ? bytes_max_ / 2 : bytes_max_;
  const std::lock_guard lock{mutex_};
  if (claimed_bytes_ + bytes > usable) return false;
  claimed_bytes_ += bytes;
  ++waiting_;
  return true;
}

void Spool::add(std::string record, Then then) {
  auto told = std::make_shared<Then>(std::move(then));  // a pool that is stopping drops the job
  const bool taken = thread_.try_post([this, record = std::move(record), told]() mutable {
    unsaved_.push_back(std::move(record));
    (*told)(write_unsaved() ? Kept::OnDisk : Kept::InMemory);
  });
  if (!taken) (*told)(Kept::InMemory);
}

void Spool::done_with(std::size_t records) {
  if (records == 0) return;
  const std::lock_guard lock{mutex_};
  check(waiting_.load() >= records, "more records were journaled than waited");
  waiting_ -= records;
  if (waiting_.load() > 0) return;
  claimed_bytes_ = 0;
  // Under the lock: whatever is claimed from now on is written after it.
  (void)thread_.try_post([this] { start_anew(); });
}

void Spool::retry() {
  if (waiting_.load() == 0) return;
  (void)thread_.try_post([this] { (void)write_unsaved(); });
}

bool Spool::write_unsaved() {
  const auto before = std::pair{next_, end_};
  bool saved = file_ >= 0 && std::ranges::all_of(unsaved_, [this](const auto& record) { return write_record(record); });
  saved = saved && ::fdatasync(file_) == 0;
  if (saved) {
    unsaved_.clear();
  } else {
    // What was not synced may be gone whatever the next sync says, so all of it is written again.
    std::tie(next_, end_) = before;
    if (!failing_) {
      logger_.error("spool.in_memory", {{"records", unsaved_.size()}, {"detail", std::strerror(errno)}});
    }
  }
  failing_ = !saved;
  return saved;
}

bool Spool::write_record(std::string_view record) {
  std::string bytes;
  bytes.reserve(kRecordHeadBytes + record.size());
  put(bytes, epoch_);
  put(bytes, next_);
  put(bytes, static_cast<std::uint32_t>(record.size()));
  bytes += digest_of(bytes, record);
  bytes += record;
  const auto size = static_cast<std::int64_t>(bytes.size());
  if (end_ + size > kHeadBytes + static_cast<std::int64_t>(bytes_max_)) return false;
  if (!write_all(file_, bytes, end_)) return false;
  ++next_;
  end_ += size;
  return true;
}

void Spool::start_anew() {
  unsaved_.clear();
  if (file_ < 0) return;
  ++epoch_;
  if (!write_head()) {
    // The old records stay readable and are recognised as known; the new ones follow them.
    --epoch_;
    return;
  }
  next_ = 0;
  end_ = kHeadBytes;
}

}  // namespace kavach::store
