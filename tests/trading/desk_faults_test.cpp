// The whole order path on a disk whose nth operation fails, for every n: whatever was acknowledged is there after
// a restart, nothing is there twice, and getting out never fails.

#include <gtest/gtest.h>

#include <set>

#include "audit/audit_verify.h"
#include "support/desk_harness.h"
#include "support/faulty_disk.h"
#include "support/scripted_broker.h"

namespace kavach::trading {
namespace {

using test::buy;
using test::DeskHarness;
using test::DiskFault;
using test::FaultyDisk;
using test::keyed;
using test::limit;
using test::ScriptedBroker;

constexpr int kOperationsMax = 400;  ///< of the workload; more would mean that the loop does not end

struct Outcome {
  Answer<Placed> placed;
  Answer<Placed> cancelled;
  ClosedPositions closed;
};

class DeskFaults : public testing::TestWithParam<DiskFault> {
 protected:
  static void expect_all_there(DeskHarness& desk, const ScriptedBroker& broker, const std::string& resting,
                               const Outcome& outcome, const std::string& where) {
    EXPECT_TRUE(outcome.cancelled.has_value()) << where;
    EXPECT_EQ(desk.order(resting).status, OrderStatus::Cancelled) << where;
    EXPECT_EQ(outcome.closed.failures.size(), 0U) << where;
    if (outcome.placed) {
      EXPECT_EQ(desk.order(outcome.placed->order_id).status, OrderStatus::Complete) << where;
    }
    std::set<std::string> ids;
    for (const Order& order : broker.arrived()) EXPECT_TRUE(ids.insert(order.id).second) << where;
    const Books books = desk.books();
    for (const auto& [key, position] : books.positions()) EXPECT_TRUE(position.quantity.is_zero()) << where;
    EXPECT_EQ(books.funds().used_margin, Money{}) << where;
    EXPECT_EQ(books.dump(), desk.replayed().dump()) << where;
    const auto verdict = audit::verify_audit(*desk.database, {});
    ASSERT_OK(verdict) << where;
    EXPECT_TRUE(verdict->intact()) << where;
  }

  /// False when the workload was through before the fault was reached.
  static bool run(int nth) {
    const std::string where = "operation " + std::to_string(nth);
    FaultyDisk disk;
    ScriptedBroker broker;
    DeskHarness desk{broker, RiskLimits::simulated(), Money::whole(10'000'000), disk.name()};
    const std::string resting = desk.place(limit(buy("SBIN", 5), "99"))->order_id;
    broker.otherwise(ScriptedBroker::Place::AcceptAndFill);
    EXPECT_TRUE(desk.place(buy("SBIN", 10)).has_value());

    disk.arm(GetParam(), nth);
    const Outcome outcome{desk.place(keyed(buy("ITC", 1), "once")), desk.cancel(resting), desk.close_all()};
    const bool struck = disk.struck();
    disk.mend();
    desk.crash();
    for (int i = 0; i < 3; ++i) desk.advance(std::chrono::seconds{1});
    // An order whose record was lost may have become a position that was not there to be closed.
    desk.close_all();
    desk.settle_all();
    expect_all_there(desk, broker, resting, outcome, where);
    return struck;
  }
};

TEST_P(DeskFaults, R40c_WhateverDiskOperationFailsNothingAcknowledgedIsLostAndGettingOutWorks) {
  int nth = 1;
  while (run(nth) && !HasFailure() && nth < kOperationsMax) ++nth;
  EXPECT_LT(nth, kOperationsMax);
  EXPECT_GT(nth, 3);
}

INSTANTIATE_TEST_SUITE_P(Disk, DeskFaults,
                         testing::Values(DiskFault::WriteFails, DiskFault::SyncFails, DiskFault::Full, DiskFault::ReadOnly),
                         [](const auto& info) {
                           return info.param == DiskFault::WriteFails  ? "AWriteFails"
                                  : info.param == DiskFault::SyncFails ? "ASyncFails"
                                  : info.param == DiskFault::ReadOnly  ? "TheDiskIsReadOnly"
                                                                       : "TheDiskIsFull";
                         });

}  // namespace
}  // namespace kavach::trading
