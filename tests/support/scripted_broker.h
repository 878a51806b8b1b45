#pragma once

// A broker that does what a test's script says: takes, refuses, loses, delays, doubles. It keeps the book
// of what really reached it, which is what a test compares the desk's opinion with. Thread-safe.
//
//     broker.next(ScriptedBroker::Place::LostAfterPlacing);

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/guarded.h"
#include "trading/broker.h"
#include "trading/ledger.h"

namespace kavach::test {

class ScriptedBroker final : public trading::Broker {
 public:
  enum class Place {
    Accept,
    AcceptAndFill,     ///< whole, at the reference price, in the answer itself
    AcceptAndCancel,   ///< takes it and drops it
    Decline,
    NotSent,
    LostBeforePlacing, ///< unknown outcome; it never arrived
    LostAfterPlacing,  ///< unknown outcome; it is at the broker
    Hold,              ///< no answer until `release`
  };

  /// What the next order meets; without a script `otherwise`.
  void next(Place what) {
    state_.with([&](State& state) { state.script.push_back(what); });
  }
  void otherwise(Place what) {
    state_.with([&](State& state) { state.otherwise = what; });
  }
  /// The next `times` look-ups get no answer.
  void fail_look_ups(int times) {
    state_.with([&](State& state) { state.deaf_look_ups = times; });
  }
  /// The next cancel or modification ends so; Accepted without a script.
  void next_change(trading::BrokerOutcome outcome) {
    state_.with([&](State& state) { state.changes.push_back(std::move(outcome)); });
  }

  /// What cancels and modifications without a script end with.
  void otherwise_changes(trading::BrokerOutcome outcome) {
    state_.with([&](State& state) { state.otherwise_changes = std::move(outcome); });
  }
  /// Cancels and modifications get no answer until `release_changes`.
  void hold_changes(bool hold) {
    state_.with([&](State& state) { state.hold_changes = hold; });
  }
  void release_changes(const trading::BrokerOutcome& outcome) {
    auto held = state_.with([](State& state) { return std::exchange(state.held_changes, {}); });
    for (auto& answer : held) answer(outcome);
  }

  /// Orders that really arrived, in order of arrival.
  [[nodiscard]] std::vector<trading::Order> arrived() const {
    return state_.with([](const State& state) { return state.arrived; });
  }
  /// Every call of `place`, whether it arrived or not.
  [[nodiscard]] int place_calls() const {
    return state_.with([](const State& state) { return state.place_calls; });
  }
  [[nodiscard]] int look_ups() const {
    return state_.with([](const State& state) { return state.look_ups; });
  }
  [[nodiscard]] std::vector<std::string> cancels() const {
    return state_.with([](const State& state) { return state.cancels; });
  }
  [[nodiscard]] std::vector<std::string> adopted() const {
    return state_.with([](const State& state) { return state.adopted; });
  }

  /// Answers everything that is held.
  void release(const trading::BrokerOutcome& outcome) {
    auto held = state_.with([](State& state) { return std::exchange(state.held, {}); });
    for (auto& answer : held) answer(outcome);
  }
  void emit(const std::string& account, const std::string& order_id, trading::Happening what) {
    listener_({account, order_id, std::move(what)});
  }

  /// From now on no order passes the venue's rules.
  void refuse_exams(std::string code) {
    state_.with([&](State& state) { state.refuse_exams = std::move(code); });
  }

  /// The reference price and margin divisor of the terms; a leverage of 0 blocks nothing.
  Price reference{Price::whole(100)};
  std::int64_t leverage{1};

  [[nodiscard]] std::string_view name() const override { return "scripted"; }

  [[nodiscard]] trading::Answer<trading::VenueTerms> examine(
      const trading::OrderRequest& request, const trading::Books& books,
      Quantity released) const override {
    const std::string refused = state_.with([](const State& state) { return state.refuse_exams; });
    if (!refused.empty()) {
      return std::unexpected{trading::Refusal{{ErrorCode::InvalidInput, "Refused by the venue.", {}}, refused, {}}};
    }
    const Quantity closing =
        books.closable({request.instrument, request.product}, request.side, released);
    const Quantity opening =
        request.quantity > closing ? request.quantity - closing : Quantity{};
    return terms(request, opening, books.funds().available);
  }
  [[nodiscard]] trading::Answer<trading::VenueTerms> examine_change(
      const trading::Order& order, const trading::OrderRequest& request,
      const trading::Books& books) const override {
    return terms(request, request.quantity - order.filled,
                 books.funds().available + order.margin_blocked);
  }

  void place(const trading::AccountId&, const trading::Order& order,
             trading::OnOutcome outcome) override {
    auto answer = state_.with([&](State& state) -> std::pair<trading::OnOutcome, Place> {
      ++state.place_calls;
      Place what = state.otherwise;
      if (!state.script.empty()) {
        what = state.script.front();
        state.script.pop_front();
      }
      const bool arrives = what == Place::Accept || what == Place::AcceptAndFill || what == Place::AcceptAndCancel ||
                           what == Place::LostAfterPlacing || what == Place::Hold;
      if (arrives) state.arrived.push_back(order);
      if (what != Place::Hold) return {std::move(outcome), what};
      state.held.push_back(std::move(outcome));
      return {trading::OnOutcome{}, what};
    });
    if (answer.first) answer.first(outcome_of(answer.second, order));
  }
  void modify(const trading::AccountId&, const trading::Order&, trading::OnOutcome outcome) override {
    answer_change(std::move(outcome));
  }
  void cancel(const trading::AccountId&, const trading::Order& order,
              trading::OnOutcome outcome) override {
    state_.with([&](State& state) { state.cancels.push_back(order.id); });
    answer_change(std::move(outcome));
  }
  void look_up(const trading::AccountId&, const trading::Order& order,
               trading::OnOutcome outcome) override {
    outcome(state_.with([&](State& state) -> trading::BrokerOutcome {
      ++state.look_ups;
      if (state.deaf_look_ups > 0) {
        --state.deaf_look_ups;
        return trading::OutcomeUnknown{"no answer"};
      }
      for (const auto& each : state.arrived) {
        if (each.id == order.id) return trading::Accepted{"B" + order.id, {}};
      }
      return trading::Declined{"not found"};
    }));
  }
  void adopt(const trading::AccountId&, const trading::Order& order) override {
    state_.with([&](State& state) { state.adopted.push_back(order.id); });
  }
  void listen(trading::OnVenueEvent on_event) override { listener_ = std::move(on_event); }

 private:
  struct State {
    std::deque<Place> script;
    Place otherwise{Place::Accept};
    std::deque<trading::BrokerOutcome> changes;
    trading::BrokerOutcome otherwise_changes{trading::Accepted{}};
    bool hold_changes{false};
    std::vector<trading::OnOutcome> held_changes;
    std::vector<trading::Order> arrived;
    std::vector<trading::OnOutcome> held;
    std::vector<std::string> cancels;
    std::vector<std::string> adopted;
    int place_calls{0};
    int look_ups{0};
    int deaf_look_ups{0};
    std::string refuse_exams;
  };

  [[nodiscard]] trading::Answer<trading::VenueTerms> terms(const trading::OrderRequest& request,
                                                           Quantity opening,
                                                           Money available) const {
    trading::VenueTerms terms;
    terms.reference_price = reference;
    terms.leverage = leverage;
    terms.margin_quantity = opening;
    const Price at = request.price.is_positive() ? request.price : reference;
    terms.margin = trading::margin_for(at, opening, leverage).value_or(Money{});
    if (terms.margin > available) {
      return std::unexpected{
          trading::Refusal{{ErrorCode::InvalidInput, "Insufficient funds.", {}}, "INSUFFICIENT_FUNDS", {}}};
    }
    return terms;
  }

  [[nodiscard]] trading::BrokerOutcome outcome_of(Place what, const trading::Order& order) const {
    switch (what) {
      case Place::Accept: return trading::Accepted{"B" + order.id, {}};
      case Place::AcceptAndFill:
        return trading::Accepted{"B" + order.id,
                                 {trading::Filled{"T" + order.id, order.request.quantity, reference}}};
      case Place::AcceptAndCancel:
        return trading::Accepted{"B" + order.id, {trading::CancelledAtVenue{"dropped"}}};
      case Place::Decline: return trading::Declined{"refused by the broker"};
      case Place::NotSent: return trading::NotSent{"no connection"};
      case Place::LostBeforePlacing:
      case Place::LostAfterPlacing:
      case Place::Hold: return trading::OutcomeUnknown{"timeout"};
    }
    return trading::OutcomeUnknown{};
  }

  void answer_change(trading::OnOutcome outcome) {
    const auto answer = state_.with([&](State& state) -> std::optional<trading::BrokerOutcome> {
      if (state.hold_changes) {
        state.held_changes.push_back(std::move(outcome));
        return std::nullopt;
      }
      if (state.changes.empty()) return state.otherwise_changes;
      auto next = std::move(state.changes.front());
      state.changes.pop_front();
      return next;
    });
    if (answer) outcome(*answer);
  }

  Guarded<State> state_;
  trading::OnVenueEvent listener_;
};

}  // namespace kavach::test
