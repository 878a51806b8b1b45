#pragma once

// Where a record waits that must not be lost while the database cannot be written: a small file beside the
// database, laid out in full when there is room, so that a full disk cannot refuse it. The order desk keeps in
// it what it did for a trader who wanted out while nothing could be journaled (docs/storage.md).
//
// A record is written and synced before its `then` is called. Where even that fails it is kept in memory, and
// written with the next one that finds the disk mended. Records stay until every one of them is in the
// database; then the file starts anew. What an earlier process left is read at the start.
//
// Thread-safe. The disk is touched by the spool's own thread only.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "core/log.h"
#include "core/worker_pool.h"

namespace kavach::store {

enum class Kept { OnDisk, InMemory };

class Spool {
 public:
  /// About 20,000 records of an order desk.
  static constexpr std::size_t kBytesMax = std::size_t{8} << 20U;

  using Then = std::move_only_function<void(Kept)>;

  /// Opens or lays out `file` (mode 0600). Where that cannot be done the spool works from memory, and the
  /// log says so. The folder must exist; the logger must outlive the spool.
  Spool(const std::filesystem::path& file, Logger& logger, std::size_t bytes_max = kBytesMax);
  /// Runs what was added.
  ~Spool();
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;

  /// The records an earlier process left, oldest first. They count as waiting. Once, before anything is added.
  [[nodiscard]] std::vector<std::string> take_left_over();

  enum class Room {
    Opening,  ///< a record that others will have to follow: refused when half of the spool is used
    Whole,
  };
  /// Claims room for one record of this size, from then on waiting; false when there is none.
  [[nodiscard]] bool claim(std::size_t record_bytes, Room room = Room::Whole);
  /// Writes a record that has been claimed; `then` is called on the spool's thread. Keep it short.
  void add(std::string record, Then then);
  /// So many of the waiting records need not be kept any longer.
  void done_with(std::size_t records);
  /// Tries again to write what is only in memory. Never blocks.
  void retry();

  [[nodiscard]] std::size_t waiting() const { return waiting_.load(); }

 private:
  // The file; spool thread, and the constructor.
  [[nodiscard]] bool lay_out(const std::filesystem::path& file);
  [[nodiscard]] bool write_head();
  void read_left_over();
  [[nodiscard]] bool write_record(std::string_view record);
  [[nodiscard]] bool write_unsaved();
  void start_anew();

  Logger& logger_;
  const std::size_t bytes_max_;
  int file_{-1};
  bool failing_{false};       ///< the last attempt failed, and the log has said so
  std::uint64_t epoch_{1};    ///< a record of another epoch is none
  std::uint32_t next_{0};     ///< the number of the next record within its epoch
  std::int64_t end_{0};       ///< where it goes
  std::vector<std::string> unsaved_;
  std::vector<std::string> left_over_;

  mutable std::mutex mutex_;
  std::size_t claimed_bytes_{0};  ///< guarded by mutex_
  std::atomic<std::size_t> waiting_{0};
  WorkerPool thread_;  // last: it works on all of the above
};

}  // namespace kavach::store
