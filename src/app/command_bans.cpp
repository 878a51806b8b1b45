#include <cstdio>

#include "app/commands.h"
#include "app/console_output.h"
#include "app/defence_settings.h"
#include "core/civil_time.h"
#include "core/worker_pool.h"
#include "guard/ban_ledger.h"

namespace kavach::app {
namespace {

constexpr std::int64_t kListedMax = 100'000;

std::string until(const std::optional<TimePoint>& at) {
  return at ? utc_text(*at).substr(0, 19) + "Z" : "permanent";
}

using Work = std::function<Result<void>(Foundation&, guard::Defences&)>;

int with_defences(const std::filesystem::path& data, const Work& work) {
  return with_foundation(data, [&](Foundation& base) -> Result<void> {
    WorkerPool workers{1, 64};
    guard::Defences defences{defence_settings(base.settings), *base.database, *base.audit, workers,
                             base.clock, base.random, *base.log};
    if (auto loaded = defences.load(); !loaded) return loaded;
    auto done = work(base, defences);
    workers.stop();
    return done;
  });
}

}  // namespace

int command_ban(const std::filesystem::path& data, const BanOptions& options) {
  return with_defences(data, [&](Foundation& base, guard::Defences& defences) -> Result<void> {
    auto network = guard::parse_ban_network(options.address);
    if (!network) return pass_on(network);
    auto term = guard::parse_ban_term(options.duration);
    if (!term) return pass_on(term);
    const auto judged = defences.protection.judge(*network, std::nullopt, base.clock.now());
    if (judged.outcome != guard::BanJudgement::Outcome::Allowed) {
      return fail(ErrorCode::Conflict, judged.consequence);
    }
    auto ban = defences.bans.ban(
        {*network, guard::BanKind::Manual, options.reason, *term, command_actor().name, ""});
    if (!ban) return pass_on(ban);
    std::printf("%s is banned: %s\n", ban->network.text().c_str(), until(ban->expires_at).c_str());
    return {};
  });
}

int command_unban(const std::filesystem::path& data, const std::string& address) {
  return with_defences(data, [&](Foundation&, guard::Defences& defences) -> Result<void> {
    auto network = guard::parse_ban_network(address);
    if (!network) return pass_on(network);
    auto lifted = defences.bans.unban(*network, command_actor().name, "");
    if (!lifted) return pass_on(lifted);
    std::printf("%s may connect again\n", lifted->text().c_str());
    return {};
  });
}

int command_bans(const std::filesystem::path& data) {
  return with_defences(data, [](Foundation& base, guard::Defences&) -> Result<void> {
    std::vector<std::vector<std::string>> rows{{"NETWORK", "UNTIL", "KIND", "COUNT", "REASON", "BY"}};
    auto read = base.database->read([&](store::Reader& reader) -> Result<void> {
      auto all = guard::BanLedger::list(reader, base.clock.now(), kListedMax);
      if (!all) return pass_on(all);
      for (const guard::Ban& ban : *all) {
        rows.push_back({ban.network.text(), until(ban.expires_at), std::string{guard::name_of(ban.kind)},
                        std::to_string(ban.count), ban.reason, ban.created_by});
      }
      return {};
    });
    if (!read) return read;
    print_table(rows);
    return {};
  });
}

int command_allow_add(const std::filesystem::path& data, const std::string& cidr) {
  return with_defences(data, [&](Foundation& base, guard::Defences& defences) -> Result<void> {
    auto network = guard::parse_allowed_network(cidr);
    if (!network) return pass_on(network);
    return base.database->write_and_wait([&](store::Transaction& transaction) {
      return defences.allow_list.add(transaction, *base.audit,
                                     {*network, "", "command", command_actor().name, base.clock.now()}, "");
    });
  });
}

int command_allow_remove(const std::filesystem::path& data, const std::string& cidr) {
  return with_defences(data, [&](Foundation& base, guard::Defences& defences) -> Result<void> {
    auto network = guard::parse_allowed_network(cidr);
    if (!network) return pass_on(network);
    return base.database->write_and_wait([&](store::Transaction& transaction) {
      return defences.allow_list.remove(transaction, *base.audit, *network, command_actor().name, "");
    });
  });
}

int command_allow_list(const std::filesystem::path& data) {
  return with_defences(data, [](Foundation&, guard::Defences& defences) -> Result<void> {
    std::vector<std::vector<std::string>> rows{{"NETWORK", "SOURCE", "BY", "NOTE"}};
    for (const guard::AllowedNetwork& entry : defences.allow_list.all()) {
      rows.push_back({entry.network.text(), entry.source, entry.created_by, entry.note});
    }
    print_table(rows);
    return {};
  });
}

}  // namespace kavach::app
