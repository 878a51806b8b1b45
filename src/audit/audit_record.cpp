#include "audit/audit_record.h"

#include <limits>
#include <utility>

#include "core/json.h"
#include "core/text.h"
#include "crypto/sha256.h"

namespace kavach::audit {
namespace {

constexpr std::string_view kDomain{"kavach.audit.record.v1\0", 23};
constexpr std::size_t kNameBytesMax = 128;
constexpr std::size_t kFieldBytesMax = 1024;
constexpr std::size_t kFieldsMax = 32;
/// One read of many records is done in pieces, so that a long export holds no snapshot's memory.
constexpr std::int64_t kPageRecords = 1000;

/// At most `bytes_max`, cut between characters, and valid UTF-8: the hash must be reproducible from
/// the JSON export.
std::string clean(std::string_view text, std::size_t bytes_max) {
  if (text.size() > bytes_max) {
    std::size_t end = bytes_max;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
    text = text.substr(0, end);
  }
  std::string out{text};
  if (!is_valid_utf8(out)) {
    for (char& c : out) {
      if (static_cast<unsigned char>(c) >= 0x80U) c = '?';
    }
  }
  return out;
}

std::string body_of(const Event& event) {
  std::string body;
  JsonWriter writer{body};
  writer.object();
  std::size_t written = 0;
  for (const EventField& field : event.fields) {
    if (++written > kFieldsMax) break;
    writer.key(clean(field.key, kNameBytesMax));
    if (const auto* text = std::get_if<std::string>(&field.value)) {
      writer.value(clean(*text, kFieldBytesMax));
    } else if (const auto* number = std::get_if<std::int64_t>(&field.value)) {
      writer.value(*number);
    } else {
      writer.value(std::get<bool>(field.value));
    }
  }
  writer.end();
  return body;
}

void add_number(std::string& out, std::uint64_t number, int bytes) {
  for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) {
    out += static_cast<char>((number >> static_cast<unsigned>(shift)) & 0xFFU);
  }
}

void add_text(std::string& out, std::string_view text) {
  add_number(out, text.size(), 4);
  out += text;
}

}  // namespace

std::string hash_of(const AuditRecord& record) {
  std::string encoded;
  encoded.reserve(256 + record.body.size());
  encoded += kDomain;
  add_number(encoded, static_cast<std::uint64_t>(record.seq), 8);
  add_number(encoded, static_cast<std::uint64_t>(record.at_us), 8);
  add_text(encoded, record.prev_hash);
  add_text(encoded, record.kind);
  add_text(encoded, record.actor);
  add_text(encoded, record.address);
  add_text(encoded, record.request_id);
  add_text(encoded, record.body);
  return crypto::sha256_hex(encoded);
}

AuditRecord make_record(const ChainHead& head, TimePoint at, const Event& event) {
  AuditRecord record;
  record.seq = head.seq + 1;
  record.at_us = epoch_micros(at);
  record.kind = clean(event.kind, kNameBytesMax);
  record.actor = clean(event.actor, kNameBytesMax);
  record.address = clean(event.address, kNameBytesMax);
  record.request_id = clean(event.request_id, kNameBytesMax);
  record.body = body_of(event);
  record.prev_hash = head.hash;
  record.hash = hash_of(record);
  return record;
}

AuditRecord record_of(const store::Row& row) {
  return {.seq = row.integer(0),
          .at_us = row.integer(1),
          .kind = std::string{row.text(2)},
          .actor = std::string{row.text(3)},
          .address = std::string{row.text(4)},
          .request_id = std::string{row.text(5)},
          .body = std::string{row.text(6)},
          .prev_hash = std::string{row.text(7)},
          .hash = std::string{row.text(8)}};
}

Result<void> read_records(store::Reader& reader, std::int64_t first, std::int64_t last,
                          const std::function<bool(const AuditRecord&)>& on_record) {
  bool wanted = true;
  std::int64_t next = first;
  while (wanted && next <= last) {
    std::int64_t rows = 0;
    auto done = reader.query(
        "SELECT seq, at_us, kind, actor, address, request_id, body, prev_hash, hash"
        " FROM audit_events WHERE seq >= ? AND seq <= ? ORDER BY seq LIMIT ?",
        {next, last, kPageRecords}, [&](const store::Row& row) {
          ++rows;
          next = row.integer(0) + 1;
          if (wanted) wanted = on_record(record_of(row));
        });
    if (!done) return done;
    if (rows < kPageRecords) break;
  }
  return {};
}

Result<ChainHead> read_head(store::Reader& reader) {
  ChainHead head;
  auto done = reader.query("SELECT seq, hash FROM audit_events ORDER BY seq DESC LIMIT 1", {},
                           [&](const store::Row& row) {
                             head.seq = row.integer(0);
                             head.hash = row.text(1);
                           });
  if (!done) return pass_on(done);
  return head;
}

}  // namespace kavach::audit
