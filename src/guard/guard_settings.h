#pragma once

// The thresholds and rates that can be changed while the gateway runs: a closed, typed list of names. A
// change made in the console is stored, audited, in force at once here and within a second on every
// other process, and wins over the environment.
//
// `read` from any thread without a lock; what touches the store blocks and belongs on worker threads.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "audit/audit_log.h"
#include "core/guarded.h"
#include "core/json.h"
#include "core/result.h"
#include "guard/offence.h"
#include "guard/rate_limiter.h"
#include "store/database.h"

namespace kavach::guard {

// Names: `auto_ban_enabled`, `repeat_offender_limit`; for every offence `…_threshold` and `…_ban_hours`;
// for every rate class `…_rate_limit`; for every defence `shadow_…`. docs/defences.md lists them.

/// A defence that can run in shadow: judged and counted, not enforced.
enum class Defence { BanList, AutoBan, RateLimits, LoadShedding, HostCheck, Csrf };
inline constexpr std::size_t kDefences = static_cast<std::size_t>(Defence::Csrf) + 1;

struct GuardValues {
  bool auto_ban_enabled{true};
  std::int64_t repeat_offender_limit{3};
  OffenceRules offences = OffenceRules::defaults();
  RateSet rates = RateSet::defaults();
  std::array<bool, kDefences> shadow{};

  [[nodiscard]] bool in_shadow(Defence defence) const { return shadow[static_cast<std::size_t>(defence)]; }
  [[nodiscard]] bool& in_shadow(Defence defence) { return shadow[static_cast<std::size_t>(defence)]; }
};

/// The values with `changes` applied. Fails naming the first wrong member: an unknown name, a wrong type
/// (`"false"` is not a flag), a value out of bounds.
[[nodiscard]] Result<GuardValues> with_changes(GuardValues values, const json::object& changes);

/// All values under their names, as `GET /security/api/data` shows them.
void write_settings(JsonWriter& writer, const GuardValues& values);

class GuardSettings {
 public:
  /// `environment`: what the settings' environment or file says.
  explicit GuardSettings(GuardValues environment);

  [[nodiscard]] std::shared_ptr<const GuardValues> read() const { return values_.read(); }

  /// Reads what the console stored; at start and whenever another process may have changed it.
  [[nodiscard]] Result<void> load(store::Reader& reader);

  /// Checks and stores inside the caller's transaction, with an audit record that names old and new. Call
  /// `load` after the commit.
  [[nodiscard]] Result<void> change(store::Transaction& transaction, audit::AuditLog& audit,
                                    const json::object& changes, const std::string& actor,
                                    const std::string& address, const std::string& request_id) const;

 private:
  const GuardValues environment_;
  Snapshot<GuardValues> values_;
};

}  // namespace kavach::guard
