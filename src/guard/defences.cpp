#include "guard/defences.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "core/text.h"
#include "guard/change_counter.h"

namespace kavach::guard {
namespace {

constexpr std::int64_t kTicksPerFlush = 4;      // a second
constexpr std::int64_t kTicksPerSweep = 2'400;  // ten minutes
// Of all that arrives in a second nothing waited less: a flood, when enough arrives.
constexpr std::chrono::milliseconds kFloodDelay{5};

}  // namespace

Defences::Defences(DefenceSettings wanted, store::Database& database, audit::AuditLog& audit, WorkerPool& workers,
                   const Clock& clock, const SecureRandom& random, Logger& log)
    : clock_{clock},
      database_{database},
      audit_{audit},
      workers_{workers},
      log_{log},
      seeds_{random.next(), random.next(), random.next(), random.next()},
      resolver{wanted.trusted_proxies},
      settings{std::move(wanted.values)},
      allow_list{clock, wanted.allow_list},
      protection{wanted.trusted_proxies, wanted.network_gateway, allow_list, unknown_proxies},
      offender_export{wanted.data_folder, database, attempts, clock, log, std::move(wanted.more_records)},
      bans{database, audit, protection, clock, seeds_.bans,
           [this](const Cidr& network) { return offender_export.write(network); }},
      limiter{clock, seeds_.rates},
      tracker{seeds_.offences},
      offence_store{database, tracker, attempts, tally, limiter, clock},
      known_clients{seeds_.known_clients},
      shedder{wanted.shedding},
      floods{{.queueing_target = kFloodDelay}, [this](const audit::FloodReport& report) { report_flood(report); }},
      warden{{tracker, attempts, tally, bans, settings, events, counters, workers, clock, log}} {}

Result<void> Defences::load() {
  if (auto loaded = bans.load(); !loaded) return loaded;
  if (auto loaded = offence_store.load(); !loaded) return loaded;
  return database_.read([&](store::Reader& reader) -> Result<void> {
    if (auto loaded = allow_list.load(reader); !loaded) return loaded;
    return settings.load(reader);
  });
}

void Defences::tick() {
  if (working_.exchange(true)) return;
  if (!workers_.try_post([this] {
        work();
        working_.store(false);
      })) {
    working_.store(false);
  }
}

void Defences::work() {
  ++ticks_;
  refresh_lists();
  if (ticks_ % kTicksPerFlush != 0) return;
  warden.store_pending();
  if (auto flushed = offence_store.flush(); !flushed) {
    log_.warning("guard.not_saved", {{"detail", flushed.error().detail}});
  }
  if (ticks_ % kTicksPerSweep != 0) return;
  for (const auto& swept : {bans.sweep(), offence_store.sweep()}) {
    if (!swept) log_.warning("guard.not_swept", {{"detail", swept.error().detail}});
  }
}

// On failure the last known lists stay in force; the store's own health check reports the cause.
void Defences::refresh_lists() {
  std::ignore = bans.refresh();
  std::ignore = database_.read([&](store::Reader& reader) -> Result<void> {
    const auto allowed = read_version(reader, ChangeTopic::AllowList);
    if (allowed && *allowed != allow_list_version_ && allow_list.load(reader)) allow_list_version_ = *allowed;
    const auto changed = read_version(reader, ChangeTopic::Settings);
    if (changed && *changed != settings_version_ && settings.load(reader)) settings_version_ = *changed;
    return {};
  });
}

void Defences::observe_waiting(std::size_t loop, Monotonic delay) {
  shedder.observe(loop, delay, clock_.monotonic());
}

void Defences::observe_arrival(const IpAddress& client) {
  // While shedding holds the delay down the flood is as real as before.
  const Monotonic held_off = shedder.level() > 0 ? Monotonic{kFloodDelay} + Monotonic{1} : Monotonic{0};
  floods.observe(clock_.now(), client, std::max(shedder.waiting(), held_off), standing_of(client) == Standing::Known);
}

Standing Defences::standing_of(const IpAddress& client) const {
  static const IpAddress here_v4 = *IpAddress::parse("127.0.0.1");
  static const IpAddress here_v6 = *IpAddress::parse("::1");
  const bool trusted = client == here_v4 || client == here_v6 || resolver.is_trusted_proxy(client) ||
                       allow_list.contains(client) || known_clients.contains(client, clock_.monotonic());
  return trusted ? Standing::Known : Standing::Stranger;
}

void Defences::report_flood(const audit::FloodReport& report) {
  std::string top;
  for (const audit::FloodReport::Source& source : report.sources) {
    top += (top.empty() ? "" : ", ") + source.offender.text() + " (" + std::to_string(source.requests) + ")";
  }
  const std::string first = report.sources.empty() ? std::string{} : report.sources.front().offender.text();
  const std::int64_t waiting = std::chrono::floor<std::chrono::milliseconds>(report.queueing).count();
  events.add({clock_.now(), "flood.detected", first,
              std::to_string(report.requests_per_second) + " requests a second, most from " + top});
  audit_.record({"flood.detected", "system", first, {},
                 {{"requests_per_second", report.requests_per_second}, {"wait_millis", waiting}, {"top", top}}});
  log_.warning("flood.detected", {{"requests_per_second", report.requests_per_second},
                                  {"wait_millis", waiting},
                                  {"top", top}});
}

void Defences::stop() {
  warden.store_pending();
  if (auto flushed = offence_store.flush_all(); !flushed) {
    log_.warning("guard.not_saved", {{"detail", flushed.error().detail}});
  }
}

void Defences::note_unknown_proxy(const IpAddress& peer) {
  if (!unknown_proxies.note(peer, clock_.now())) return;
  log_.warning("proxy.unknown", {{"peer", peer.text()},
                                 {"detail", "forwarded headers from a peer that TRUSTED_PROXIES does not name; all "
                                            "clients seem to share its address"}});
  audit_.record({"proxy.unknown", "", peer.text(), "", {}});  // what `kavach doctor` looks for
  events.add({clock_.now(), "proxy.unknown", peer.text(), "Set TRUSTED_PROXIES to tell clients apart."});
}

std::vector<std::string> Defences::warnings() const {
  std::vector<std::string> out;
  for (const IpAddress& proxy : unknown_proxies.all(clock_.now())) {
    out.push_back("A proxy at " + proxy.text() +
                  " is in front of the gateway, but TRUSTED_PROXIES does not name it. All clients share its "
                  "address, so none of them is banned. Set TRUSTED_PROXIES=" +
                  proxy.text() + " and restart.");
  }
  return out;
}

std::optional<IpAddress> gateway_of_route_table(std::string_view table) {
  for (const std::string_view line : split(table, '\n')) {
    const auto fields = split(line, '\t');
    if (fields.size() < 3 || trim(fields[1]) != "00000000") continue;
    const auto raw = from_hex(trim(fields[2]));
    if (!raw || raw->size() != 4) continue;
    // The table shows the number in the machine's byte order, which is little-endian where we run.
    std::uint32_t host = 0;
    for (std::size_t i = 0; i < 4; ++i) host = host << 8U | std::to_integer<std::uint32_t>((*raw)[3 - i]);
    if (host != 0) return IpAddress::v4(host);
  }
  return std::nullopt;
}

std::optional<IpAddress> default_gateway() {
  std::ifstream file{"/proc/net/route"};
  std::ostringstream table;
  table << file.rdbuf();
  return gateway_of_route_table(table.str());
}

}  // namespace kavach::guard
