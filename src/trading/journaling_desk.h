#pragma once

// The order desk: idempotency, risk, journal, broker, journal, answer, in that order for every order.
// API, console, webhooks and the paper exchange's housekeeping all come through here.
//
// Per account everything is decided under one lock (journaled_account.h) and nothing slow happens there.
// An order goes to its broker from the completion of the commit that made its intent durable; a client
// is answered from the completion of the commit that made the outcome durable. Both run on the store's
// writer thread, so brokers must not block in `place`.
//
// While the store cannot be written nothing new is placed, but nobody is locked in: cancels, closing orders and
// the kill switch are carried out, kept in the spool and journaled later (desk_exit.cpp).
//
// Life cycle: construct, `listen`, `start` (blocks: replays the journal), then `tick` every 100 ms or so
// from one thread, `stop` before the database goes. docs/life-of-an-order.md tells the whole story.
//
// Thread-safe after `start`.

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/log.h"
#include "market/instrument_table.h"
#include "store/spool.h"
#include "trading/approach.h"
#include "trading/broker.h"
#include "trading/desk_account.h"
#include "trading/journal.h"
#include "trading/order_desk.h"
#include "trading/order_ids.h"
#include "trading/risk.h"
#include "trading/spooled_entry.h"

namespace kavach::trading {

struct DeskSettings {
  std::size_t accounts_max{10'000};
  std::size_t waiting_max{256};       ///< requests waiting for one order or one smart order queue
  std::int64_t snapshot_after{200'000};  ///< journal rows a start may have to replay
};

class JournalingDesk final : public OrderDesk {
 public:
  /// `venues` by account family, the part of an AccountId before the colon. An account of another family
  /// does not exist. All references outlive the desk.
  JournalingDesk(store::Database& database, audit::AuditLog& audit, store::Spool& spool, const Clock& clock,
                 const market::Instruments& instruments, Logger& logger,
                 std::map<std::string, Venue, std::less<>> venues, DeskSettings settings = {});
  /// Stops.
  ~JournalingDesk() override;

  /// Before `start`.
  void listen(OnOrderUpdate on_update) { on_update_ = std::move(on_update); }
  /// Replays the journal, hands working orders to their brokers, and asks about every order whose outcome
  /// is not in the journal. Blocks. Until it has succeeded the desk refuses orders.
  [[nodiscard]] Result<void> start();
  /// Work that is due: look-ups of unknown outcomes, repeated cancels and modifications, outcomes that
  /// could not be recorded when they came, snapshots. Any one thread; blocks while it saves a snapshot.
  void tick();
  /// Refuses new work, waits for what is in flight and saves snapshots. Idempotent.
  void stop();

  void place(const Actor& actor, const AccountId& account, OrderRequest request,
             Reply<Placed> reply) override;
  void place_towards(const Actor& actor, const AccountId& account, OrderRequest request,
                     Quantity target, Reply<Placed> reply) override;
  void modify(const Actor& actor, const AccountId& account, OrderChange change,
              Reply<Placed> reply) override;
  void cancel(const Actor& actor, const AccountId& account, const std::string& order_id,
              Reply<Placed> reply) override;
  void cancel_all(const Actor& actor, const AccountId& account,
                  Reply<CancelledOrders> reply) override;
  void close_all(const Actor& actor, const AccountId& account, CloseScope scope,
                 Reply<ClosedPositions> reply) override;
  void read(const AccountId& account, std::function<void(const Books&)> use,
            std::move_only_function<void(Result<void>)> done) override;

  /// `read` for housekeeping: at once, and false without calling `use` when the account is not open yet.
  bool read_now(const AccountId& account, const std::function<void(const Books&)>& use);
  /// Journals what `decide` makes of the account's books, unless that is nothing. For events that are
  /// not orders: settlement, expiry, day roll. Only accounts that exist.
  using Bookkeeping = std::function<std::vector<JournalEvent>(const Books&)>;
  void keep_books(const AccountId& account, const Bookkeeping& decide,
                  std::move_only_function<void(Result<void>)> done);
  /// Back to the venue's starting capital: cancels working orders and clears positions and holdings.
  void reset(const Actor& actor, const AccountId& account,
             std::move_only_function<void(Result<void>)> done);
  /// Ascending.
  [[nodiscard]] std::vector<AccountId> accounts() const;

  /// The kill switch. `Halted` and `Reducing` act at once and outlive a restart; halting also cancels
  /// every working order of every account, and `done` comes after the state is durable (in the spool, where
  /// the store fails; an error says that it is in force but would not outlive a restart). Cancels that
  /// fail are repeated by `tick`. Closing positions is a choice of its own (`close_all` while Reducing).
  void set_state(const Actor& actor, TradingState state, std::string reason,
                 std::move_only_function<void(Result<void>)> done);
  [[nodiscard]] TradingState state() const { return state_.load(); }

 private:
  DeskAccount* find(const AccountId& id);
  /// Opens the account in memory; its first event makes it durable.
  DeskAccount* find_or_create(const AccountId& id);
  [[nodiscard]] std::vector<DeskAccount*> all_accounts() const;
  [[nodiscard]] std::optional<Refusal> unavailable() const;

  // desk_place.cpp
  void submit(DeskAccount& account, PlaceCall call);
  void decide_place(DeskAccount& account, Turn& turn, PlaceCall& call);
  bool answer_from_history(DeskAccount& account, Turn& turn, PlaceCall& call);
  std::optional<Refusal> judge(DeskAccount& account, const Books& books, const Actor& actor, const OrderRequest& request,
                               const Order* replaces, VenueTerms& terms, Quantity released = {});
  void decide_order(DeskAccount& account, Turn& turn, PlaceCall& call, bool to_target, Monotonic begun);
  void record_intent(DeskAccount& account, Turn& turn, PlaceCall& call, Order order,
                     const VenueTerms& terms, audit::StageTimes stages);
  void send(DeskAccount& account, const Order& order, audit::StageTimes stages);
  void refuse(Turn& turn, DeskAccount& account, PlaceCall& call, Refusal refusal);

  // desk_towards.cpp
  void run_towards(DeskAccount& account, const Books::PositionKey& key);
  void decide_towards(DeskAccount& account, Turn& turn, PlaceCall& call, Monotonic begun);
  void clear_way(DeskAccount& account, Turn& turn, PlaceCall& call, Approach way);
  void step_done(DeskAccount& account, const Books::PositionKey& key, Answer<Placed> answer);
  void next_towards(DeskAccount& account, const Books::PositionKey& key);
  [[nodiscard]] Quantity slice_of(const DeskAccount& account, const Books& books, const OrderRequest& request,
                                  Quantity released) const;

  // desk_change.cpp
  void cancel_each(const Actor& actor, const AccountId& id, const std::vector<std::string>& orders,
                   Reply<CancelledOrders> reply);
  void decide_modify(DeskAccount& account, Turn& turn, const Actor& actor, const OrderChange& change,
                     Reply<Placed>& reply);
  void decide_cancel(DeskAccount& account, Turn& turn, const Actor& actor,
                     const std::string& order_id, Reply<Placed>& reply);
  void send_change(DeskAccount& account, const std::string& order_id);
  void send_cancel(DeskAccount& account, const std::string& order_id);

  // desk_outcome.cpp
  void take(DeskAccount& account, Fact fact);
  void record_unrecorded(DeskAccount& account, Turn& turn);
  void decide_fact(DeskAccount& account, Turn& turn, Fact fact);
  void record_fact(DeskAccount& account, Turn& turn, Fact fact, std::vector<JournalEvent> events);
  void fact_settled(DeskAccount& account, const Fact& fact, const Result<void>& result);
  void answer(DeskAccount& account, Turn& turn, const Fact& fact, bool recorded);
  void answer_place(DeskAccount& account, Turn& turn, const Fact& fact, bool recorded);
  void answer_change(DeskAccount& account, Turn& turn, const Fact& fact, bool recorded);
  void answer_cancel(DeskAccount& account, Turn& turn, const Fact& fact, bool recorded);
  void note_open_questions(DeskAccount& account, Turn& turn, const Fact& fact);
  void ask_again(DeskAccount& account);

  // desk_exit.cpp
  [[nodiscard]] bool keep(DeskAccount& account, Turn& turn, std::vector<JournalEvent> events, const Actor& actor,
                          Job then);
  void cancel_unjournaled(DeskAccount& account, const std::string& order_id, const Actor& actor, const Error& why);
  void place_unjournaled(DeskAccount& account, const OrderIntended& intent, const Error& why);
  void hold(DeskAccount& account, Turn& turn, Fact fact);
  void take_unjournaled(DeskAccount& account, const Fact& fact);
  void decide_unjournaled(DeskAccount& account, Turn& turn, const Fact& fact);
  void catch_up(DeskAccount& account, PlaceCall call);
  void keep_state(const JournalEvent& event, const Actor& actor, std::move_only_function<void(Result<void>)> done,
                  const Error& why);
  void pay_states();
  void restore_spooled();
  [[nodiscard]] bool restore_entry(SpooledEntry entry);

  // desk_recovery.cpp
  Result<void> replay();
  void pay_all();
  void resume(DeskAccount& account);
  void save_snapshots();
  void cancel_everything(const Actor& actor);
  void repeat_halt_cancels();
  void cancel_for_halt(DeskAccount& account, const Actor& actor);

  Journal journal_;
  store::Spool& spool_;
  const Clock& clock_;
  const market::Instruments& instruments_;
  Logger& logger_;
  const std::map<std::string, Venue, std::less<>> venues_;
  const DeskSettings settings_;
  OnOrderUpdate on_update_;
  OrderIds ids_;
  std::atomic<TradingState> state_{TradingState::Reconciling};
  Guarded<std::int64_t> state_decisions_;  ///< how many; held while `state_` follows one
  std::atomic<bool> stopping_{false};
  std::atomic<std::int64_t> last_snapshot_seq_{0};
  std::function<void()> on_paid_;
  TimePoint state_changed_at_{};                    ///< start-up: the journal's last word on the trading state
  Guarded<std::vector<SpooledEntry>> owed_states_;  ///< stricter trading states that the journal lacks
  Guarded<std::map<AccountId, std::unique_ptr<DeskAccount>, std::less<>>> accounts_;
};

}  // namespace kavach::trading
