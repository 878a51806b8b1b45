#pragma once

// What the desk keeps for one account beside its books: who waits for an answer, what has to be asked
// again, what could not be recorded yet. All of it is touched only inside `journal.decide`, that is under
// the account's lock, and none of it needs to survive a restart.

#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "trading/broker.h"
#include "trading/journaled_account.h"
#include "trading/rate_governor.h"
#include "trading/risk.h"

namespace kavach::trading {

using Turn = JournaledAccount::Turn;

/// A kind of account: where its orders go and under which limits.
struct Venue {
  Broker* broker{nullptr};
  RiskLimits limits;
  Money starting_capital;
};

/// A request to place an order, on its way through the desk.
struct PlaceCall {
  Actor actor;
  OrderRequest request;  ///< as asked
  std::optional<Towards> towards;
  Reply<Placed> reply;
  bool caught_up{false};  ///< outcomes that wait for the journal were counted into the books for its sake
};

/// A request to take a position to a target. The first of its queue is under way, in steps: it cancels what works
/// against it, and then takes one order, or several where the exchange freezes large ones.
struct TowardsCall {
  PlaceCall call;
  bool cleared{false};  ///< what worked against it has been cancelled, but for `left`
  std::size_t cancelled{0};
  std::vector<FailedOrder> left{};
  std::int64_t orders_left{0};     ///< that it may still take
  std::optional<Placed> placed{};  ///< its latest order
  std::int64_t orders{0};       ///< that it took
  RecordedIn recorded_in{RecordedIn::Journal};
};

/// News about an order from outside: an answer to what was sent, or a happening at the venue.
struct Fact {
  enum class Source { Place, LookUp, Modify, Cancel, Venue };
  std::string order_id;
  Source source{Source::Venue};
  std::variant<BrokerOutcome, Happening> what;
  audit::StageTimes stages{};  ///< of a placed order, so far
  Monotonic heard_at{};        ///< when its broker answered
};

struct DeskAccount {
  DeskAccount(AccountId id, const Venue& at, Journal& journal_file, const OnOrderUpdate& on_update,
              const std::function<void()>& on_paid)
      : venue{at}, journal{std::move(id), journal_file, on_update, on_paid} {}

  /// A question about an order. Its cancel and its modification can both be open, beside each other.
  struct Question {
    std::string order_id;
    Fact::Source source{Fact::Source::LookUp};  ///< LookUp, Modify or Cancel
    friend auto operator<=>(const Question&, const Question&) = default;
  };
  struct Retry {
    int attempts{0};
    TimePoint due{};
    bool asking{false};  ///< a question is out

    /// After one more attempt that led nowhere, at `now`.
    void again_after(TimePoint now);
  };

  const Venue& venue;
  JournaledAccount journal;

  // Under the lock of `journal`.
  std::unordered_map<std::string, std::vector<Reply<Placed>>> placing;  ///< by order id, first first
  std::unordered_map<std::string, Reply<Placed>> changing;
  std::unordered_map<std::string, std::vector<Reply<Placed>>> cancelling;
  std::map<Books::PositionKey, std::deque<TowardsCall>> towards;  ///< the front one is running
  std::map<Question, Retry> retries;
  std::map<std::string, Retry> halt_cancels;  ///< by order id: cancels of the kill switch that failed
  std::deque<Fact> unrecorded;
  std::set<std::string> exits;  ///< closing orders under way: their outcomes do not wait for the store either
  RateGovernor governor;

  std::atomic<RecordedIn> kept_in{RecordedIn::Spool};  ///< where the latest record went that the journal lacks
};

}  // namespace kavach::trading
