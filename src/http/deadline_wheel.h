#pragma once

// One coarse timer for all connections of an I/O thread: a hashed wheel whose hand the thread moves
// once per tick. Setting a deadline later than the one already filed costs one assignment, which is
// what a busy keep-alive connection does on every request; no timer is ever allocated.
//
// Single thread. A Deadline removes itself when it dies.

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "core/clock.h"

namespace kavach::http {

class DeadlineWheel;

namespace detail {
/// A link of a circular list; a list's head is a link too.
struct WheelLink {
  WheelLink* previous{this};
  WheelLink* next{this};
  WheelLink() = default;
  WheelLink(const WheelLink&) = delete;
  WheelLink& operator=(const WheelLink&) = delete;
  ~WheelLink() { unlink(); }
  [[nodiscard]] bool is_linked() const { return next != this; }
  void unlink();
  void insert_before(WheelLink& position);
};
}  // namespace detail

/// Something that must be told when its time is over.
class Deadline : private detail::WheelLink {
 public:
  virtual ~Deadline() = default;

 protected:
  Deadline() = default;
  /// Once per deadline that was set. May set another, and may destroy this or any other.
  virtual void deadline_passed() = 0;

 private:
  friend class DeadlineWheel;
  static constexpr Monotonic kNever{std::numeric_limits<std::int64_t>::max()};
  Monotonic at_{kNever};
  std::int64_t filed_tick_{0};
};

class DeadlineWheel {
 public:
  DeadlineWheel(Monotonic tick, Monotonic now);

  void set(Deadline& deadline, Monotonic at);
  void clear(Deadline& deadline) { deadline.at_ = Deadline::kNever; }
  /// Like `clear`, and the wheel forgets the object: it may then die on another thread.
  void remove(Deadline& deadline) {
    clear(deadline);
    deadline.unlink();
  }
  /// Moves the hand; deadlines at or before `now` pass, each at most one tick late.
  void advance(Monotonic now);

 private:
  void file(Deadline& deadline);
  [[nodiscard]] std::int64_t tick_of(Monotonic at) const { return at.count() / tick_.count(); }

  static constexpr std::int64_t kSlots = 512;
  const Monotonic tick_;
  std::int64_t hand_;
  std::array<detail::WheelLink, kSlots> slots_;
};

}  // namespace kavach::http
