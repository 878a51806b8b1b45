#include "audit/audit_sealer.h"

#include <limits>
#include <optional>
#include <utility>

#include "core/civil_time.h"
#include "core/text.h"

namespace kavach::audit {
namespace {

std::string day_of(TimePoint at) { return date_text(ist(at).date); }

}  // namespace

std::string AuditSealer::public_key() const { return to_hex(signer_.public_key()); }

Result<std::vector<AuditSegment>> AuditSealer::find_closed() {
  std::vector<AuditSegment> closed;
  std::optional<Stretch> open;
  AuditSegment last;
  const auto close = [&] {
    AuditSegment segment = std::move(open->segment);
    segment.root = to_hex(open->tree.root());
    closed.push_back(std::move(segment));
    open.reset();
  };
  const auto take = [&](const AuditRecord& record) {
    std::string day = day_of(TimePoint{Micros{record.at_us}});
    // The day is compared for being another one, not a later one: the clock may have been set back.
    if (open && (open->segment.day != day || open->tree.size() >= kSegmentRecordsMax)) close();
    if (!open) {
      open.emplace();
      open->segment.day = std::move(day);
      open->segment.first_seq = record.seq;
      open->segment.first_prev_hash = record.prev_hash;
    }
    open->segment.last_seq = record.seq;
    open->segment.last_hash = record.hash;
    open->tree.add(merkle_leaf(as_bytes(record.hash)));
    return true;
  };
  auto read = database_.read([&](store::Reader& reader) -> Result<void> {
    auto segments = read_segments(reader);
    if (!segments) return pass_on(segments);
    if (!segments->empty()) last = segments->back();
    return read_records(reader, last.last_seq + 1, std::numeric_limits<std::int64_t>::max(), take);
  });
  if (!read) return pass_on(read);
  if (open && open->segment.day < day_of(clock_.now())) close();
  std::string previous = last.number == 0 ? std::string{kGenesisHash} : digest_of(last);
  for (AuditSegment& segment : closed) {
    segment.number = ++last.number;
    segment.previous = previous;
    segment.sealed_at_us = epoch_micros(clock_.now());
    segment.public_key = public_key();
    segment.signature = to_hex(signer_.sign(signed_text(segment)));
    previous = digest_of(segment);
  }
  return closed;
}

Result<std::size_t> AuditSealer::seal() {
  auto closed = find_closed();
  if (!closed) return pass_on(closed);
  for (const AuditSegment& segment : *closed) {
    auto stored = database_.write_and_wait(
        [&](store::Transaction& transaction) { return store_segment(transaction, segment); });
    if (!stored) return pass_on(stored);
  }
  return closed->size();
}

Result<void> AuditSealer::store_segment(store::Transaction& transaction,
                                        const AuditSegment& segment) {
  auto stored = transaction.execute(
      "INSERT INTO audit_segments (number, day, first_seq, last_seq, first_prev_hash, last_hash,"
      " root, previous, sealed_at_us, public_key, signature) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
      "?)",
      {segment.number, std::string_view{segment.day}, segment.first_seq, segment.last_seq,
       std::string_view{segment.first_prev_hash}, std::string_view{segment.last_hash},
       std::string_view{segment.root}, std::string_view{segment.previous}, segment.sealed_at_us,
       std::string_view{segment.public_key}, std::string_view{segment.signature}});
  if (!stored) return pass_on(stored);
  return log_.append(transaction, Event{.kind = "audit.sealed",
                                        .actor = "system",
                                        .address = {},
                                        .request_id = {},
                                        .fields = {{"segment", segment.number},
                                                   {"day", segment.day},
                                                   {"first", segment.first_seq},
                                                   {"last", segment.last_seq},
                                                   {"root", segment.root}}});
}

SignedHead AuditSealer::sign(const ChainHead& head) const {
  SignedHead signed_head{head, epoch_micros(clock_.now()), public_key(), {}};
  signed_head.signature = to_hex(signer_.sign(signed_text(signed_head)));
  return signed_head;
}

}  // namespace kavach::audit
