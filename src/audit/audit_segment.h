#pragma once

// A sealed stretch of the audit chain: the records of one day (in Indian Standard Time, the trading
// day), under a Merkle root that the gateway has signed. A segment names the one before it, so that
// whoever keeps the newest one can prove all of them. Segments are never removed.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "audit/audit_record.h"
#include "core/result.h"
#include "crypto/ed25519.h"
#include "store/database.h"

namespace kavach::audit {

struct AuditSegment {
  std::int64_t number{0};  ///< 1, 2, 3 … without gaps
  std::string day;         ///< `2027-06-29`
  std::int64_t first_seq{0};
  std::int64_t last_seq{0};
  std::string first_prev_hash;
  std::string last_hash;
  std::string root;      ///< Merkle root over the records' hashes
  std::string previous;  ///< digest of the segment before, or the genesis hash
  std::int64_t sealed_at_us{0};
  std::string public_key;  ///< Ed25519, 64 hexadecimal characters
  std::string signature;   ///< 128 hexadecimal characters
};

/// What is signed: readable lines, so that anybody can check one with standard tools.
[[nodiscard]] std::string signed_text(const AuditSegment& segment);
/// SHA-256 of the signed text, in hexadecimal.
[[nodiscard]] std::string digest_of(const AuditSegment& segment);

/// The chain's end at one moment, signed. Kept outside of the gateway, it proves later that nothing
/// up to it was cut off or rewritten.
struct SignedHead {
  ChainHead head;
  std::int64_t at_us{0};
  std::string public_key;
  std::string signature;
};
[[nodiscard]] std::string signed_text(const SignedHead& head);
/// One line of JSON without its newline.
[[nodiscard]] std::string to_json(const SignedHead& head);
/// Reads what `to_json` wrote and checks its signature.
[[nodiscard]] Result<SignedHead> parse_signed_head(std::string_view json_line);

/// Whether `signature` over `text` is by `public_key`, both in hexadecimal.
[[nodiscard]] bool is_signed_by(std::string_view public_key, std::string_view text,
                                std::string_view signature);

/// All segments in order.
[[nodiscard]] Result<std::vector<AuditSegment>> read_segments(store::Reader& reader);

}  // namespace kavach::audit
