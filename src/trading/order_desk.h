#pragma once

// Where every order goes through, whoever produced it: idempotency, risk checks, journal, broker,
// journal. API, console and webhooks call this and hold no rule of their own.
//
// Thread-safe. Decisions for one account are serialised, accounts run in parallel. Completions are
// called exactly once, on an unspecified thread, after what they report is durable. Getting out is the one
// exception: while the store cannot be written a cancel, a close and the kill switch are carried out all the
// same, and the answer says where they are on record.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/stage.h"
#include "core/result.h"
#include "trading/order.h"

namespace kavach::trading {

class Books;  // trading/books.h: orders, fills, positions, holdings and funds of one account

/// Who asked, for the audit record, and whether the desk may open anything for them. The journal keeps the first
/// four: what is in it has been decided.
struct Actor {
  std::string username;
  std::string credential_id;
  std::string address;
  std::string request_id;
  bool only_reduces{false};  ///< orders of theirs are judged as in the trading state *reducing*
};

/// The gateway itself: recovery, square-off, settlement.
[[nodiscard]] inline Actor system_actor() { return {"system", {}, {}, {}}; }

/// Where what was done is on record. Only what takes a trader out of the market (a cancel, closing, the kill
/// switch) is ever done without the journal.
enum class RecordedIn {
  Journal,
  Spool,   ///< on disk beside the store, which cannot be written; the journal gets it when it can
  Memory,  ///< nothing can be written: a restart would forget it
};
/// What a client is told beside the result; empty for the journal.
[[nodiscard]] std::string_view notice_of(RecordedIn where);

struct Placed {
  std::string order_id;
  OrderStatus status{OrderStatus::Journaled};
  bool replayed{false};  ///< the stored answer of an earlier request with the same client order id
  RecordedIn recorded_in{RecordedIn::Journal};
  audit::StageTimes stages{};  ///< risk, journal and broker, for an order that was placed by this request
};

/// A refused order. `order_id` is set only when a rejected order exists in the book.
struct Refusal {
  Error error;
  std::string code;      ///< stable token from docs/order-refusals.md: INSUFFICIENT_FUNDS, LOT_SIZE, …
  std::string order_id;
};

template <class T>
using Answer = std::expected<T, Refusal>;
template <class T>
using Reply = std::move_only_function<void(Answer<T>)>;

struct OrderChange {
  std::string order_id;
  Quantity quantity;
  Price price;          ///< 0 leaves it as it is
  Price trigger_price;  ///< 0 leaves it as it is
  PriceType price_type{PriceType::Limit};  ///< as the client sent it; an order's type cannot change
};

struct FailedOrder {
  std::string order_id;
  std::string message;
};

struct CancelledOrders {
  std::vector<std::string> cancelled;
  std::vector<FailedOrder> failed;
  RecordedIn recorded_in{RecordedIn::Journal};  ///< the least of the cancels
};

/// Which positions to close: all of them, those of one product, of one instrument, or just one.
struct CloseScope {
  std::optional<Product> product{};
  std::optional<InstrumentKey> instrument{};
  std::string strategy{"close_all"};  ///< what the closing orders are tagged with
};

/// A position that is open and that nothing under way is going to close.
struct FailedClosure {
  InstrumentKey instrument;
  Product product{Product::Mis};
  Refusal why;
};

struct ClosedPositions {
  int closed{0};   ///< flat now
  int pending{0};  ///< open; the broker has accepted what will close them, and has not filled it
  std::vector<FailedClosure> failures{};
  bool nothing_open{false};
  RecordedIn recorded_in{RecordedIn::Journal};  ///< the least of the closing orders
};

class OrderDesk {
 public:
  virtual ~OrderDesk() = default;

  virtual void place(const Actor& actor, const AccountId& account, OrderRequest request,
                     Reply<Placed> reply) = 0;
  /// Trades the difference between the current signed position and `target`, one at a time for an
  /// instrument and product. `request.side` and `quantity` matter only when both are flat. What is on its way to
  /// the target counts, so repeating the request is harmless; what works against it is cancelled first
  /// (docs/life-of-an-order.md). Answers an empty order id when no order is needed, the order that is on its way
  /// already, or the last of those it took.
  virtual void place_towards(const Actor& actor, const AccountId& account, OrderRequest request,
                             Quantity target, Reply<Placed> reply) = 0;
  virtual void modify(const Actor& actor, const AccountId& account, OrderChange change,
                      Reply<Placed> reply) = 0;
  virtual void cancel(const Actor& actor, const AccountId& account, const std::string& order_id,
                      Reply<Placed> reply) = 0;
  virtual void cancel_all(const Actor& actor, const AccountId& account,
                          Reply<CancelledOrders> reply) = 0;
  /// Takes positions to zero. Other orders that would reduce them are cancelled first.
  virtual void close_all(const Actor& actor, const AccountId& account, CloseScope scope,
                         Reply<ClosedPositions> reply) = 0;

  /// Runs `use` on the account's books once everything they show is durable. An account that does not
  /// exist yet is opened with its broker's defaults. `use` must be short and must not call the desk.
  /// Never blocks. `done` may be called before `read` returns.
  virtual void read(const AccountId& account, std::function<void(const Books&)> use,
                    std::move_only_function<void(Result<void>)> done) = 0;
};

/// Reported after an order's state change is durable, in order for each account.
struct OrderUpdate {
  AccountId account;
  Order order;
};
using OnOrderUpdate = std::function<void(const OrderUpdate&)>;

}  // namespace kavach::trading
