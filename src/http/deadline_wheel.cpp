#include "http/deadline_wheel.h"

#include <algorithm>

namespace kavach::http {

void detail::WheelLink::unlink() {
  previous->next = next;
  next->previous = previous;
  previous = this;
  next = this;
}

void detail::WheelLink::insert_before(WheelLink& position) {
  previous = position.previous;
  next = &position;
  previous->next = this;
  position.previous = this;
}

DeadlineWheel::DeadlineWheel(Monotonic tick, Monotonic now) : tick_{tick}, hand_{tick_of(now)} {}

void DeadlineWheel::set(Deadline& deadline, Monotonic at) {
  deadline.at_ = at;
  // Filed for an earlier tick: when the hand gets there it sees the later time and files it again.
  if (deadline.is_linked() && deadline.filed_tick_ <= tick_of(at)) return;
  deadline.unlink();
  file(deadline);
}

void DeadlineWheel::file(Deadline& deadline) {
  // The tick after the one the time falls in, so that it has passed when the hand arrives; at most
  // one turn ahead, where a later deadline waits for its next filing.
  const auto tick = std::clamp(tick_of(deadline.at_) + 1, hand_ + 1, hand_ + kSlots - 1);
  deadline.filed_tick_ = tick;
  deadline.insert_before(slots_[static_cast<std::size_t>(tick % kSlots)]);
}

void DeadlineWheel::advance(Monotonic now) {
  const auto target = tick_of(now);
  const auto steps = std::min(target - hand_, kSlots);
  for (std::int64_t step = steps - 1; step >= 0; --step) {
    hand_ = target - step;
    auto& slot = slots_[static_cast<std::size_t>(hand_ % kSlots)];
    // Callbacks may file again into this very slot, so it is emptied first.
    detail::WheelLink due;
    while (slot.is_linked()) {
      auto& link = *slot.next;
      link.unlink();
      link.insert_before(due);
    }
    while (due.is_linked()) {
      auto& deadline = static_cast<Deadline&>(*due.next);
      deadline.unlink();
      if (deadline.at_ == Deadline::kNever) continue;
      if (deadline.at_ > now) {
        file(deadline);
        continue;
      }
      deadline.at_ = Deadline::kNever;
      deadline.deadline_passed();
    }
  }
}

}  // namespace kavach::http
