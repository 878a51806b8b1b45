#include "audit/audit_query.h"

#include <utility>

#include "audit/merkle.h"
#include "audit/paging.h"
#include "core/civil_time.h"
#include "core/json.h"
#include "core/text.h"

namespace kavach::audit {
namespace {

constexpr std::size_t kPieceBytes = 64U << 10U;
constexpr std::string_view kCsvHeader =
    "seq,at,at_us,kind,actor,address,request_id,body,prev_hash,hash,segment,leaf_index,proof\n";

/// Where a record stands in its sealed segment.
struct Proof {
  std::int64_t segment{0};
  std::int64_t index{0};
  std::vector<crypto::Digest256> path;
};

/// Proofs of records that come in order: keeps the tree of the segment they are in.
class Prover {
 public:
  explicit Prover(const std::vector<AuditSegment>& segments) : segments_{segments} {}

  Result<std::optional<Proof>> prove(store::Reader& reader, std::int64_t seq) {
    while (next_ < segments_.size() && segments_[next_].last_seq < seq) {
      ++next_;
      tree_.reset();
    }
    if (next_ >= segments_.size() || seq < segments_[next_].first_seq) return std::nullopt;
    const AuditSegment& segment = segments_[next_];
    if (!tree_) {
      if (auto grown = grow(reader, segment); !grown) return pass_on(grown);
    }
    const auto index = static_cast<std::size_t>(seq - segment.first_seq);
    if (index >= tree_->size()) return std::nullopt;
    return Proof{segment.number, static_cast<std::int64_t>(index), tree_->path(index)};
  }

 private:
  Result<void> grow(store::Reader& reader, const AuditSegment& segment) {
    std::vector<crypto::Digest256> leaves;
    auto read = reader.query(
        "SELECT hash FROM audit_events WHERE seq >= ? AND seq <= ? ORDER BY seq",
        {segment.first_seq, segment.last_seq},
        [&](const store::Row& row) { leaves.push_back(merkle_leaf(as_bytes(row.text(0)))); });
    if (!read) return read;
    tree_.emplace(std::move(leaves));
    return {};
  }

  const std::vector<AuditSegment>& segments_;
  std::size_t next_{0};
  std::optional<MerkleTree> tree_;
};

void append_json(std::string& out, const AuditRecord& record, const std::optional<Proof>& proof) {
  JsonWriter writer{out};
  writer.object()
      .field("type", "record")
      .field("seq", record.seq)
      .field("at", utc_text(TimePoint{Micros{record.at_us}}))
      .field("at_us", record.at_us)
      .field("kind", record.kind)
      .field("actor", record.actor)
      .field("address", record.address)
      .field("request_id", record.request_id)
      .field("body", record.body)  // as text: the hash covers its exact bytes
      .field("prev_hash", record.prev_hash)
      .field("hash", record.hash);
  if (proof) {
    writer.field("segment", proof->segment).field("leaf_index", proof->index).key("proof").array();
    for (const auto& node : proof->path) writer.value(to_hex(node));
    writer.end();
  }
  writer.end();
  out += '\n';
}

void append_csv(std::string& out, const AuditRecord& record, const std::optional<Proof>& proof) {
  append_csv_number(out, record.seq);
  append_csv_text(out, utc_text(TimePoint{Micros{record.at_us}}));
  append_csv_number(out, record.at_us);
  append_csv_text(out, record.kind);
  append_csv_text(out, record.actor);
  append_csv_text(out, record.address);
  append_csv_text(out, record.request_id);
  append_csv_text(out, record.body);
  append_csv_text(out, record.prev_hash);
  append_csv_text(out, record.hash);
  append_csv_text(out, proof ? std::to_string(proof->segment) : std::string{});
  append_csv_text(out, proof ? std::to_string(proof->index) : std::string{});
  std::string path;
  if (proof) {
    for (const auto& node : proof->path) path.append(path.empty() ? "" : " ").append(to_hex(node));
  }
  append_csv_text(out, path);
  out += '\n';
}

std::string to_json(const AuditSegment& segment) {
  std::string line;
  JsonWriter{line}
      .object()
      .field("type", "segment")
      .field("number", segment.number)
      .field("day", segment.day)
      .field("first_seq", segment.first_seq)
      .field("last_seq", segment.last_seq)
      .field("first_prev_hash", segment.first_prev_hash)
      .field("last_hash", segment.last_hash)
      .field("root", segment.root)
      .field("previous", segment.previous)
      .field("sealed_at_us", segment.sealed_at_us)
      .field("public_key", segment.public_key)
      .field("signature", segment.signature)
      .end();
  return line;
}

struct SeqRange {
  std::int64_t first{1};
  std::int64_t last{0};
};

/// From the first to the last record of the time range; what lies between is exported too, so that
/// the chain in the file has no gaps.
Result<SeqRange> range_of(store::Reader& reader, const AuditExport& wanted) {
  SeqRange range;
  const BoundTimes times{wanted.from, wanted.until};
  auto read = reader.query(
      "SELECT min(seq), max(seq) FROM audit_events WHERE at_us >= ? AND at_us < ?",
      {times.from, times.until}, [&](const store::Row& row) {
        if (!row.is_null(0)) range = SeqRange{row.integer(0), row.integer(1)};
      });
  if (!read) return pass_on(read);
  return range;
}

/// Records, then segments, then the head: what was there when it began.
class AuditExportPieces final : public Export {
 public:
  AuditExportPieces(store::Database& database, SignHead sign, const AuditExport& wanted, bool with_records)
      : database_{database}, sign_{std::move(sign)}, wanted_{wanted}, with_records_{with_records} {}

  Result<std::string> next() override {
    std::string piece;
    auto read = database_.read([&](store::Reader& reader) -> Result<void> {
      if (!prover_) {
        if (auto begun = begin(reader); !begun) return begun;
        if (with_records_ && is_csv()) piece = kCsvHeader;
      }
      if (range_.first <= range_.last) {
        if (auto appended = append_records(reader, piece); !appended) return appended;
      }
      if (piece.empty() && !is_csv()) append_heads(piece);
      return {};
    });
    if (!read) return pass_on(read);
    return piece;
  }

 private:
  [[nodiscard]] bool is_csv() const { return wanted_.format == ExportFormat::Csv; }

  Result<void> begin(store::Reader& reader) {
    auto segments = read_segments(reader);
    if (!segments) return pass_on(segments);
    segments_ = std::move(*segments);
    auto head = read_head(reader);
    if (!head) return pass_on(head);
    head_ = std::move(*head);
    if (with_records_) {
      auto range = range_of(reader, wanted_);
      if (!range) return pass_on(range);
      range_ = *range;
    }
    prover_.emplace(segments_);
    return {};
  }

  Result<void> append_records(store::Reader& reader, std::string& piece) {
    Result<void> proved;
    auto read = read_records(reader, range_.first, range_.last, [&](const AuditRecord& record) {
      auto proof = prover_->prove(reader, record.seq);
      if (!proof) {
        proved = pass_on(proof);
        return false;
      }
      is_csv() ? append_csv(piece, record, *proof) : append_json(piece, record, *proof);
      range_.first = record.seq + 1;
      return piece.size() < kPieceBytes;
    });
    if (!proved) return proved;
    // A record that has gone since is a gap in the file, for its verifier to find.
    if (piece.size() < kPieceBytes) range_.first = range_.last + 1;
    return read;
  }

  void append_heads(std::string& piece) {
    if (told_heads_) return;
    told_heads_ = true;
    for (const AuditSegment& segment : segments_) piece.append(to_json(segment)).append("\n");
    piece.append(to_json(sign_(head_))).append("\n");
  }

  store::Database& database_;
  const SignHead sign_;
  const AuditExport wanted_;
  const bool with_records_;
  std::vector<AuditSegment> segments_;
  ChainHead head_;
  SeqRange range_;
  std::optional<Prover> prover_;
  bool told_heads_{false};
};

}  // namespace

Result<AuditPage> search_audit(store::Database& database, const AuditFilter& filter,
                               std::int64_t before_seq, int rows_max) {
  AuditPage page;
  const BoundTimes times{filter.from, filter.until};
  const bool by_prefix = filter.kind.ends_with('.');
  const std::string kind = by_prefix ? contains_pattern(filter.kind).substr(1) : filter.kind;
  auto read = database.read([&](store::Reader& reader) {
    return reader.query(
        "SELECT seq, at_us, kind, actor, address, request_id, body, prev_hash, hash"
        " FROM audit_events WHERE seq < ? AND at_us >= ? AND at_us < ?"
        " AND (? = '' OR kind = ? OR (? = 1 AND kind LIKE ? ESCAPE '\\'))"
        " AND (? = '' OR actor = ?) AND (? = '' OR address = ?) ORDER BY seq DESC LIMIT ?",
        {before_seq, times.from, times.until,
         std::string_view{kind}, std::string_view{kind}, std::int64_t{by_prefix},
         std::string_view{kind}, std::string_view{filter.actor}, std::string_view{filter.actor},
         std::string_view{filter.address}, std::string_view{filter.address},
         std::int64_t{rows_max} + 1},
        [&](const store::Row& row) { page.rows.push_back(record_of(row)); });
  });
  if (!read) return pass_on(read);
  end_page(page, rows_max, &AuditRecord::seq);
  return page;
}

std::unique_ptr<Export> begin_audit_export(store::Database& database, SignHead sign, const AuditExport& wanted) {
  return std::make_unique<AuditExportPieces>(database, std::move(sign), wanted, true);
}

std::unique_ptr<Export> begin_head_export(store::Database& database, SignHead sign) {
  return std::make_unique<AuditExportPieces>(database, std::move(sign), AuditExport{}, false);
}

}  // namespace kavach::audit
