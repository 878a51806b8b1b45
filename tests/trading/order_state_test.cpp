#include "trading/order_state.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <vector>

namespace kavach::trading {
namespace {

using S = OrderStatus;
using E = OrderEvent;

// The rules in words, independent of the table: what is finished stays finished, what has been placed
// does not become unplaced, and a fill is never lost.
std::optional<S> expected(S status, E event) {
  const bool unanswered = status == S::Journaled || status == S::Unknown;
  const bool working = unanswered || status == S::Open || status == S::TriggerPending;
  switch (event) {
    case E::Accepted: return unanswered ? std::optional{S::Open} : std::nullopt;
    case E::AcceptedPending: return unanswered ? std::optional{S::TriggerPending} : std::nullopt;
    case E::Lost: return status == S::Journaled ? std::optional{S::Unknown} : std::nullopt;
    case E::Triggered:
      return unanswered || status == S::TriggerPending ? std::optional{S::Open} : std::nullopt;
    case E::Rejected: return working ? std::optional{S::Rejected} : std::nullopt;
    case E::Cancelled: return working ? std::optional{S::Cancelled} : std::nullopt;
    case E::FilledWhole: return S::Complete;
    case E::FilledPartly: return working ? S::Open : status;
  }
  return std::nullopt;
}

TEST(OrderState, EveryCellOfTheTableFollowsTheRules) {
  for (const S status : kOrderStatuses) {
    for (const E event : kOrderEvents) {
      EXPECT_EQ(next_status(status, event), expected(status, event))
          << "state " << static_cast<int>(status) << " event " << static_cast<int>(event);
    }
  }
}

TEST(OrderState, R15_ARepeatedEventChangesNothing) {
  for (const S status : kOrderStatuses) {
    for (const E event : kOrderEvents) {
      const auto once = next_status(status, event);
      if (!once) continue;
      const auto twice = next_status(*once, event);
      EXPECT_EQ(twice.value_or(*once), *once);
    }
  }
}

// The stories an order can have, as its venue lived them.
TEST(OrderState, R15_NewsInAnyOrderLeadsToTheSameEnd) {
  const std::vector<std::vector<E>> stories{
      {E::Accepted, E::FilledPartly, E::FilledWhole},
      {E::Accepted, E::FilledPartly, E::Cancelled},
      {E::AcceptedPending, E::Triggered, E::FilledWhole},
      {E::AcceptedPending, E::Triggered, E::FilledPartly, E::Cancelled},
      {E::AcceptedPending, E::Cancelled},
      {E::Lost, E::Accepted, E::FilledWhole},
      {E::Lost, E::Accepted, E::Cancelled},
      {E::Accepted, E::Rejected},
      {E::Lost, E::Rejected},
  };
  for (const auto& story : stories) {
    std::vector<E> shuffled = story;
    std::ranges::sort(shuffled);
    const auto tell = [](const std::vector<E>& events) {
      S status = S::Journaled;
      for (const E event : events) status = next_status(status, event).value_or(status);
      return status;
    };
    const S end = tell(story);
    do {
      EXPECT_EQ(tell(shuffled), end);
    } while (std::ranges::next_permutation(shuffled).found);
  }
}

TEST(OrderState, WireWordsAreTheContracts) {
  EXPECT_EQ(wire_name(S::TriggerPending), "trigger pending");
  EXPECT_EQ(wire_name(S::Unknown), "open");
  EXPECT_EQ(wire_name(S::Journaled), "open");
  EXPECT_EQ(wire_name(S::Complete), "complete");
  EXPECT_EQ(wire_name(S::Cancelled), "cancelled");
  EXPECT_EQ(wire_name(S::Rejected), "rejected");
}

}  // namespace
}  // namespace kavach::trading
