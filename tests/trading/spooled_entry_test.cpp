#include "trading/spooled_entry.h"

#include <gtest/gtest.h>

#include "support/desk_harness.h"
#include "support/matchers.h"

namespace kavach::trading {
namespace {

constexpr TimePoint kAt{Micros{1'800'000'000'000'000}};
const std::string kId = "27063000000001";

JournalEvent event(decltype(JournalEvent::what) what) { return {kAt, test::kAccount, kId, std::move(what)}; }

Order order() {
  Order made;
  made.id = kId;
  made.request = test::limit(test::buy("SBIN", 10), "100");
  made.margin_blocked = Money::whole(1000);
  made.margin_quantity = Quantity::whole(10);
  return made;
}

Books working_books() {
  Books books;
  books.apply({kAt, test::kAccount, {}, AccountOpened{Money::whole(10'000)}});
  books.apply(event(OrderIntended{order(), {}, {}, {}}));
  books.apply(event(OrderAccepted{"B1"}));
  return books;
}

TEST(SpooledEntry, ReadsBackWhatItWrote) {
  const SpooledEntry entry{test::kTrader, {event(CancelIntended{test::kTrader}), event(OrderCancelled{"cancelled", Money::whole(7)})}};
  const auto read = decode_entry(encode_entry(entry));
  ASSERT_OK(read);
  EXPECT_EQ(encode_entry(*read), encode_entry(entry));
  EXPECT_EQ(read->actor.request_id, test::kTrader.request_id);
}

TEST(SpooledEntry, WhatItCannotHaveWrittenIsRefused) {
  for (const std::string text : {"", "{}", R"({"events":[]})", R"({"events":[7]})", R"({"events":[{"kind":"none"}]})",
                                 R"({"actor":{"user":7},"events":[]})", "[1]"}) {
    EXPECT_EQ(decode_entry(text).error().code, ErrorCode::StorageCorrupt) << text;
  }
}

TEST(SpooledEntry, R29_NewsThatTheBooksKnowIsNone) {
  Books books = working_books();
  const SpooledEntry intent{{}, {event(OrderIntended{order(), {}, {}, {}})}};
  EXPECT_TRUE(still_news(books, intent).empty());
  const SpooledEntry cancel{{}, {event(CancelIntended{})}};
  ASSERT_EQ(still_news(books, cancel).size(), 1U);
  books.apply(still_news(books, cancel).front());
  EXPECT_TRUE(still_news(books, cancel).empty());
  const SpooledEntry cancelled{{}, {event(OrderCancelled{"cancelled", Money::whole(1000)})}};
  books.apply(still_news(books, cancelled).front());
  EXPECT_EQ(books.find_order(kId)->status, OrderStatus::Cancelled);
  EXPECT_TRUE(still_news(books, cancelled).empty());
}

TEST(SpooledEntry, R29_AmountsAreThoseOfTheBooksItComesBackTo) {
  Books books = working_books();
  // A fill whose commit seemed lost is in the journal after all, and has taken its share of the margin.
  OrderFilled fill;
  fill.trade_id = "T1";
  fill.quantity = fill.position_quantity = Quantity::whole(4);
  fill.price = Price::whole(100);
  fill.order_margin_moved = Money::whole(400);
  fill.order_margin_quantity = Quantity::whole(6);
  books.apply(event(fill));
  const auto news = still_news(books, {{}, {event(OrderCancelled{"cancelled", Money::whole(1000)})}});
  ASSERT_EQ(news.size(), 1U);
  EXPECT_EQ(std::get<OrderCancelled>(news[0].what).margin_released, Money::whole(600));
  EXPECT_TRUE(still_news(books, {{}, {event(fill)}}).empty());
}

TEST(SpooledEntry, R29_AnOrderNobodyKnowsHasNoNews) {
  EXPECT_TRUE(still_news(Books{}, {{}, {event(CancelIntended{})}}).empty());
  EXPECT_TRUE(still_news(Books{}, {{}, {event(OrderCancelled{})}}).empty());
}

}  // namespace
}  // namespace kavach::trading
