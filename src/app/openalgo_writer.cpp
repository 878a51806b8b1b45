#include "app/defence_settings.h"
#include "app/openalgo_plan.h"
#include "guard/ban_ledger.h"

namespace kavach::app {
namespace {

const identity::Actor kImporter{"cli", "", ""};

Result<void> write_person(store::Transaction& transaction, const identity::AccountImport& accounts,
                          const ImportedPerson& person, bool analyze) {
  identity::UserId id = person.known.value_or(0);
  if (!person.known) {
    auto added = accounts.add(transaction, person.account);
    if (!added) return pass_on(added);
    id = *added;
    if (analyze) {
      auto set = transaction.execute("INSERT INTO api_modes (user_id, is_analyze) VALUES (?, 1) ON CONFLICT DO NOTHING",
                                     {id});
      if (!set) return pass_on(set);
    }
  }
  for (const auto& key : person.keys) {
    if (auto added = accounts.add_key(transaction, id, key); !added) return pass_on(added);
  }
  return {};
}

Result<void> write_bans(store::Transaction& transaction, Foundation& base, const std::vector<guard::BanRequest>& bans) {
  guard::BanLedger ledger{*base.audit};
  const TimePoint now = base.clock.now();
  for (const auto& request : bans) {
    auto known = guard::BanLedger::find(transaction, request.network, now);
    if (!known) return pass_on(known);
    if (*known) continue;
    if (auto added = ledger.add(transaction, request, now); !added) return pass_on(added);
  }
  return {};
}

}  // namespace

Result<void> carry_out(ImportPlan& plan, Foundation& base, const crypto::KeyRing& ring,
                       store::Transaction& transaction) {
  const identity::AccountImport accounts{
      {*base.audit, *base.cipher, crypto::HmacSha256{ring.derive(crypto::Purpose::ApiKeyDigest)}, kImporter,
       base.clock.now()}};
  for (const ImportedPerson& person : plan.people) {
    if (auto written = write_person(transaction, accounts, person, plan.analyze); !written) return written;
  }
  if (plan.mail) {
    auto added = accounts.add_mail(transaction, plan.mail->settings, plan.mail->password);
    if (!added) return pass_on(added);
    if (!*added) plan.report.not_taken.emplace_back("mail settings: mail is set up here already");
  }
  if (!plan.guard_changes.empty()) {
    guard::GuardSettings settings{guard_values(base.settings)};
    if (auto loaded = settings.load(transaction); !loaded) return loaded;
    auto changed = settings.change(transaction, *base.audit, plan.guard_changes, kImporter.name, "", "");
    if (!changed) return changed;
  }
  return write_bans(transaction, base, plan.bans);
}

}  // namespace kavach::app
