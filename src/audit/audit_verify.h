#pragma once

// Checks the whole audit chain against its hashes, its sealed segments and, where the caller has
// one, a signed head that was kept elsewhere. Finds a changed, removed, swapped or inserted record
// and names the first one; finds a cut-off end as far as a segment or a kept head reaches. (A chain
// alone cannot show that its newest, unsealed records were cut off: keep exported heads somewhere
// else.)

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "audit/audit_segment.h"

namespace kavach::audit {

struct AuditVerdict {
  struct Problem {
    std::int64_t seq{0};  ///< the first bad record
    std::string what;
  };
  std::optional<Problem> first_bad;
  std::int64_t records{0};   ///< good ones, up to the first bad
  std::int64_t segments{0};  ///< sealed ones that were checked
  ChainHead head;            ///< of the good ones

  [[nodiscard]] bool intact() const { return !first_bad; }
};

struct AuditTrust {
  /// Keys a segment may be signed with, in hexadecimal: the signing keys of all key generations.
  /// Empty: a segment's own key is believed, which only proves that it is consistent with itself.
  std::vector<std::string> public_keys;
  /// A head that was kept elsewhere.
  std::optional<SignedHead> kept_head;
};

/// Reads everything on one snapshot: some seconds for a million records. Worker threads only. Fails
/// only when the database cannot be read; a broken chain is a verdict.
[[nodiscard]] Result<AuditVerdict> verify_audit(store::Database& database, const AuditTrust& trust);

}  // namespace kavach::audit
