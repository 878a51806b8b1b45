#pragma once

// A database in front of a real one that loses chosen writes, as a full disk or a failing sync would.
// Thread-safe.

#include <atomic>
#include <utility>

#include "store/database.h"

namespace kavach::test {

class FailingDatabase final : public store::Database {
 public:
  enum class Failure {
    None,
    BeforeUnit,  ///< the transaction could not begin: the unit never runs
    AfterUnit,   ///< the unit ran and its transaction was rolled back
    Busy,        ///< the queue is full: refused at once, on the caller's thread
  };

  explicit FailingDatabase(store::Database& inner) : inner_{inner} {}

  /// Lets `passing` writes through and fails the `failing` ones after them in this way.
  void fail(Failure how, int passing, int failing) {
    how_ = how;
    failing_ = failing;
    passing_ = passing;
  }
  void heal() { failing_ = 0; }

  void write(store::Unit unit, store::Done done) override {
    if (!should_fail()) return inner_.write(std::move(unit), std::move(done));
    const auto lost = [] { return kavach::fail(ErrorCode::StorageFailed, "The disk failed."); };
    switch (how_.load()) {
      case Failure::Busy: return done(kavach::fail(ErrorCode::Busy, "The queue is full."));
      case Failure::BeforeUnit:
        return inner_.write([lost](store::Transaction&) -> Result<void> { return lost(); },
                            std::move(done));
      case Failure::None:
      case Failure::AfterUnit:
        return inner_.write(
            [lost, unit = std::move(unit)](store::Transaction& transaction) mutable -> Result<void> {
              if (auto ran = unit(transaction); !ran) return ran;
              return lost();
            },
            std::move(done));
    }
  }
  [[nodiscard]] Result<void> read(const std::function<Result<void>(store::Reader&)>& use) override {
    return inner_.read(use);
  }
  [[nodiscard]] Result<void> health() const override { return inner_.health(); }

 private:
  bool should_fail() {
    if (failing_.load() == 0) return false;
    if (passing_.fetch_sub(1) > 0) return false;
    passing_ = 0;
    return failing_.fetch_sub(1) > 0;
  }

  store::Database& inner_;
  std::atomic<Failure> how_{Failure::None};
  std::atomic<int> passing_{0};
  std::atomic<int> failing_{0};
};

}  // namespace kavach::test
