#pragma once

// Data that cannot be reached without its lock, and read-mostly data that is never locked at all.

#include <atomic>
#include <memory>
#include <mutex>
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
/// pointer and never wait for a writer's work.
template <class T>
class Snapshot {
 public:
  Snapshot() : current_{std::make_shared<const T>()} {}
  explicit Snapshot(T value) : current_{std::make_shared<const T>(std::move(value))} {}
  [[nodiscard]] std::shared_ptr<const T> read() const { return current_.load(); }
  void replace(T value) { current_.store(std::make_shared<const T>(std::move(value))); }

 private:
  std::atomic<std::shared_ptr<const T>> current_;
};

}  // namespace kavach
