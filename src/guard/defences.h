#pragma once

// All defences of one gateway, constructed together and in order. `app` makes one, hands its parts to
// the pipeline, the console and the command line, and calls `tick` from a timer; nothing else starts
// or stops them.

#include <atomic>
#include <filesystem>
#include <optional>
#include <vector>

#include "audit/audit_log.h"
#include "audit/flood_detector.h"
#include "core/clock.h"
#include "core/log.h"
#include "core/net_address.h"
#include "core/random.h"
#include "core/result.h"
#include "core/worker_pool.h"
#include "guard/allow_list.h"
#include "guard/attempt_book.h"
#include "guard/ban_protection.h"
#include "guard/bans.h"
#include "guard/client_address.h"
#include "guard/guard_settings.h"
#include "guard/known_clients.h"
#include "guard/load_shedding.h"
#include "guard/offence_store.h"
#include "guard/offence_tally.h"
#include "guard/offence_tracker.h"
#include "guard/offender_export.h"
#include "guard/rate_limiter.h"
#include "guard/refusals.h"
#include "guard/security_events.h"
#include "guard/unknown_proxies.h"
#include "guard/warden.h"
#include "store/database.h"

namespace kavach::guard {

struct DefenceSettings {
  std::filesystem::path data_folder;
  std::vector<Cidr> trusted_proxies;
  std::vector<Cidr> allow_list;  ///< of the environment
  std::optional<IpAddress> network_gateway;  ///< `default_gateway()`
  GuardValues values;            ///< thresholds and rates of the environment
  SheddingLimits shedding;
  OffenderExport::MoreRecords more_records;  ///< may be empty
};

/// Everything passed in outlives the defences; the worker pool is stopped before they are destroyed.
class Defences {
 public:
  Defences(DefenceSettings settings, store::Database& database, audit::AuditLog& audit, WorkerPool& workers,
           const Clock& clock, const SecureRandom& random, Logger& log);
  Defences(const Defences&) = delete;
  Defences& operator=(const Defences&) = delete;

  /// Reads everything stored; before the server starts. Blocks.
  [[nodiscard]] Result<void> load();
  /// Takes over changes made elsewhere and saves what changed here. Every 250 ms, from any thread: the
  /// work runs on a worker, and a tick is passed over while the one before it is still running.
  void tick();
  /// Saves everything, once the server has stopped. Blocks.
  void stop();

  /// I/O thread `loop` served just now what had been ready for `delay`.
  void observe_waiting(std::size_t loop, Monotonic delay);
  /// A request or a connection of `client` arrived, whatever became of it.
  void observe_arrival(const IpAddress& client);
  /// What can be said of a caller from his address alone.
  [[nodiscard]] Standing standing_of(const IpAddress& client) const;
  [[nodiscard]] Monotonic now() const { return clock_.monotonic(); }

  /// A forwarded header came from a peer that no TRUSTED_PROXIES names.
  void note_unknown_proxy(const IpAddress& peer);
  /// What the operator should know, as sentences: for the console and `kavach doctor`.
  [[nodiscard]] std::vector<std::string> warnings() const;

 private:
  struct Seeds {
    std::uint64_t rates, bans, offences, known_clients;
  };
  void work();
  void refresh_lists();
  void report_flood(const audit::FloodReport& report);

  const Clock& clock_;
  store::Database& database_;
  audit::AuditLog& audit_;
  WorkerPool& workers_;
  Logger& log_;
  const Seeds seeds_;

 public:
  // In the order of construction.
  const ClientAddressResolver resolver;
  GuardSettings settings;
  AllowList allow_list;
  UnknownProxies unknown_proxies;
  BanProtection protection;
  AttemptBook attempts;
  OffenderExport offender_export;
  Bans bans;
  RateLimiter limiter;
  OffenceTracker tracker;
  OffenceTally tally;
  OffenceStore offence_store;
  SecurityEvents events;
  RefusalCounters counters;
  KnownClients known_clients;
  LoadShedder shedder;
  audit::FloodDetector floods;
  Warden warden;

 private:
  std::atomic<bool> working_{false};
  std::int64_t ticks_{0};
  std::int64_t allow_list_version_{-1};
  std::int64_t settings_version_{-1};
};

/// The next hop of the IPv4 default route, from /proc/net/route; nothing without one.
[[nodiscard]] std::optional<IpAddress> default_gateway();
/// The same from the table's text.
[[nodiscard]] std::optional<IpAddress> gateway_of_route_table(std::string_view table);

}  // namespace kavach::guard
