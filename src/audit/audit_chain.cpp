#include "audit/audit_chain.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "core/civil_time.h"
#include "core/net_address.h"

namespace kavach::audit {
namespace {

/// Who is counted together: the address for IPv4, its /64 for IPv6.
std::string offender_of(const Event& event) {
  if (const auto address = IpAddress::parse(event.address)) return Cidr::offender(*address).text();
  return event.address.substr(0, 64);
}

Result<void> insert(store::Transaction& transaction, const AuditRecord& record) {
  auto done = transaction.execute(
      "INSERT INTO audit_events"
      " (seq, at_us, kind, actor, address, request_id, body, prev_hash, hash)"
      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
      {record.seq, record.at_us, std::string_view{record.kind}, std::string_view{record.actor},
       std::string_view{record.address}, std::string_view{record.request_id},
       std::string_view{record.body}, std::string_view{record.prev_hash},
       std::string_view{record.hash}});
  if (!done) return pass_on(done);
  return {};
}

}  // namespace

Result<std::unique_ptr<AuditChain>> AuditChain::open(store::Database& database, const Clock& clock,
                                                     Logger& logger, Limits limits) {
  ChainHead head;
  auto read = database.read([&](store::Reader& reader) -> Result<void> {
    auto found = read_head(reader);
    if (!found) return pass_on(found);
    head = std::move(*found);
    return {};
  });
  if (!read) return pass_on(read);
  return std::unique_ptr<AuditChain>{
      new AuditChain{database, clock, logger, limits, std::move(head)}};
}

AuditChain::~AuditChain() {
  {
    std::unique_lock lock{mutex_};
    closing_ = true;
    idle_.wait(lock, [this] { return !flushing_; });
    close_window(clock_.now());
    if (pending_.empty() && lost_ == 0) return;
  }
  const auto outcome = database_.write_and_wait(
      [this](store::Transaction& transaction) { return write_pending(transaction); });
  if (!outcome) {
    logger_.error("audit.records_lost",
                  {{"records", in_flight_.size()}, {"detail", outcome.error().detail}});
  }
}

Result<void> AuditChain::append(store::Transaction& transaction, const Event& event) {
  return append_at(transaction, clock_.now(), event);
}

Result<void> AuditChain::append_at(store::Transaction& transaction, TimePoint at,
                                   const Event& event) {
  AuditRecord record = make_record(head_, at, event);
  auto inserted = insert(transaction, record);
  if (!inserted && inserted.error().code == ErrorCode::Conflict) {
    auto moved = read_head(transaction);
    if (!moved) return pass_on(moved);
    record = make_record(*moved, at, event);
    inserted = insert(transaction, record);
  }
  if (!inserted) return inserted;
  transaction.on_rollback([this, before = head_] { head_ = before; });
  head_ = ChainHead{record.seq, std::move(record.hash)};
  return {};
}

void AuditChain::record(Event event) {
  const TimePoint now = clock_.now();
  const std::string offender = offender_of(event);
  bool start = false;
  {
    const std::lock_guard lock{mutex_};
    if (repeats_.is_over(now)) close_window(now);
    if (!repeats_.admits(event.kind, offender, now)) return;
    add_pending(now, std::move(event));
    start = wants_flush();
  }
  if (start) flush();
}

void AuditChain::tick() {
  bool start = false;
  {
    const std::lock_guard lock{mutex_};
    const TimePoint now = clock_.now();
    if (repeats_.is_over(now)) close_window(now);
    start = wants_flush();
  }
  if (start) flush();
}

void AuditChain::close_window(TimePoint now) {
  for (auto& summary : repeats_.close(now)) {
    add_pending(now, Event{.kind = std::move(summary.label),
                           .actor = "system",
                           .address = std::move(summary.offender),
                           .request_id = {},
                           .fields = {{"repeated", summary.count},
                                      {"first", utc_text(summary.first)},
                                      {"last", utc_text(summary.last)}}});
  }
}

void AuditChain::add_pending(TimePoint at, Event event) {
  if (pending_.size() >= limits_.pending_max) {
    ++lost_;
    return;
  }
  pending_.push_back({at, std::move(event)});
}

bool AuditChain::wants_flush() {
  if (flushing_ || (pending_.empty() && lost_ == 0)) return false;
  flushing_ = true;
  return true;
}

void AuditChain::flush() {
  database_.write([this](store::Transaction& transaction) { return write_pending(transaction); },
                  [this](Result<void> outcome) { settle(outcome); });
}

Result<void> AuditChain::write_pending(store::Transaction& transaction) {
  {
    const std::lock_guard lock{mutex_};
    in_flight_ = std::exchange(pending_, {});
    lost_in_flight_ = std::exchange(lost_, 0);
  }
  for (const Pending& pending : in_flight_) {
    if (auto done = append_at(transaction, pending.at, pending.event); !done) return done;
  }
  if (lost_in_flight_ == 0) return {};
  return append_at(transaction, clock_.now(),
                   Event{.kind = "audit.lost",
                         .actor = "system",
                         .address = {},
                         .request_id = {},
                         .fields = {{"records", lost_in_flight_}}});
}

void AuditChain::settle(const Result<void>& outcome) {
  bool again = false;
  {
    const std::lock_guard lock{mutex_};
    flushing_ = false;
    if (outcome) {
      in_flight_.clear();
      again = !closing_ && wants_flush();
    } else {
      // What was not written waits in front of what came later, as far as there is room.
      lost_ += std::exchange(lost_in_flight_, 0);
      const std::size_t room = limits_.pending_max - std::min(limits_.pending_max, pending_.size());
      const std::size_t kept = std::min(room, in_flight_.size());
      lost_ += in_flight_.size() - kept;
      pending_.insert(
          pending_.begin(), std::make_move_iterator(in_flight_.begin()),
          std::make_move_iterator(in_flight_.begin() + static_cast<std::ptrdiff_t>(kept)));
      in_flight_.clear();
    }
    // Under the lock: once the destructor has seen it, nothing here may be touched.
    if (!again) idle_.notify_all();
  }
  if (again) flush();
}

}  // namespace kavach::audit
