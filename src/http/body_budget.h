#pragma once

// What the bodies of strangers may take while they arrive, all together: each is small enough, but thousands of
// connections that each send most of one and then wait would hold memory without end. A connection whose
// caller has proved who he is takes nothing from it. Any thread.

#include <atomic>
#include <cstddef>

namespace kavach::http {

/// The share of one body, given back at its end.
class BodyShare {
 public:
  BodyShare(std::atomic<std::size_t>& held, std::size_t bytes_max) : held_{held}, bytes_max_{bytes_max} {}
  ~BodyShare() { held_.fetch_sub(mine_, std::memory_order_relaxed); }
  BodyShare(const BodyShare&) = delete;
  BodyShare& operator=(const BodyShare&) = delete;

  /// The body is to hold `bytes` now; false when there is no room for it.
  [[nodiscard]] bool grow_to(std::size_t bytes) {
    if (bytes <= mine_) return true;
    const std::size_t more = bytes - mine_;
    if (held_.fetch_add(more, std::memory_order_relaxed) + more > bytes_max_) {
      held_.fetch_sub(more, std::memory_order_relaxed);
      return false;
    }
    mine_ = bytes;
    return true;
  }

 private:
  std::atomic<std::size_t>& held_;
  const std::size_t bytes_max_;
  std::size_t mine_{0};
};

}  // namespace kavach::http
