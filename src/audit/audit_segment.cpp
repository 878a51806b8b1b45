#include "audit/audit_segment.h"

#include "core/json.h"
#include "core/text.h"
#include "crypto/sha256.h"

namespace kavach::audit {
namespace {

void add_line(std::string& text, std::string_view name, std::string_view value) {
  text.append(name).append(" ").append(value).append("\n");
}
void add_line(std::string& text, std::string_view name, std::int64_t value) {
  add_line(text, name, std::to_string(value));
}

}  // namespace

std::string signed_text(const AuditSegment& segment) {
  std::string text{"kavach audit segment v1\n"};
  add_line(text, "number", segment.number);
  add_line(text, "day", segment.day);
  add_line(text, "first", segment.first_seq);
  add_line(text, "last", segment.last_seq);
  add_line(text, "first-prev-hash", segment.first_prev_hash);
  add_line(text, "last-hash", segment.last_hash);
  add_line(text, "root", segment.root);
  add_line(text, "previous", segment.previous);
  add_line(text, "sealed-at-us", segment.sealed_at_us);
  return text;
}

std::string digest_of(const AuditSegment& segment) {
  return crypto::sha256_hex(signed_text(segment));
}

std::string signed_text(const SignedHead& head) {
  std::string text{"kavach audit head v1\n"};
  add_line(text, "seq", head.head.seq);
  add_line(text, "hash", head.head.hash);
  add_line(text, "at-us", head.at_us);
  return text;
}

std::string to_json(const SignedHead& head) {
  std::string line;
  JsonWriter{line}
      .object()
      .field("type", "head")
      .field("seq", head.head.seq)
      .field("hash", head.head.hash)
      .field("at_us", head.at_us)
      .field("public_key", head.public_key)
      .field("signature", head.signature)
      .end();
  return line;
}

Result<SignedHead> parse_signed_head(std::string_view json_line) {
  const auto refused = [] {
    return fail(ErrorCode::InvalidInput,
                "This is not a signed audit head. Give the last line of an audit export.");
  };
  const auto parsed = parse_json(trim(json_line));
  if (!parsed || !parsed->is_object()) return refused();
  const auto& object = parsed->as_object();
  const auto text = [&](std::string_view name) -> std::string {
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string{value->as_string()} : std::string{};
  };
  const auto number = [&](std::string_view name) -> std::int64_t {
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_int64() ? value->as_int64() : -1;
  };
  SignedHead head{
      {number("seq"), text("hash")}, number("at_us"), text("public_key"), text("signature")};
  if (head.head.seq < 0 || !is_signed_by(head.public_key, signed_text(head), head.signature)) {
    return refused();
  }
  return head;
}

bool is_signed_by(std::string_view public_key, std::string_view text, std::string_view signature) {
  const auto key = from_hex(public_key);
  const auto bytes = from_hex(signature);
  return key && bytes && crypto::verify_ed25519(*key, text, *bytes);
}

Result<std::vector<AuditSegment>> read_segments(store::Reader& reader) {
  std::vector<AuditSegment> segments;
  auto done = reader.query(
      "SELECT number, day, first_seq, last_seq, first_prev_hash, last_hash, root, previous,"
      " sealed_at_us, public_key, signature FROM audit_segments ORDER BY number",
      {}, [&](const store::Row& row) {
        segments.push_back({.number = row.integer(0),
                            .day = std::string{row.text(1)},
                            .first_seq = row.integer(2),
                            .last_seq = row.integer(3),
                            .first_prev_hash = std::string{row.text(4)},
                            .last_hash = std::string{row.text(5)},
                            .root = std::string{row.text(6)},
                            .previous = std::string{row.text(7)},
                            .sealed_at_us = row.integer(8),
                            .public_key = std::string{row.text(9)},
                            .signature = std::string{row.text(10)}});
      });
  if (!done) return pass_on(done);
  return segments;
}

}  // namespace kavach::audit
