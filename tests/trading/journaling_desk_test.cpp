#include "trading/journaling_desk.h"

#include <gtest/gtest.h>

#include <chrono>
#include <set>
#include <thread>

#include "support/desk_harness.h"
#include "support/scripted_broker.h"

namespace kavach::trading {
namespace {

using namespace std::chrono_literals;
using test::buy;
using test::DeskHarness;
using test::FailingDatabase;
using test::kAccount;
using test::keyed;
using test::limit;
using test::ScriptedBroker;
using test::sell;

class DeskTest : public testing::Test {
 protected:
  // After everything a test did, memory must be what the journal adds up to.
  void TearDown() override {
    desk_.settle_all();
    EXPECT_EQ(desk_.books().dump(), desk_.replayed().dump());
  }

  ScriptedBroker broker_;
  DeskHarness desk_{broker_};
};

TEST_F(DeskTest, AnOrderGoesToTheBrokerAndIsAnsweredWithItsId) {
  const auto placed = desk_.place(buy("SBIN", 10));
  ASSERT_TRUE(placed.has_value());
  EXPECT_EQ(placed->order_id.size(), 14U);
  EXPECT_EQ(placed->order_id.substr(0, 6), "270630");
  EXPECT_EQ(placed->status, OrderStatus::Open);
  ASSERT_EQ(broker_.arrived().size(), 1U);
  EXPECT_EQ(broker_.arrived()[0].id, placed->order_id);
  EXPECT_EQ(desk_.books().funds().used_margin, Money::whole(1000));
}

TEST_F(DeskTest, R20_EveryStepIsInTheAuditChain) {
  broker_.next(ScriptedBroker::Place::AcceptAndFill);
  ASSERT_TRUE(desk_.place(buy("SBIN", 10)).has_value());
  EXPECT_EQ(desk_.database.number("SELECT COUNT(*) FROM journal"), 3);
  EXPECT_GE(desk_.database.number("SELECT COUNT(*) FROM audit_events WHERE kind = 'order.intent'"), 1);
  EXPECT_GE(desk_.database.number("SELECT COUNT(*) FROM audit_events WHERE kind = 'order.filled'"), 1);
}

TEST_F(DeskTest, AnOrderFilledOnArrivalIsOneOutcomeAndTwoUpdates) {
  broker_.next(ScriptedBroker::Place::AcceptAndFill);
  const auto placed = desk_.place(buy("SBIN", 10));
  ASSERT_TRUE(placed.has_value());
  EXPECT_EQ(placed->status, OrderStatus::Complete);
  desk_.settle();
  ASSERT_EQ(desk_.updates.size(), 2U);
  EXPECT_EQ(desk_.updates[0].order.status, OrderStatus::Open);
  EXPECT_EQ(desk_.updates[1].order.status, OrderStatus::Complete);
  EXPECT_EQ(desk_.updates[1].order.average_price, Price::whole(100));
}

TEST_F(DeskTest, ABrokersRefusalIsARejectedOrderWithItsReason) {
  broker_.next(ScriptedBroker::Place::Decline);
  const auto placed = desk_.place(buy("SBIN", 10));
  ASSERT_FALSE(placed.has_value());
  EXPECT_EQ(placed.error().error.message, "refused by the broker");
  EXPECT_EQ(desk_.order(placed.error().order_id).status, OrderStatus::Rejected);
  EXPECT_EQ(desk_.books().funds().used_margin, Money{});
}

TEST_F(DeskTest, AnAccountOfAnotherFamilyDoesNotExist) {
  for (const auto* account : {"zerodha:7", "paper", "paper:", "", ":7"}) {
    const auto placed = desk_.place(buy("SBIN", 1), account);
    ASSERT_FALSE(placed.has_value());
    EXPECT_EQ(placed.error().code, "UNKNOWN_ACCOUNT");
  }
  EXPECT_EQ(broker_.place_calls(), 0);
}

TEST_F(DeskTest, AccountsDoNotSeeEachOther) {
  const auto mine = desk_.place(buy("SBIN", 10));
  std::promise<Answer<Placed>> promise;
  desk_->cancel(test::kTrader, "paper:8", mine->order_id,
                [&](Answer<Placed> answer) { promise.set_value(std::move(answer)); });
  EXPECT_EQ(promise.get_future().get().error().error.message,
            "Order " + mine->order_id + " not found");
  EXPECT_TRUE(desk_.books("paper:8").orders().empty());
}

// R1: the intent first.

TEST_F(DeskTest, R1_AnIntentThatCannotBeCommittedSendsNothingAndReservesNothing) {
  ASSERT_TRUE(desk_.place(buy("SBIN", 1)).has_value());
  for (const auto how : {FailingDatabase::Failure::Busy, FailingDatabase::Failure::BeforeUnit,
                         FailingDatabase::Failure::AfterUnit}) {
    const int calls = broker_.place_calls();
    const auto before = desk_.books().dump();
    desk_.faults->fail(how, 0, 1);
    const auto placed = desk_.place(keyed(buy("SBIN", 10), "again"));
    ASSERT_FALSE(placed.has_value());
    EXPECT_EQ(placed.error().code, "NOT_RECORDED");
    EXPECT_TRUE(placed.error().order_id.empty());
    EXPECT_EQ(broker_.place_calls(), calls);
    EXPECT_EQ(desk_.books().dump(), before);
  }
  // A client order id that never reached the journal may be used again.
  EXPECT_TRUE(desk_.place(keyed(buy("SBIN", 20), "again")).has_value());
}

TEST_F(DeskTest, R1_WhatWasDecidedOnTopOfALostIntentIsLostWithIt) {
  ASSERT_TRUE(desk_.place(buy("SBIN", 1)).has_value());
  // Many orders queue while the writer is busy; the first one's commit fails and the others, decided
  // on its reservation, must not be journaled.
  std::promise<void> open_gate;
  auto gate = open_gate.get_future().share();
  desk_.database->write([gate](store::Transaction&) { gate.wait(); return Result<void>{}; },
                        [](const Result<void>&) {});
  desk_.faults->fail(FailingDatabase::Failure::AfterUnit, 0, 1);
  std::atomic<int> refused{0};
  std::vector<std::future<void>> answers;
  for (int i = 0; i < 20; ++i) {
    auto done = std::make_shared<std::promise<void>>();
    answers.push_back(done->get_future());
    desk_->place(test::kTrader, kAccount, buy("SBIN", 10), [&refused, done](const auto& answer) {
      if (!answer && answer.error().code == "NOT_RECORDED") ++refused;
      done->set_value();
    });
  }
  open_gate.set_value();
  for (auto& answer : answers) answer.get();
  EXPECT_EQ(refused.load(), 20);
  EXPECT_EQ(broker_.place_calls(), 1);
  desk_.settle();
  EXPECT_EQ(desk_.books().dump(), desk_.replayed().dump());
  EXPECT_TRUE(desk_.place(buy("SBIN", 2)).has_value());
}

TEST_F(DeskTest, R1_AnyLostCommitLeavesAtMostOneOrderAndConsistentBooks) {
  for (const auto how : {FailingDatabase::Failure::BeforeUnit, FailingDatabase::Failure::AfterUnit,
                         FailingDatabase::Failure::Busy}) {
    for (int nth = 0; nth < 5; ++nth) {
      const auto before = broker_.arrived().size();
      broker_.otherwise(ScriptedBroker::Place::AcceptAndFill);
      desk_.faults->fail(how, nth, 1);
      const auto placed = desk_.place(buy("ITC", 1));
      desk_.faults->heal();
      desk_.settle();
      desk_.advance(100ms);
      const auto arrived = broker_.arrived().size() - before;
      EXPECT_LE(arrived, 1U);
      // Never a plain failure for an order that is at the broker.
      if (!placed && arrived == 1) {
        EXPECT_EQ(placed.error().error.code, ErrorCode::OutcomeUnknown);
        EXPECT_EQ(desk_.order(placed.error().order_id).status, OrderStatus::Complete);
      }
      EXPECT_EQ(desk_.books().dump(), desk_.replayed().dump());
      ASSERT_TRUE(desk_.place(buy("ITC", 1)).has_value());
    }
  }
}

// R4: idempotency.

TEST_F(DeskTest, R4_TheSameKeyFromManyThreadsIsOneOrder) {
  std::vector<Answer<Placed>> answers(64);
  {
    std::vector<std::jthread> threads;
    for (auto& answer : answers) {
      threads.emplace_back([&] { answer = desk_.place(keyed(buy("SBIN", 10), "tv-1")); });
    }
  }
  EXPECT_EQ(broker_.place_calls(), 1);
  int first = 0;
  for (const auto& answer : answers) {
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->order_id, answers[0]->order_id);
    first += answer->replayed ? 0 : 1;
  }
  EXPECT_EQ(first, 1);
}

TEST_F(DeskTest, R4_TheStoredAnswerSurvivesARestartAndACrash) {
  const auto placed = desk_.place(keyed(buy("SBIN", 10), "tv-1"));
  desk_.restart();
  EXPECT_EQ(desk_.place(keyed(buy("SBIN", 10), "tv-1"))->order_id, placed->order_id);
  desk_.crash();
  const auto again = desk_.place(keyed(buy("SBIN", 10), "tv-1"));
  EXPECT_EQ(again->order_id, placed->order_id);
  EXPECT_TRUE(again->replayed);
  EXPECT_EQ(broker_.place_calls(), 1);
}

TEST_F(DeskTest, R4_AnotherBodyUnderTheSameKeyIsAConflictThatNamesTheField) {
  const auto placed = desk_.place(keyed(limit(buy("SBIN", 10), "99"), "tv-1"));
  const auto expect_conflict = [&](OrderRequest request, const std::string& field) {
    const auto answer = desk_.place(keyed(std::move(request), "tv-1"));
    ASSERT_FALSE(answer.has_value());
    EXPECT_EQ(answer.error().error.code, ErrorCode::Conflict);
    EXPECT_EQ(answer.error().order_id, placed->order_id);
    EXPECT_NE(answer.error().error.message.find("another " + field + "."), std::string::npos)
        << answer.error().error.message;
  };
  expect_conflict(limit(buy("ITC", 10), "99"), "symbol");
  expect_conflict(limit(sell("SBIN", 10), "99"), "action");
  expect_conflict(limit(buy("SBIN", 11), "99"), "quantity");
  expect_conflict(limit(buy("SBIN", 10), "99.05"), "price");
  expect_conflict(buy("SBIN", 10), "pricetype");
  EXPECT_EQ(broker_.place_calls(), 1);
}

TEST_F(DeskTest, R4_AModifiedOrderStillAnswersItsFirstRequest) {
  const auto placed = desk_.place(keyed(limit(buy("SBIN", 10), "99"), "tv-1"));
  ASSERT_TRUE(desk_.modify({placed->order_id, Quantity::whole(20), {}, {}}).has_value());
  const auto again = desk_.place(keyed(limit(buy("SBIN", 10), "99"), "tv-1"));
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->order_id, placed->order_id);
}

TEST_F(DeskTest, R4_ARequestWhileTheFirstIsInFlightWaitsForItsAnswer) {
  broker_.next(ScriptedBroker::Place::Hold);
  std::promise<Answer<Placed>> first;
  std::promise<Answer<Placed>> second;
  desk_->place(test::kTrader, kAccount, keyed(buy("SBIN", 10), "tv-1"),
               [&](Answer<Placed> answer) { first.set_value(std::move(answer)); });
  desk_->place(test::kTrader, kAccount, keyed(buy("SBIN", 10), "tv-1"),
               [&](Answer<Placed> answer) { second.set_value(std::move(answer)); });
  desk_.settle();
  auto waiting = second.get_future();
  EXPECT_EQ(waiting.wait_for(0s), std::future_status::timeout);
  broker_.release(Accepted{"B1", {}});
  EXPECT_EQ(waiting.get()->order_id, first.get_future().get()->order_id);
}

TEST_F(DeskTest, R4_AKeyRefusedByValidationMayBeUsedAgain) {
  auto off_tick = keyed(limit(buy("SBIN", 10), "99.01"), "tv-1");
  EXPECT_EQ(desk_.place(off_tick).error().code, "TICK_SIZE");
  EXPECT_TRUE(desk_.place(keyed(limit(buy("SBIN", 10), "99.05"), "tv-1")).has_value());
}

TEST_F(DeskTest, WithoutAKeyTwoOrdersAreTwoOrders) {
  ASSERT_TRUE(desk_.place(buy("SBIN", 10)).has_value());
  ASSERT_TRUE(desk_.place(buy("SBIN", 10)).has_value());
  EXPECT_EQ(broker_.place_calls(), 2);
}

// R5: unknown outcomes.

TEST_F(DeskTest, R5_AnUnknownOutcomeIsNeverAFailureAndIsFoundByLookUp) {
  broker_.next(ScriptedBroker::Place::LostAfterPlacing);
  const auto placed = desk_.place(keyed(buy("SBIN", 10), "tv-1"));
  ASSERT_FALSE(placed.has_value());
  EXPECT_EQ(placed.error().error.code, ErrorCode::OutcomeUnknown);
  const std::string id = placed.error().order_id;
  EXPECT_EQ(desk_.order(id).status, OrderStatus::Unknown);

  // A naive retry, with and without the key, cannot double it.
  EXPECT_EQ(desk_.place(keyed(buy("SBIN", 10), "tv-1")).error().order_id, id);
  const auto naive = desk_.place(buy("SBIN", 10));
  EXPECT_EQ(naive.error().error.code, ErrorCode::Conflict);
  EXPECT_EQ(naive.error().order_id, id);
  EXPECT_EQ(desk_.place(buy("SBIN", 11)).error().code, "UNRESOLVED_ORDER");
  EXPECT_TRUE(desk_.place(buy("ITC", 10)).has_value());

  desk_.advance(500ms);
  EXPECT_EQ(desk_.order(id).status, OrderStatus::Open);
  EXPECT_EQ(desk_.order(id).broker_id, "B" + id);
  EXPECT_EQ(desk_.place(keyed(buy("SBIN", 10), "tv-1"))->order_id, id);
  EXPECT_EQ(broker_.place_calls(), 2);
}

TEST_F(DeskTest, R5_AnOrderThatNeverArrivedIsResolvedAsRejected) {
  broker_.next(ScriptedBroker::Place::LostBeforePlacing);
  const auto placed = desk_.place(buy("SBIN", 10));
  const std::string id = placed.error().order_id;
  desk_.advance(500ms);
  EXPECT_EQ(desk_.order(id).status, OrderStatus::Rejected);
  EXPECT_EQ(desk_.books().funds().used_margin, Money{});
  EXPECT_TRUE(desk_.place(buy("SBIN", 10)).has_value());
}

TEST_F(DeskTest, R5_LookUpsBackOffAndGoOnUntilTheBrokerAnswers) {
  broker_.next(ScriptedBroker::Place::LostAfterPlacing);
  broker_.fail_look_ups(6);
  const std::string id = desk_.place(buy("SBIN", 10)).error().order_id;
  int expected = 0;
  for (const auto wait : {500ms, 1000ms, 2000ms, 4000ms, 8000ms, 8000ms}) {
    desk_.advance(wait - 1ms);
    EXPECT_EQ(broker_.look_ups(), expected);
    desk_.advance(1ms);
    EXPECT_EQ(broker_.look_ups(), ++expected);
    EXPECT_EQ(desk_.order(id).status, OrderStatus::Unknown);
  }
  desk_.advance(8s);
  EXPECT_EQ(desk_.order(id).status, OrderStatus::Open);
  EXPECT_EQ(broker_.place_calls(), 1);
}

TEST_F(DeskTest, R5_AFillProvesThatALostOrderIsThere) {
  broker_.next(ScriptedBroker::Place::LostAfterPlacing);
  const std::string id = desk_.place(buy("SBIN", 10)).error().order_id;
  broker_.emit(kAccount, id, Filled{"T1", Quantity::whole(10), Price::whole(100)});
  desk_.settle();
  EXPECT_EQ(desk_.order(id).status, OrderStatus::Complete);
  // The same again is another order now, and nobody has to wait for the look-up to be told so.
  EXPECT_TRUE(desk_.place(buy("SBIN", 10)).has_value());
  desk_.advance(500ms);
  EXPECT_EQ(desk_.order(id).status, OrderStatus::Complete);
  EXPECT_EQ(broker_.look_ups(), 0);
}

// R2: restarts.

TEST_F(DeskTest, R2_AnIntentWithoutAnOutcomeIsAskedAboutAfterARestart) {
  broker_.next(ScriptedBroker::Place::Hold);
  desk_->place(test::kTrader, kAccount, keyed(buy("SBIN", 10), "tv-1"), [](const auto&) {});
  desk_.settle();
  const std::string id = broker_.arrived().at(0).id;
  desk_.crash();
  EXPECT_EQ(desk_.order(id).status, OrderStatus::Open);
  EXPECT_EQ(broker_.place_calls(), 1);
  EXPECT_EQ(desk_.place(keyed(buy("SBIN", 10), "tv-1"))->order_id, id);
  EXPECT_EQ(broker_.place_calls(), 1);
}

TEST_F(DeskTest, R2_WorkingOrdersAreHandedBackToTheBroker) {
  const auto resting = desk_.place(limit(buy("SBIN", 10), "99"));
  broker_.next(ScriptedBroker::Place::AcceptAndFill);
  ASSERT_TRUE(desk_.place(buy("ITC", 10)).has_value());
  desk_.crash();
  EXPECT_EQ(broker_.adopted(), std::vector{resting->order_id});
  broker_.emit(kAccount, resting->order_id, Filled{"T9", Quantity::whole(10), Price::whole(99)});
  desk_.settle();
  EXPECT_EQ(desk_.order(resting->order_id).status, OrderStatus::Complete);
}

TEST_F(DeskTest, R2_ARestartFromASnapshotShowsTheSameBooks) {
  for (int i = 0; i < 600; ++i) {
    broker_.next(i % 3 == 0 ? ScriptedBroker::Place::AcceptAndFill : ScriptedBroker::Place::Accept);
    ASSERT_TRUE(desk_.place(keyed(buy(i % 2 == 0 ? "SBIN" : "ITC", 1), "k" + std::to_string(i))).has_value());
  }
  const auto before = desk_.books().dump();
  desk_.restart();
  EXPECT_GE(desk_.database.number("SELECT COUNT(*) FROM journal_snapshot"), 4) << "of several parts";
  EXPECT_EQ(desk_.books().dump(), before);
  ASSERT_TRUE(desk_.place(buy("SBIN", 1)).has_value());
  const auto after = desk_.books().dump();
  desk_.crash();
  EXPECT_EQ(desk_.books().dump(), after);
  EXPECT_EQ(desk_.replayed().dump(), after);
}

TEST_F(DeskTest, R3_IdsGoOnWhereTheJournalEnds) {
  std::set<std::string> ids;
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 5; ++j) ids.insert(desk_.place(buy("SBIN", 1))->order_id);
    desk_.crash();  // the clock has not moved
  }
  EXPECT_EQ(ids.size(), 15U);
}

// R8: limits under concurrency.

TEST(DeskLimits, R8_TwoHundredConcurrentOrdersAgainstALimitOfFifty) {
  ScriptedBroker broker;
  RiskLimits limits = RiskLimits::simulated();
  limits.position_quantity_max = Quantity::whole(50);
  DeskHarness desk{broker, limits};
  std::atomic<int> accepted{0};
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 8; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 25; ++i) accepted += desk.place(buy("SBIN", 1)).has_value() ? 1 : 0;
      });
    }
  }
  EXPECT_EQ(accepted.load(), 50);
  EXPECT_EQ(broker.place_calls(), 50);
}

TEST(DeskLimits, OneRupeeIsNotSpentTwice) {
  ScriptedBroker broker;
  DeskHarness desk{broker, RiskLimits::simulated(), Money::whole(10'000)};
  std::atomic<int> accepted{0};
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 8; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 5; ++i) accepted += desk.place(buy("SBIN", 7)).has_value() ? 1 : 0;
      });
    }
  }
  EXPECT_EQ(accepted.load(), 14);
  EXPECT_EQ(desk.books().funds().available, Money::whole(200));
}

TEST(DeskLimits, R9_TheOrderRateCountsEverythingAndSparesCancels) {
  ScriptedBroker broker;
  DeskHarness desk{broker, RiskLimits{}};
  std::string last;
  for (int i = 0; i < 8; ++i) last = desk.place(buy("SBIN", 1))->order_id;
  const auto refused = desk.place(buy("SBIN", 1));
  EXPECT_EQ(refused.error().code, "ORDER_RATE");
  EXPECT_EQ(refused.error().error.code, ErrorCode::RateLimited);
  EXPECT_TRUE(desk.cancel(last).has_value());
  desk.clock.advance(1001ms);
  EXPECT_TRUE(desk.place(buy("SBIN", 1)).has_value());
}

// R11: the kill switch.

TEST_F(DeskTest, R11_HaltingBlocksCancelsAndSurvivesACrash) {
  const auto resting = desk_.place(limit(buy("SBIN", 10), "99"));
  desk_.set_state(TradingState::Halted, "runaway strategy");
  EXPECT_EQ(desk_.order(resting->order_id).status, OrderStatus::Cancelled);
  EXPECT_EQ(desk_.place(buy("SBIN", 1)).error().code, "TRADING_HALTED");
  desk_.crash();
  EXPECT_EQ(desk_->state(), TradingState::Halted);
  EXPECT_EQ(desk_.place(buy("SBIN", 1)).error().code, "TRADING_HALTED");
  desk_.set_state(TradingState::Active, "checked");
  EXPECT_TRUE(desk_.place(buy("SBIN", 1)).has_value());
  desk_.restart();
  EXPECT_EQ(desk_->state(), TradingState::Active);
}

TEST_F(DeskTest, R11_ACancelThatFailsWhileHaltedIsTriedAgain) {
  const auto resting = desk_.place(limit(buy("SBIN", 10), "99"));
  broker_.next_change(Declined{"busy"});
  desk_.set_state(TradingState::Halted);
  EXPECT_EQ(desk_.order(resting->order_id).status, OrderStatus::Open);
  desk_.advance(500ms);
  EXPECT_EQ(desk_.order(resting->order_id).status, OrderStatus::Cancelled);
}

TEST_F(DeskTest, R11_ABrokerThatDeclinesTheCancelsOfAHaltIsAskedWithTheUsualDelays) {
  const auto resting = desk_.place(limit(buy("SBIN", 10), "99"));
  for (int i = 0; i < 100; ++i) broker_.next_change(Declined{"busy"});
  desk_.set_state(TradingState::Halted);
  for (int tick = 0; tick < 62; ++tick) desk_.advance(250ms);  // 15.5 s
  EXPECT_EQ(broker_.cancels().size(), 6U);
  EXPECT_EQ(desk_.database.number("SELECT COUNT(*) FROM journal WHERE kind LIKE 'cancel.%'"), 12);
  // Whoever throws it again does not wait.
  desk_.set_state(TradingState::Halted);
  EXPECT_EQ(broker_.cancels().size(), 7U);
  EXPECT_EQ(desk_.order(resting->order_id).status, OrderStatus::Open);
}

TEST_F(DeskTest, R11_AnOrderOfUnknownOutcomeIsCancelledOnceItIsKnown) {
  broker_.next(ScriptedBroker::Place::LostAfterPlacing);
  const std::string id = desk_.place(buy("SBIN", 10)).error().order_id;
  desk_.set_state(TradingState::Halted);
  EXPECT_TRUE(broker_.cancels().empty());
  desk_.advance(500ms);
  desk_.advance(250ms);
  EXPECT_EQ(desk_.order(id).status, OrderStatus::Cancelled);
}

TEST_F(DeskTest, R11_AnOrderOnItsWayIsStoppedBeforeTheBroker) {
  std::promise<void> open_gate;
  auto gate = open_gate.get_future().share();
  desk_.database->write([gate](store::Transaction&) { gate.wait(); return Result<void>{}; },
                        [](const Result<void>&) {});
  std::promise<Answer<Placed>> answer;
  desk_->place(test::kTrader, kAccount, buy("SBIN", 10),
               [&](Answer<Placed> placed) { answer.set_value(std::move(placed)); });
  desk_->set_state(test::kTrader, TradingState::Halted, "now", [](const Result<void>&) {});
  open_gate.set_value();
  EXPECT_FALSE(answer.get_future().get().has_value());
  EXPECT_EQ(broker_.place_calls(), 0);
  EXPECT_EQ(desk_.books().funds().used_margin, Money{});
}

TEST_F(DeskTest, R12_WhileReducingPositionsCanBeClosed) {
  broker_.otherwise(ScriptedBroker::Place::AcceptAndFill);
  ASSERT_TRUE(desk_.place(buy("SBIN", 10)).has_value());
  desk_.set_state(TradingState::Reducing);
  EXPECT_EQ(desk_.place(buy("SBIN", 1)).error().code, "REDUCE_ONLY");
  EXPECT_EQ(desk_.close_all().closed, 1);
  EXPECT_EQ(desk_.books().net_quantity({market::Exchange::Nse, "SBIN"}, Product::Mis), Quantity{});
}

// R15, R19: news from the venue.

TEST_F(DeskTest, R15_AFillIsCountedOnceHoweverOftenItIsReported) {
  const auto placed = desk_.place(buy("SBIN", 10));
  for (int i = 0; i < 5; ++i) {
    broker_.emit(kAccount, placed->order_id, Filled{"T1", Quantity::whole(4), Price::whole(100)});
  }
  desk_.settle();
  EXPECT_EQ(desk_.order(placed->order_id).filled, Quantity::whole(4));
  EXPECT_EQ(desk_.books().fills().size(), 1U);
}

TEST_F(DeskTest, R15_AFillAfterACancelStillCounts) {
  const auto placed = desk_.place(buy("SBIN", 10));
  ASSERT_TRUE(desk_.cancel(placed->order_id).has_value());
  broker_.emit(kAccount, placed->order_id, Filled{"T1", Quantity::whole(4), Price::whole(100)});
  desk_.settle();
  EXPECT_EQ(desk_.order(placed->order_id).status, OrderStatus::Cancelled);
  EXPECT_EQ(desk_.books().net_quantity({market::Exchange::Nse, "SBIN"}, Product::Mis),
            Quantity::whole(4));
  EXPECT_EQ(desk_.books().funds().used_margin, Money::whole(400));
}

TEST_F(DeskTest, R19_NewsAboutUnknownOrdersAndAccountsChangesNothing) {
  const auto placed = desk_.place(buy("SBIN", 10));
  const auto before = desk_.books().dump();
  broker_.emit(kAccount, "27063099999999", Filled{"T1", Quantity::whole(4), Price::whole(1)});
  broker_.emit("paper:8", placed->order_id, Filled{"T1", Quantity::whole(4), Price::whole(1)});
  broker_.emit(kAccount, placed->order_id, Filled{"T1", Quantity::whole(-4), Price::whole(1)});
  broker_.emit(kAccount, placed->order_id, Filled{"T1", Quantity{}, Price::whole(1)});
  desk_.settle();
  EXPECT_EQ(desk_.books().dump(), before);
}

// Changing orders.

TEST_F(DeskTest, AModificationReservesAndReleasesTheDifference) {
  const auto placed = desk_.place(limit(buy("SBIN", 10), "100"));
  ASSERT_TRUE(desk_.modify({placed->order_id, Quantity::whole(20), Price::whole(99), {}}).has_value());
  EXPECT_EQ(desk_.books().funds().used_margin, Money::whole(1980));
  EXPECT_EQ(desk_.order(placed->order_id).request.price, Price::whole(99));
  ASSERT_TRUE(desk_.modify({placed->order_id, Quantity::whole(5), {}, {}}).has_value());
  EXPECT_EQ(desk_.books().funds().used_margin, Money::whole(495));
}

TEST_F(DeskTest, ARefusedModificationLeavesEverythingAsItWas) {
  const auto placed = desk_.place(limit(buy("SBIN", 10), "100"));
  broker_.next_change(Declined{"too late"});
  const auto changed = desk_.modify({placed->order_id, Quantity::whole(20), {}, {}});
  EXPECT_EQ(changed.error().error.message, "too late");
  EXPECT_EQ(desk_.order(placed->order_id).request.quantity, Quantity::whole(10));
  EXPECT_EQ(desk_.books().funds().used_margin, Money::whole(1000));
  EXPECT_FALSE(desk_.order(placed->order_id).change.has_value());
}

TEST_F(DeskTest, R5_AnUnknownModificationIsSentAgainUntilItIsAnswered) {
  const auto placed = desk_.place(limit(buy("SBIN", 10), "100"));
  broker_.next_change(OutcomeUnknown{"timeout"});
  EXPECT_EQ(desk_.modify({placed->order_id, Quantity::whole(20), {}, {}}).error().error.code,
            ErrorCode::OutcomeUnknown);
  EXPECT_EQ(desk_.modify({placed->order_id, Quantity::whole(30), {}, {}}).error().code,
            "CHANGE_IN_PROGRESS");
  desk_.advance(500ms);
  EXPECT_EQ(desk_.order(placed->order_id).request.quantity, Quantity::whole(20));
}

TEST_F(DeskTest, R5_AModificationsAnswerDoesNotEndTheQuestionAboutACancel) {
  const auto placed = desk_.place(limit(buy("SBIN", 10), "100"));
  broker_.hold_changes(true);
  desk_->modify(test::kTrader, kAccount, {placed->order_id, Quantity::whole(20), {}, {}}, [](const auto&) {});
  desk_.settle();
  broker_.hold_changes(false);
  broker_.next_change(OutcomeUnknown{"timeout"});
  EXPECT_EQ(desk_.cancel(placed->order_id).error().error.code, ErrorCode::OutcomeUnknown);
  broker_.release_changes(Accepted{});
  desk_.settle();
  EXPECT_EQ(desk_.order(placed->order_id).request.quantity, Quantity::whole(20));
  desk_.advance(500ms);
  EXPECT_EQ(desk_.order(placed->order_id).status, OrderStatus::Cancelled);
  EXPECT_EQ(desk_.books().funds().used_margin, Money{});
}

TEST_F(DeskTest, R5_ARefusedCancelDoesNotEndTheQuestionAboutAModification) {
  const auto placed = desk_.place(limit(buy("SBIN", 10), "100"));
  broker_.next_change(OutcomeUnknown{"timeout"});
  EXPECT_FALSE(desk_.modify({placed->order_id, Quantity::whole(20), {}, {}}).has_value());
  broker_.next_change(Declined{"too late"});
  EXPECT_FALSE(desk_.cancel(placed->order_id).has_value());
  desk_.advance(500ms);
  EXPECT_EQ(desk_.order(placed->order_id).request.quantity, Quantity::whole(20));
  EXPECT_FALSE(desk_.order(placed->order_id).change.has_value());
  EXPECT_TRUE(desk_.modify({placed->order_id, Quantity::whole(30), {}, {}}).has_value());
}

TEST_F(DeskTest, R2_AModificationAndACancelUnderWayAreBothAskedAboutAfterACrash) {
  const auto placed = desk_.place(limit(buy("SBIN", 10), "100"));
  broker_.next_change(OutcomeUnknown{"timeout"});
  EXPECT_FALSE(desk_.modify({placed->order_id, Quantity::whole(20), {}, {}}).has_value());
  broker_.next_change(OutcomeUnknown{"timeout"});
  EXPECT_FALSE(desk_.cancel(placed->order_id).has_value());
  broker_.otherwise_changes(Declined{"too late"});
  desk_.crash();
  desk_.advance(500ms);
  EXPECT_FALSE(desk_.order(placed->order_id).change.has_value());
  EXPECT_FALSE(desk_.order(placed->order_id).cancel_requested);
  EXPECT_EQ(desk_.books().funds().used_margin, Money::whole(1000));
}

TEST_F(DeskTest, ChangingWhatIsNotOpenIsRefusedInTheContractsWords) {
  broker_.next(ScriptedBroker::Place::AcceptAndFill);
  const auto placed = desk_.place(buy("SBIN", 10));
  EXPECT_EQ(desk_.cancel(placed->order_id).error().error.message,
            "Cannot cancel order in complete status");
  EXPECT_EQ(desk_.modify({placed->order_id, Quantity::whole(20), {}, {}}).error().error.message,
            "Cannot modify order in complete status");
  EXPECT_EQ(desk_.cancel("27063000000000").error().error.message, "Order 27063000000000 not found");
  EXPECT_EQ(desk_.cancel("27063000000000").error().error.code, ErrorCode::NotFound);
}

TEST_F(DeskTest, CancelAllReachesOpenAndTriggerPendingOrders) {
  auto stop = limit(buy("SBIN", 1), "105");
  stop.price_type = PriceType::StopLimit;
  stop.trigger_price = Price::whole(104);
  const auto pending = desk_.place(stop);
  EXPECT_EQ(pending->status, OrderStatus::TriggerPending);
  const auto open = desk_.place(limit(buy("ITC", 1), "99"));
  EXPECT_EQ(desk_.cancel_all().cancelled, (std::vector{pending->order_id, open->order_id}));
  EXPECT_TRUE(desk_.cancel_all().cancelled.empty());
  EXPECT_EQ(desk_.books().funds().used_margin, Money{});
}

// Smart orders.

TEST_F(DeskTest, ASmartOrderTradesTheDifferenceToItsTarget) {
  broker_.otherwise(ScriptedBroker::Place::AcceptAndFill);
  const InstrumentKey sbin{market::Exchange::Nse, "SBIN"};
  ASSERT_TRUE(desk_.towards(buy("SBIN", 1), 50).has_value());
  EXPECT_EQ(desk_.books().net_quantity(sbin, Product::Mis), Quantity::whole(50));
  EXPECT_TRUE(desk_.towards(buy("SBIN", 1), 50)->order_id.empty());
  ASSERT_TRUE(desk_.towards(buy("SBIN", 1), -50).has_value());
  EXPECT_EQ(broker_.arrived().back().request.side, Side::Sell);
  EXPECT_EQ(broker_.arrived().back().request.quantity, Quantity::whole(100));
  ASSERT_TRUE(desk_.towards(buy("SBIN", 1), 0).has_value());
  EXPECT_EQ(desk_.books().net_quantity(sbin, Product::Mis), Quantity{});
  EXPECT_TRUE(desk_.towards(buy("SBIN", 0), 0)->order_id.empty());
  ASSERT_TRUE(desk_.towards(sell("SBIN", 7), 0).has_value());
  EXPECT_EQ(desk_.books().net_quantity(sbin, Product::Mis), Quantity::whole(-7));
}

TEST_F(DeskTest, SmartOrdersAtTheSameTimeSeeEachOthersEffect) {
  broker_.otherwise(ScriptedBroker::Place::AcceptAndFill);
  std::vector<std::jthread> threads;
  for (int i = 0; i < 16; ++i) {
    threads.emplace_back([&] { EXPECT_TRUE(desk_.towards(buy("SBIN", 1), 50).has_value()); });
  }
  threads.clear();
  EXPECT_EQ(broker_.place_calls(), 1);
  EXPECT_EQ(desk_.books().net_quantity({market::Exchange::Nse, "SBIN"}, Product::Mis),
            Quantity::whole(50));
}

TEST_F(DeskTest, ClosingEverythingTwiceAtOnceClosesItOnce) {
  broker_.otherwise(ScriptedBroker::Place::AcceptAndFill);
  ASSERT_TRUE(desk_.place(buy("SBIN", 10)).has_value());
  ASSERT_TRUE(desk_.place(sell("ITC", 5)).has_value());
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] { desk_.close_all(); });
  }
  threads.clear();
  EXPECT_EQ(broker_.place_calls(), 4);
  for (const auto& [key, position] : desk_.books().positions()) {
    EXPECT_TRUE(position.quantity.is_zero());
  }
  EXPECT_TRUE(desk_.close_all().nothing_open);
}

// R11: a key that may only square off.
TEST_F(DeskTest, R11_WhoMayOnlyReduceClosesOnceAndOpensNothing) {
  broker_.next(ScriptedBroker::Place::AcceptAndFill);
  ASSERT_TRUE(desk_.place(buy("SBIN", 10)).has_value());
  desk_.actor.only_reduces = true;
  for (const auto& request : {buy("SBIN", 1), sell("SBIN", 11), buy("ITC", 1)}) {
    const auto placed = desk_.place(request);
    ASSERT_FALSE(placed.has_value());
    EXPECT_EQ(placed.error().code, "REDUCE_ONLY");
  }
  const auto aimed = desk_.towards(sell("ITC", 5), -5);
  ASSERT_FALSE(aimed.has_value());
  EXPECT_EQ(aimed.error().code, "REDUCE_ONLY");
  // The broker has taken the closing order and not filled it yet.
  for (int i = 0; i < 3; ++i) EXPECT_EQ(desk_.close_all().pending, 1);
  EXPECT_EQ(broker_.place_calls(), 2);
  ASSERT_EQ(desk_.cancel_all().cancelled.size(), 1U);
  broker_.next(ScriptedBroker::Place::AcceptAndFill);
  EXPECT_EQ(desk_.close_all().closed, 1);
  EXPECT_TRUE(desk_.close_all().nothing_open);
}

TEST_F(DeskTest, R11_WhoMayOnlyReduceMakesNoOrderLarger) {
  broker_.next(ScriptedBroker::Place::AcceptAndFill);
  ASSERT_TRUE(desk_.place(buy("SBIN", 10)).has_value());
  const auto resting = desk_.place(limit(sell("SBIN", 5), "120"));
  const auto entry = desk_.place(limit(buy("ITC", 5), "90"));
  desk_.actor.only_reduces = true;
  for (const auto& [id, quantity] : {std::pair{resting->order_id, 11}, std::pair{entry->order_id, 5}}) {
    const auto changed = desk_.modify({.order_id = id, .quantity = Quantity::whole(quantity), .price = Price::whole(95),
                                       .trigger_price = {}});
    ASSERT_FALSE(changed.has_value());
    EXPECT_EQ(changed.error().code, "REDUCE_ONLY");
  }
}

TEST_F(DeskTest, AResetClearsMoneyPositionsAndWorkingOrders) {
  broker_.next(ScriptedBroker::Place::AcceptAndFill);
  ASSERT_TRUE(desk_.place(buy("SBIN", 10)).has_value());
  const auto resting = desk_.place(limit(buy("ITC", 10), "99"));
  std::promise<Result<void>> done;
  desk_->reset(test::kTrader, kAccount, [&](Result<void> result) { done.set_value(std::move(result)); });
  EXPECT_OK(done.get_future().get());
  const Books books = desk_.books();
  EXPECT_EQ(books.funds().available, Money::whole(10'000'000));
  EXPECT_EQ(books.funds().used_margin, Money{});
  EXPECT_EQ(books.funds().reset_count, 1);
  EXPECT_TRUE(books.positions().empty());
  EXPECT_EQ(books.find_order(resting->order_id)->status, OrderStatus::Cancelled);
}

TEST_F(DeskTest, AStoppedDeskRefusesInsteadOfLosing) {
  desk_->stop();
  EXPECT_EQ(desk_.place(buy("SBIN", 1)).error().code, "STOPPING");
}

}  // namespace
}  // namespace kavach::trading
