#include "audit/audit_verify.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "audit/merkle.h"
#include "core/text.h"

namespace kavach::audit {
namespace {

class Verifier {
 public:
  explicit Verifier(const AuditTrust& trust) : trust_{trust} {}

  Result<AuditVerdict> run(store::Reader& reader) {
    auto segments = read_segments(reader);
    if (!segments) return pass_on(segments);
    segments_ = std::move(*segments);
    auto read = read_records(reader, std::numeric_limits<std::int64_t>::min(),
                             std::numeric_limits<std::int64_t>::max(),
                             [this](const AuditRecord& record) { return take(record); });
    if (!read) return pass_on(read);
    if (verdict_.intact()) finish();
    return std::move(verdict_);
  }

 private:
  bool bad(std::int64_t seq, std::string what) {
    verdict_.first_bad = AuditVerdict::Problem{seq, std::move(what)};
    return false;
  }

  /// False ends the reading.
  bool take(const AuditRecord& record) {
    const std::int64_t expected = verdict_.head.seq + 1;
    if (record.seq < expected) return bad(record.seq, "a record was inserted before the first");
    if (record.seq > expected) return bad(expected, "the record is missing");
    if (record.hash != hash_of(record)) return bad(record.seq, "the record was changed");
    if (record.prev_hash != verdict_.head.hash) {
      return bad(record.seq, "the record does not follow the one before it");
    }
    verdict_.head = ChainHead{record.seq, record.hash};
    ++verdict_.records;
    if (trust_.kept_head && trust_.kept_head->head.seq == record.seq &&
        trust_.kept_head->head.hash != record.hash) {
      return bad(record.seq, "the record differs from the kept head: the chain was rewritten");
    }
    return take_into_segment(record);
  }

  bool take_into_segment(const AuditRecord& record) {
    if (next_segment_ >= segments_.size()) return true;
    const AuditSegment& segment = segments_[next_segment_];
    if (tree_.size() == 0) {
      if (!check_segment(segment, record)) return false;
    }
    tree_.add(merkle_leaf(as_bytes(record.hash)));
    if (record.seq < segment.last_seq) return true;
    if (record.hash != segment.last_hash || to_hex(tree_.root()) != segment.root) {
      return bad(segment.first_seq, "the records of segment " + std::to_string(segment.number) +
                                        " are not those that were sealed");
    }
    tree_ = MerkleRoot{};
    previous_digest_ = digest_of(segment);
    ++verdict_.segments;
    ++next_segment_;
    return true;
  }

  bool check_segment(const AuditSegment& segment, const AuditRecord& first) {
    const std::string name = "segment " + std::to_string(segment.number);
    const auto& keys = trust_.public_keys;
    if (segment.number != static_cast<std::int64_t>(next_segment_) + 1 ||
        segment.previous != previous_digest_) {
      return bad(first.seq, "a segment before " + name + " is missing or was replaced");
    }
    if (segment.first_seq != first.seq || segment.last_seq < first.seq ||
        segment.first_prev_hash != first.prev_hash) {
      return bad(first.seq, name + " does not begin where the one before it ends");
    }
    if (!keys.empty() && std::ranges::find(keys, segment.public_key) == keys.end()) {
      return bad(first.seq, name + " is signed with an unknown key");
    }
    if (!is_signed_by(segment.public_key, signed_text(segment), segment.signature)) {
      return bad(first.seq, "the signature of " + name + " is wrong");
    }
    return true;
  }

  void finish() {
    if (next_segment_ < segments_.size()) {
      bad(verdict_.head.seq + 1, "records that were sealed are missing at the end");
    } else if (trust_.kept_head && trust_.kept_head->head.seq > verdict_.head.seq) {
      bad(verdict_.head.seq + 1, "records that the kept head knows are missing at the end");
    }
  }

  const AuditTrust& trust_;
  AuditVerdict verdict_;
  std::vector<AuditSegment> segments_;
  std::size_t next_segment_{0};
  MerkleRoot tree_;
  std::string previous_digest_{kGenesisHash};
};

}  // namespace

Result<AuditVerdict> verify_audit(store::Database& database, const AuditTrust& trust) {
  AuditVerdict verdict;
  auto read = database.read([&](store::Reader& reader) -> Result<void> {
    auto found = Verifier{trust}.run(reader);
    if (!found) return pass_on(found);
    verdict = std::move(*found);
    return {};
  });
  if (!read) return pass_on(read);
  return verdict;
}

}  // namespace kavach::audit
