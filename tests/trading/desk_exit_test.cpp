// The way out while the order store cannot be written.

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
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
using test::limit;
using test::ScriptedBroker;
using test::sell;
using Failure = FailingDatabase::Failure;

const market::Exchange kNse = market::Exchange::Nse;

class ExitTest : public testing::TestWithParam<Failure> {
 protected:
  void store_goes() { desk_.faults->fail(GetParam(), 0, INT32_MAX); }
  void store_comes_back() {
    desk_.faults->heal();
    for (int i = 0; i < 3; ++i) desk_.advance(250ms);
  }
  std::int64_t rows(const std::string& kind) {
    std::int64_t found = 0;
    EXPECT_OK(desk_.database->read([&](store::Reader& reader) {
      return reader.query("SELECT COUNT(*) FROM journal WHERE kind = ?", {std::string_view{kind}},
                          [&](const store::Row& row) { found = row.integer(0); });
    }));
    return found;
  }
  std::string hold_a_position() {
    broker_.next(ScriptedBroker::Place::AcceptAndFill);
    return desk_.place(buy("SBIN", 10))->order_id;
  }
  Quantity position() { return desk_.books().net_quantity({kNse, "SBIN"}, Product::Mis); }
  void expect_memory_is_the_journal() {
    EXPECT_EQ(desk_.spool->waiting(), 0U);
    EXPECT_EQ(desk_.books().dump(), desk_.replayed().dump());
  }

  ScriptedBroker broker_;
  DeskHarness desk_{broker_};
};

TEST_P(ExitTest, R29_ACancelReachesTheBrokerAndIsJournaledOnceTheStoreIsBack) {
  const auto resting = desk_.place(limit(buy("SBIN", 10), "99"));
  store_goes();
  const auto cancelled = desk_.cancel(resting->order_id);
  ASSERT_TRUE(cancelled.has_value()) << cancelled.error().error.message;
  EXPECT_EQ(cancelled->recorded_in, RecordedIn::Spool);
  EXPECT_EQ(broker_.cancels(), std::vector{resting->order_id});
  EXPECT_EQ(desk_.order(resting->order_id).status, OrderStatus::Cancelled);
  EXPECT_EQ(rows("order.cancelled"), 0);
  EXPECT_FALSE(desk_.cancel(resting->order_id).has_value());

  store_comes_back();
  EXPECT_EQ(rows("cancel.intent"), 1);
  EXPECT_EQ(rows("order.cancelled"), 1);
  EXPECT_EQ(desk_.database.number("SELECT COUNT(*) FROM audit_events WHERE kind = 'order.cancelled'"
                                  " AND body LIKE '%happened_at%'"),
            1);
  expect_memory_is_the_journal();
  EXPECT_TRUE(desk_.place(buy("SBIN", 1)).has_value());
}

TEST_P(ExitTest, R29_NothingThatCreatesExposurePasses) {
  hold_a_position();
  const auto resting = desk_.place(limit(sell("SBIN", 10), "110"));
  const int calls = broker_.place_calls();
  store_goes();
  EXPECT_EQ(desk_.place(buy("SBIN", 1)).error().code, "NOT_RECORDED");
  EXPECT_EQ(desk_.towards(buy("SBIN", 1), 20).error().code, "NOT_RECORDED");
  EXPECT_EQ(desk_.towards(buy("ITC", 5), 0).error().code, "NOT_RECORDED");
  EXPECT_FALSE(desk_.modify({resting->order_id, Quantity::whole(20), {}, {}}).has_value());
  EXPECT_EQ(broker_.place_calls(), calls);
  // The resting order would close the position as well: with both filled it would be short.
  broker_.next_change(Declined{"not now"});
  EXPECT_EQ(desk_.close_all().failures.at(0).why.code, "NOT_CANCELLED");
  EXPECT_EQ(broker_.place_calls(), calls);
  broker_.next(ScriptedBroker::Place::AcceptAndFill);
  const auto closed = desk_.close_all();
  EXPECT_EQ(closed.closed, 1);
  EXPECT_EQ(closed.recorded_in, RecordedIn::Spool);
  EXPECT_EQ(desk_.order(resting->order_id).status, OrderStatus::Cancelled);
  EXPECT_EQ(position(), Quantity{});
  store_comes_back();
  expect_memory_is_the_journal();
}

TEST_P(ExitTest, R29_APositionIsClosedOnceHoweverOftenItIsAsked) {
  hold_a_position();
  const int calls = broker_.place_calls();
  broker_.otherwise(ScriptedBroker::Place::AcceptAndFill);
  store_goes();
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] { EXPECT_EQ(desk_.close_all().failures.size(), 0U); });
  }
  threads.clear();
  EXPECT_EQ(broker_.place_calls(), calls + 1);
  EXPECT_EQ(broker_.arrived().back().request.side, Side::Sell);
  EXPECT_EQ(position(), Quantity{});
  EXPECT_TRUE(desk_.close_all().nothing_open);
  store_comes_back();
  EXPECT_EQ(rows("order.intent"), 2);
  expect_memory_is_the_journal();
}

TEST_P(ExitTest, R29_WhatWasDoneOutlivesACrashAndIsJournaledExactlyOnce) {
  const std::string opening = hold_a_position();
  const auto resting = desk_.place(limit(buy("ITC", 10), "99"));
  broker_.otherwise(ScriptedBroker::Place::AcceptAndFill);
  store_goes();
  ASSERT_TRUE(desk_.cancel(resting->order_id).has_value());
  EXPECT_EQ(desk_.close_all().closed, 1);
  const std::string closing = broker_.arrived().back().id;
  const auto saved = desk_.folder.file("saved");
  std::filesystem::copy_file(desk_.spool_file, saved);
  const auto before = desk_.books().dump();

  desk_.crash();
  EXPECT_EQ(desk_.books().dump(), before);
  EXPECT_EQ(desk_.order(closing).status, OrderStatus::Complete);
  EXPECT_EQ(rows("order.intent"), 3);
  EXPECT_EQ(rows("order.cancelled"), 1);
  EXPECT_EQ(rows("order.filled"), 2);
  expect_memory_is_the_journal();

  // Killed after the journal had it all and before the spool was cleared.
  std::filesystem::copy_file(saved, desk_.spool_file, std::filesystem::copy_options::overwrite_existing);
  desk_.crash();
  EXPECT_EQ(desk_.books().dump(), before);
  EXPECT_EQ(rows("order.cancelled"), 1);
  EXPECT_EQ(rows("order.filled"), 2);
  expect_memory_is_the_journal();
  EXPECT_EQ(broker_.cancels().size(), 1U);
  EXPECT_EQ(broker_.arrived().size(), 3U);
}

TEST_P(ExitTest, R29_AClosingOrderWithoutAnAnswerIsAskedAboutAfterACrash) {
  hold_a_position();
  broker_.next(ScriptedBroker::Place::Hold);
  store_goes();
  desk_->close_all(test::kTrader, kAccount, {}, [](const auto&) {});
  while (broker_.arrived().size() < 2) std::this_thread::yield();
  const std::string closing = broker_.arrived().back().id;
  desk_.crash();
  desk_.advance(500ms);
  EXPECT_GT(broker_.look_ups(), 0);
  EXPECT_EQ(desk_.order(closing).status, OrderStatus::Open);
  broker_.emit(kAccount, closing, Filled{"T1", Quantity::whole(10), Price::whole(100)});
  desk_.settle();
  EXPECT_EQ(position(), Quantity{});
  expect_memory_is_the_journal();
}

TEST_P(ExitTest, R29_AFillThatCouldNotBeRecordedIsNotClosedAgain) {
  hold_a_position();
  const auto resting = desk_.place(limit(sell("SBIN", 10), "110"));
  store_goes();
  broker_.emit(kAccount, resting->order_id, Filled{"T9", Quantity::whole(10), Price::whole(110)});
  for (int i = 0; i < 20; ++i) desk_.close_all();
  EXPECT_EQ(broker_.place_calls(), 2);
  store_comes_back();
  EXPECT_EQ(position(), Quantity{});
  EXPECT_EQ(rows("order.filled"), 2);
  expect_memory_is_the_journal();
}

TEST_P(ExitTest, R29_CancelAllReachesEveryOrder) {
  for (int i = 0; i < 40; ++i) ASSERT_TRUE(desk_.place(limit(buy("SBIN", 1), "99")).has_value());
  store_goes();
  const auto cancelled = desk_.cancel_all();
  EXPECT_EQ(cancelled.cancelled.size(), 40U);
  EXPECT_EQ(cancelled.recorded_in, RecordedIn::Spool);
  EXPECT_EQ(broker_.cancels().size(), 40U);
  EXPECT_EQ(desk_.books().funds().used_margin, Money{});
  store_comes_back();
  EXPECT_EQ(rows("order.cancelled"), 40);
  expect_memory_is_the_journal();
}

TEST_P(ExitTest, R36_TheKillSwitchWorksWithoutTheStoreAndOutlivesACrash) {
  const auto resting = desk_.place(limit(buy("SBIN", 10), "99"));
  store_goes();
  std::promise<Result<void>> done;
  desk_->set_state(test::kTrader, TradingState::Halted, "runaway",
                   [&](Result<void> result) { done.set_value(std::move(result)); });
  EXPECT_OK(done.get_future().get());
  while (desk_.order(resting->order_id).status != OrderStatus::Cancelled) std::this_thread::yield();
  desk_.crash();
  EXPECT_EQ(desk_->state(), TradingState::Halted);
  EXPECT_EQ(rows("trading.state"), 1);
  desk_.set_state(TradingState::Active, "mended");
  desk_.crash();
  EXPECT_EQ(desk_->state(), TradingState::Active);
  expect_memory_is_the_journal();
}

TEST_P(ExitTest, R36_AHaltIsLoosenedOnlyOnRecord) {
  desk_.set_state(TradingState::Halted);
  store_goes();
  for (const auto looser : {TradingState::Reducing, TradingState::Active}) {
    std::promise<Result<void>> done;
    desk_->set_state(test::kTrader, looser, "mended", [&](Result<void> result) { done.set_value(std::move(result)); });
    EXPECT_FALSE(done.get_future().get().has_value());
    EXPECT_EQ(desk_->state(), TradingState::Halted);
  }
  store_comes_back();
  desk_.set_state(TradingState::Reducing);
  EXPECT_EQ(desk_->state(), TradingState::Reducing);
}

// The release is on its way to the disk when the halt is decided.
TEST_P(ExitTest, R36_AReleaseUnderWayDoesNotUndoALaterHalt) {
  desk_.set_state(TradingState::Halted);
  std::promise<Result<void>> released, halted;
  desk_->set_state(test::kTrader, TradingState::Active, "mended",
                   [&](Result<void> result) { released.set_value(std::move(result)); });
  desk_->set_state(test::kTrader, TradingState::Halted, "runaway",
                   [&](Result<void> result) { halted.set_value(std::move(result)); });
  EXPECT_OK(released.get_future().get());
  EXPECT_EQ(desk_->state(), TradingState::Halted);
  EXPECT_OK(halted.get_future().get());
  EXPECT_EQ(desk_->state(), TradingState::Halted);
}

TEST_P(ExitTest, R29_WhenTheSpoolIsFullNothingIsDoneWithoutARecord) {
  std::vector<std::string> ids;
  for (int i = 0; i < 200; ++i) ids.push_back(desk_.place(limit(buy("SBIN", 1), "99"))->order_id);
  store_goes();
  const auto cancelled = desk_.cancel_all();
  EXPECT_FALSE(cancelled.cancelled.empty());
  EXPECT_FALSE(cancelled.failed.empty());
  for (const auto& order : cancelled.failed) {
    const auto sent = broker_.cancels();
    const bool asked = std::ranges::find(sent, order.order_id) != sent.end();
    EXPECT_FALSE(asked) << order.message;
  }
  store_comes_back();
  EXPECT_TRUE(desk_.cancel_all().failed.empty());
  desk_.settle();
  expect_memory_is_the_journal();
}

TEST_P(ExitTest, R29_WhenNothingCanBeWrittenTheAnswerSaysSo) {
  desk_.spool_file = "/dev/full";
  desk_.restart();
  const auto resting = desk_.place(limit(buy("SBIN", 10), "99"));
  hold_a_position();
  broker_.otherwise(ScriptedBroker::Place::AcceptAndFill);
  store_goes();
  EXPECT_EQ(desk_.cancel(resting->order_id)->recorded_in, RecordedIn::Memory);
  const auto closed = desk_.close_all();
  EXPECT_EQ(closed.closed, 1);
  EXPECT_EQ(closed.recorded_in, RecordedIn::Memory);
  std::promise<Result<void>> done;
  desk_->set_state(test::kTrader, TradingState::Halted, "runaway",
                   [&](Result<void> result) { done.set_value(std::move(result)); });
  EXPECT_FALSE(done.get_future().get().has_value());
  EXPECT_EQ(desk_->state(), TradingState::Halted);
  store_comes_back();
  EXPECT_EQ(rows("order.cancelled"), 1);
  EXPECT_EQ(rows("trading.state"), 1);
  expect_memory_is_the_journal();
}

TEST_P(ExitTest, R29_ACancelOfUnknownOutcomeIsRepeatedUntilItIsAnswered) {
  const auto resting = desk_.place(limit(buy("SBIN", 10), "99"));
  store_goes();
  broker_.next_change(OutcomeUnknown{"timeout"});
  EXPECT_EQ(desk_.cancel(resting->order_id).error().error.code, ErrorCode::OutcomeUnknown);
  desk_.faults->heal();
  desk_.advance(500ms);
  store_comes_back();
  EXPECT_EQ(desk_.order(resting->order_id).status, OrderStatus::Cancelled);
  expect_memory_is_the_journal();
}

// Orders, cancels and closing from several threads while the store comes and goes.
TEST_P(ExitTest, R29_AStoreThatComesAndGoesNeverDisagreesWithTheBroker) {
  broker_.otherwise(ScriptedBroker::Place::AcceptAndFill);
  std::atomic<bool> over{false};
  std::vector<std::jthread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 120; ++i) {
        if (i % 7 == 0) {
          desk_.close_all();
        } else if (i % 3 == t) {
          desk_.cancel_all();
        } else {
          (void)desk_.place(i % 2 == 0 ? buy("SBIN", 3) : limit(buy("SBIN", 2), "99"));
        }
      }
    });
  }
  std::jthread flicker{[&] {
    while (!over) {
      desk_.faults->fail(GetParam(), 2, 5);
      desk_->tick();
      std::this_thread::yield();
    }
  }};
  threads.clear();
  over = true;
  flicker.join();
  store_comes_back();
  for (int i = 0; i < 4; ++i) desk_.advance(8s);
  Quantity traded;
  for (const Order& order : broker_.arrived()) {
    traded = order.request.side == Side::Buy ? traded + order.request.quantity : traded - order.request.quantity;
  }
  EXPECT_EQ(position(), traded);
  expect_memory_is_the_journal();
}

INSTANTIATE_TEST_SUITE_P(Failures, ExitTest,
                         testing::Values(Failure::Busy, Failure::BeforeUnit, Failure::AfterUnit),
                         [](const auto& info) {
                           return info.param == Failure::Busy         ? "RefusedAtOnce"
                                  : info.param == Failure::BeforeUnit ? "CannotBegin"
                                                                      : "CommitLost";
                         });

}  // namespace
}  // namespace kavach::trading
