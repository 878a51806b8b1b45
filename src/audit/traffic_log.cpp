#include "audit/traffic_log.h"

#include <array>
#include <utility>

#include "core/text.h"

namespace kavach::audit {
namespace {

constexpr std::size_t kTextBytesMax = 128;
/// Rows that are worth a write before the next tick.
constexpr std::size_t kRowsWorthWriting = 512;
std::int64_t micros(Monotonic duration) { return duration.count() / 1000; }

/// `status refusal route`: what is counted together, and taken apart again when it is written. A
/// refusal's token has no blanks, and may be empty.
std::string label_of(const TrafficRecord& record) {
  std::string label = std::to_string(record.status);
  label.append(" ").append(record.refusal).append(" ").append(record.route);
  return label;
}

struct Label {
  std::int64_t status;
  std::string_view refusal;
  std::string_view route;
};

Label label_from(std::string_view text) {
  const auto first = text.find(' ');
  const auto second = text.find(' ', first + 1);
  return {parse_int(text.substr(0, first)).value_or(0), text.substr(first + 1, second - first - 1),
          text.substr(second + 1)};
}

}  // namespace

void TrafficLog::Buffer::clear() {
  rows.clear();
  texts.clear();
  floods.clear();
}

TrafficLog::TrafficLog(store::Database& database, Logger& logger, Limits limits)
    : database_{database}, logger_{logger}, limits_{limits}, repeats_{limits.rows} {}

TrafficLog::~TrafficLog() {
  {
    std::unique_lock lock{mutex_};
    closing_ = true;
    idle_.wait(lock, [this] { return !flushing_; });
    close_window(TimePoint{});
    std::swap(filling_, in_flight_);
    if (in_flight_.empty()) return;
  }
  const auto outcome = database_.write_and_wait(
      [this](store::Transaction& transaction) { return write_in_flight(transaction); });
  if (!outcome) logger_.warning("traffic.records_lost", {{"records", in_flight_.rows.size()}});
}

void TrafficLog::record(const TrafficRecord& record) {
  bool start = false;
  {
    const std::lock_guard lock{mutex_};
    if (repeats_.is_over(record.at)) close_window(record.at);
    const bool room = filling_.rows.size() < limits_.buffered_max;
    if (room && repeats_.take_row()) {
      buffer(record);
    } else {
      repeats_.count(label_of(record), Cidr::offender(record.address).text(), record.at);
    }
    start = !flushing_ && filling_.rows.size() >= kRowsWorthWriting;
    if (start) {
      flushing_ = true;
      std::swap(filling_, in_flight_);
    }
  }
  if (start) flush();
}

void TrafficLog::tick(TimePoint now) {
  {
    const std::lock_guard lock{mutex_};
    if (repeats_.is_over(now)) close_window(now);
    if (flushing_ || filling_.empty()) return;
    flushing_ = true;
    std::swap(filling_, in_flight_);
  }
  flush();
}

void TrafficLog::buffer(const TrafficRecord& record) {
  Buffered row{epoch_micros(record.at), record.address,
               record.status,           micros(record.duration),
               micros(record.queue),    micros(record.guard),
               micros(record.handler),  {}};
  const std::array texts{record.method,  record.route,      record.host,
                         record.refusal, record.request_id, record.principal};
  for (std::size_t i = 0; i < texts.size(); ++i) {
    filling_.texts += texts[i].substr(0, kTextBytesMax);
    row.text_ends[i] = static_cast<std::uint32_t>(filling_.texts.size());
  }
  filling_.rows.push_back(row);
}

void TrafficLog::close_window(TimePoint now) {
  for (auto& flood : repeats_.close(now)) {
    if (filling_.floods.size() < limits_.buffered_max) filling_.floods.push_back(std::move(flood));
  }
}

void TrafficLog::flush() {
  database_.write([this](store::Transaction& transaction) { return write_in_flight(transaction); },
                  [this](Result<void> outcome) { settle(outcome); });
}

Result<void> TrafficLog::write_in_flight(store::Transaction& transaction) {
  if (auto rows = write_rows(transaction, in_flight_); !rows) return rows;
  return write_floods(transaction, in_flight_);
}

Result<void> TrafficLog::write_rows(store::Transaction& transaction, const Buffer& buffer) {
  std::uint32_t begin = 0;
  for (const Buffered& row : buffer.rows) {
    std::array<std::string_view, 6> texts;
    for (std::size_t i = 0; i < texts.size(); ++i) {
      texts[i] = std::string_view{buffer.texts}.substr(begin, row.text_ends[i] - begin);
      begin = row.text_ends[i];
    }
    const std::string address = row.address.text();
    auto done = transaction.execute(
        "INSERT INTO traffic_records (at_us, address, method, route, host, status, refusal,"
        " request_id, principal, duration_us, queue_us, guard_us, handler_us)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        {row.at_us, std::string_view{address}, texts[0], texts[1], texts[2],
         std::int64_t{row.status}, texts[3], texts[4], texts[5], row.duration_us, row.queue_us,
         row.guard_us, row.handler_us});
    if (!done) return pass_on(done);
  }
  return {};
}

Result<void> TrafficLog::write_floods(store::Transaction& transaction, const Buffer& buffer) {
  for (const auto& flood : buffer.floods) {
    const Label label = label_from(flood.label);
    auto done = transaction.execute(
        "INSERT INTO traffic_floods (at_us, until_us, offender, route, status, refusal, requests)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        {epoch_micros(flood.first), epoch_micros(flood.last), std::string_view{flood.offender},
         label.route, label.status, label.refusal, static_cast<std::int64_t>(flood.count)});
    if (!done) return pass_on(done);
  }
  return {};
}

void TrafficLog::settle(const Result<void>& outcome) {
  // Traffic records are worth a disk write, not memory: what cannot be written is dropped.
  if (!outcome) {
    logger_.warning("traffic.records_lost",
                    {{"records", in_flight_.rows.size()}, {"detail", outcome.error().detail}});
  }
  in_flight_.clear();
  const std::lock_guard lock{mutex_};
  flushing_ = false;
  idle_.notify_all();
}

}  // namespace kavach::audit
