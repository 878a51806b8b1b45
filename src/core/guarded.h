#pragma once

// Data that cannot be reached without its lock, and read-mostly data that is never locked at all.

#include <atomic>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

namespace kavach {

/// `guarded.with([](T& value) { … })` runs under the mutex. Keep the body short; never call out.
template <class T>
class Guarded {
 public:
  Guarded() = default;
  explicit Guarded(T value) : value_{std::move(value)} {}

  template <class Use>
  decltype(auto) with(Use&& use) {
    const std::lock_guard lock{mutex_};
    return std::forward<Use>(use)(value_);
  }
  template <class Use>
  decltype(auto) with(Use&& use) const {
    const std::lock_guard lock{mutex_};
    return std::forward<Use>(use)(value_);
  }

 private:
  mutable std::mutex mutex_;
  T value_{};
};

/// An immutable value that is replaced whole (bans, keys, instruments). Readers take a shared
/// pointer; what they may wait for is the copying of another pointer and never a writer's work.
///
/// Not std::atomic<std::shared_ptr>: libstdc++ 12 releases its inner lock without release order after
/// a load, which the thread sanitizer rightly calls a race.
template <class T>
class Snapshot {
 public:
  Snapshot() : current_{std::make_shared<const T>()} {}
  explicit Snapshot(T value) : current_{std::make_shared<const T>(std::move(value))} {}
  [[nodiscard]] std::shared_ptr<const T> read() const {
    const Turn turn{busy_};
    return current_;
  }
  void replace(T value) {
    auto next = std::make_shared<const T>(std::move(value));
    const Turn turn{busy_};
    current_.swap(next);
    // The former value dies with `next`, after the turn has ended: `turn` is destroyed first.
  }

 private:
  class Turn {
   public:
    explicit Turn(std::atomic_flag& busy) : busy_{busy} {
      while (busy_.test_and_set(std::memory_order_acquire)) {
        while (busy_.test(std::memory_order_relaxed)) std::this_thread::yield();
      }
    }
    ~Turn() { busy_.clear(std::memory_order_release); }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

   private:
    std::atomic_flag& busy_;
  };

  mutable std::atomic_flag busy_{};
  std::shared_ptr<const T> current_;
};

}  // namespace kavach
