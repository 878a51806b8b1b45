#include "trading/journaling_desk.h"

#include "trading/refusals.h"

namespace kavach::trading {

JournalingDesk::JournalingDesk(store::Database& database, audit::AuditLog& audit,
                               store::Spool& spool, const Clock& clock, const market::Instruments& instruments,
                               Logger& logger, std::map<std::string, Venue, std::less<>> venues,
                               DeskSettings settings)
    : journal_{database, audit},
      spool_{spool},
      clock_{clock},
      instruments_{instruments},
      logger_{logger},
      venues_{std::move(venues)},
      settings_{settings},
      on_paid_{[this] { spool_.done_with(1); }} {
  for (const auto& [family, venue] : venues_) {
    check(venue.broker != nullptr, "an account family without a broker");
  }
}

JournalingDesk::~JournalingDesk() { stop(); }

DeskAccount* JournalingDesk::find(const AccountId& id) {
  return accounts_.with([&](auto& accounts) -> DeskAccount* {
    const auto found = accounts.find(id);
    return found == accounts.end() ? nullptr : found->second.get();
  });
}

DeskAccount* JournalingDesk::find_or_create(const AccountId& id) {
  const std::size_t colon = id.find(':');
  if (colon == std::string::npos || colon + 1 == id.size()) return nullptr;
  const auto venue = venues_.find(std::string_view{id}.substr(0, colon));
  if (venue == venues_.end()) return nullptr;
  return accounts_.with([&](auto& accounts) -> DeskAccount* {
    const auto found = accounts.find(id);
    if (found != accounts.end()) return found->second.get();
    if (accounts.size() >= settings_.accounts_max) return nullptr;
    auto made = std::make_unique<DeskAccount>(id, venue->second, journal_, on_update_, on_paid_);
    return accounts.emplace(id, std::move(made)).first->second.get();
  });
}

std::vector<DeskAccount*> JournalingDesk::all_accounts() const {
  return accounts_.with([](const auto& accounts) {
    std::vector<DeskAccount*> all;
    all.reserve(accounts.size());
    for (const auto& [id, account] : accounts) all.push_back(account.get());
    return all;
  });
}

std::vector<AccountId> JournalingDesk::accounts() const {
  std::vector<AccountId> ids;
  for (const DeskAccount* account : all_accounts()) ids.push_back(account->journal.id());
  return ids;
}

std::optional<Refusal> JournalingDesk::unavailable() const {
  if (!stopping_.load()) return std::nullopt;
  return refusal(ErrorCode::Unavailable, "STOPPING", "The gateway is stopping.");
}

void JournalingDesk::read(const AccountId& id, std::function<void(const Books&)> use,
                          std::move_only_function<void(Result<void>)> done) {
  DeskAccount* account = find_or_create(id);
  if (account == nullptr) return done(std::unexpected{no_such_account().error});
  if (read_now(id, use)) return done({});

  auto show = [account, use = std::move(use),
               done = std::move(done)](const Result<void>& opened) mutable {
    if (opened) account->journal.read(use);
    done(opened);
  };
  account->journal.decide([&](Turn& turn) {
    if (turn.books().is_open()) {
      return turn.when_settled([show = std::move(show)]() mutable { show({}); });
    }
    auto shown = std::make_shared<decltype(show)>(std::move(show));
    const auto opened =
        turn.record({{clock_.now(), {}, {}, AccountOpened{account->venue.starting_capital}}},
                    system_actor(), [shown](const Result<void>& result) { (*shown)(result); });
    if (!opened) turn.later([shown, opened] { (*shown)(opened); });
  });
}

bool JournalingDesk::read_now(const AccountId& id, const std::function<void(const Books&)>& use) {
  DeskAccount* account = find(id);
  return account != nullptr && account->journal.read([&](const Books& books) {
    if (books.is_open()) use(books);
    return books.is_open();
  });
}

void JournalingDesk::keep_books(const AccountId& id, const Bookkeeping& decide,
                                std::move_only_function<void(Result<void>)> done) {
  DeskAccount* account = find(id);
  if (account == nullptr) return done(std::unexpected{no_such_account().error});
  account->journal.decide([&](Turn& turn) {
    auto events = decide(turn.books());
    // The completion is shared because a refused entry drops what it was given.
    auto told = std::make_shared<decltype(done)>(std::move(done));
    if (events.empty()) return turn.when_settled([told] { (*told)({}); });
    const auto recorded =
        turn.record(std::move(events), system_actor(),
                    [told](Result<void> result) { (*told)(std::move(result)); });
    if (!recorded) turn.later([told, recorded] { (*told)(recorded); });
  });
}

void JournalingDesk::reset(const Actor& actor, const AccountId& id,
                           std::move_only_function<void(Result<void>)> done) {
  cancel_all(actor, id, [this, id, done = std::move(done)](const auto&) mutable {
    const Bookkeeping forget = [this, id](const Books& books) {
      std::vector<JournalEvent> events;
      const TimePoint now = clock_.now();
      for (const Order& order : books.orders()) {
        if (!is_working(order.status)) continue;
        if (order.change) {
          events.push_back({now, id, order.id, ChangeRefused{"reset", order.change->reserved}});
        }
        events.push_back({now, id, order.id, OrderCancelled{"reset", order.margin_blocked}});
      }
      events.push_back({now, id, {}, AccountReset{find(id)->venue.starting_capital}});
      return events;
    };
    keep_books(id, forget, std::move(done));
  });
}

}  // namespace kavach::trading
