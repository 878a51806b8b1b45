#pragma once

// An order desk that does what a test tells it: it notes what it was asked, answers from a script (by
// default: placed, with ascending ids) and shows the books that the test has put together. Everything
// happens on the calling thread.

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "trading/books.h"
#include "trading/order_desk.h"

namespace kavach::test {

struct DeskCall {
  std::string what;
  trading::Actor actor;
  trading::AccountId account;
  trading::OrderRequest request;
  trading::OrderChange change;
  std::string order_id;
  Quantity target;
  trading::CloseScope scope{};
};

class FakeDesk final : public trading::OrderDesk {
 public:
  std::vector<DeskCall> calls;
  std::deque<trading::Answer<trading::Placed>> answers;  ///< used up one by one
  trading::CancelledOrders cancelled;
  trading::ClosedPositions closed;
  std::map<trading::AccountId, trading::Books> books;
  std::optional<Error> read_failure;

  void place(const trading::Actor& actor, const trading::AccountId& account,
             trading::OrderRequest request, trading::Reply<trading::Placed> reply) override {
    note("place", actor, account).request = std::move(request);
    reply(next());
  }
  void place_towards(const trading::Actor& actor, const trading::AccountId& account,
                     trading::OrderRequest request, Quantity target,
                     trading::Reply<trading::Placed> reply) override {
    DeskCall& call = note("place_towards", actor, account);
    call.request = std::move(request);
    call.target = target;
    reply(next());
  }
  void modify(const trading::Actor& actor, const trading::AccountId& account,
              trading::OrderChange change, trading::Reply<trading::Placed> reply) override {
    note("modify", actor, account).change = change;
    reply(next(change.order_id));
  }
  void cancel(const trading::Actor& actor, const trading::AccountId& account,
              const std::string& order_id, trading::Reply<trading::Placed> reply) override {
    note("cancel", actor, account).order_id = order_id;
    reply(next(order_id));
  }
  void cancel_all(const trading::Actor& actor, const trading::AccountId& account,
                  trading::Reply<trading::CancelledOrders> reply) override {
    note("cancel_all", actor, account);
    reply(cancelled);
  }
  void close_all(const trading::Actor& actor, const trading::AccountId& account, trading::CloseScope scope,
                 trading::Reply<trading::ClosedPositions> reply) override {
    note("close_all", actor, account).scope = std::move(scope);
    reply(closed);
  }
  void read(const trading::AccountId& account, std::function<void(const trading::Books&)> use,
            std::move_only_function<void(Result<void>)> done) override {
    if (read_failure) return done(std::unexpected(*read_failure));
    use(books[account]);
    done({});
  }

 private:
  DeskCall& note(std::string what, const trading::Actor& actor, const trading::AccountId& account) {
    return calls.emplace_back(DeskCall{std::move(what), actor, account, {}, {}, {}, {}});
  }
  trading::Answer<trading::Placed> next(std::string id = {}) {
    if (!answers.empty()) {
      auto answer = std::move(answers.front());
      answers.pop_front();
      return answer;
    }
    if (id.empty()) id = std::to_string(27062900000000 + ++placed_);
    return trading::Placed{std::move(id), trading::OrderStatus::Open, false};
  }

  std::int64_t placed_{0};
};

}  // namespace kavach::test
