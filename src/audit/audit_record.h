#pragma once

// One record of the audit chain as it is stored and exported, and the encoding its hash covers
// (docs/audit-events.md has it byte by byte, for whoever writes a verifier of their own).

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "audit/event.h"
#include "core/clock.h"
#include "core/result.h"
#include "store/database.h"

namespace kavach::audit {

/// `prev_hash` of the first record: 64 zeros.
inline constexpr std::string_view kGenesisHash =
    "0000000000000000000000000000000000000000000000000000000000000000";

struct AuditRecord {
  std::int64_t seq{0};  ///< 1, 2, 3 … without gaps
  std::int64_t at_us{0};
  std::string kind;
  std::string actor;
  std::string address;
  std::string request_id;
  std::string body;       ///< JSON object of the event's fields, in their order
  std::string prev_hash;  ///< 64 hexadecimal characters
  std::string hash;
};

/// Who is where in the chain.
struct ChainHead {
  std::int64_t seq{0};
  std::string hash{kGenesisHash};
};

/// The record that follows `head`. Texts are made valid UTF-8 and clipped to bounds an attacker
/// cannot move (a 60 kB user name is kept as its beginning).
[[nodiscard]] AuditRecord make_record(const ChainHead& head, TimePoint at, const Event& event);

/// The SHA-256 over the canonical encoding of everything but `hash`, in hexadecimal.
[[nodiscard]] std::string hash_of(const AuditRecord& record);

/// A row of `seq, at_us, kind, actor, address, request_id, body, prev_hash, hash`.
[[nodiscard]] AuditRecord record_of(const store::Row& row);

/// All records with first <= seq <= last in the order of `seq`, until `on_record` says false.
[[nodiscard]] Result<void> read_records(store::Reader& reader, std::int64_t first,
                                        std::int64_t last,
                                        const std::function<bool(const AuditRecord&)>& on_record);

/// The last record's place, or the genesis.
[[nodiscard]] Result<ChainHead> read_head(store::Reader& reader);

}  // namespace kavach::audit
