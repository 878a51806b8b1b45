#pragma once

// Whether the store writes. A full or read-only disk keeps it from writing for as long as it lasts: `away`, until
// a commit succeeds. After an error that leaves the disk's contents unknown it has failed, and there is no way
// back: only a restart reads again what is really on disk. The writer and the checkpointer report to it; the
// first failure decides.

#include <atomic>
#include <functional>
#include <optional>
#include <utility>

#include "core/guarded.h"
#include "core/log.h"
#include "core/result.h"

namespace kavach::store {

/// Thread-safe.
class StoreHealth {
 public:
  StoreHealth(Logger& logger, std::function<void(const Error&)> on_failed)
      : logger_{logger}, on_failed_{std::move(on_failed)} {}

  [[nodiscard]] bool has_failed() const { return has_failed_.load(std::memory_order_acquire); }

  /// The error that keeps the store from writing, if any: what stopped it, or what the latest commit met.
  [[nodiscard]] Result<void> writes() const {
    if (has_failed()) return state();
    if (!is_away_.load(std::memory_order_acquire)) return {};
    return away_.with([](const Error& error) -> Result<void> { return std::unexpected{error}; });
  }
  /// Writer thread: how the latest commit went.
  void committed() {
    if (is_away_.exchange(false)) logger_.info("store.back", {});
  }
  void not_committed(const Error& error) {
    away_.with([&](Error& away) { away = error; });
    if (is_away_.exchange(true)) return;
    logger_.warning("store.away", {{"message", error.message}, {"detail", error.detail}});
  }

  /// The error that stopped the store, if any.
  [[nodiscard]] Result<void> state() const {
    if (!has_failed()) return {};
    return failure_.with([](const std::optional<Error>& failure) -> Result<void> {
      return std::unexpected{*failure};
    });
  }

  /// From now on all writes are refused with `error`.
  void fail_with(const Error& error) {
    const bool first = failure_.with([&](std::optional<Error>& failure) {
      if (failure) return false;
      failure = error;
      return true;
    });
    if (!first) return;
    has_failed_.store(true, std::memory_order_release);
    logger_.error("store.failed", {{"message", error.message}, {"detail", error.detail}});
    if (on_failed_) on_failed_(error);
  }

 private:
  Logger& logger_;
  const std::function<void(const Error&)> on_failed_;
  Guarded<std::optional<Error>> failure_;
  std::atomic<bool> has_failed_{false};
  Guarded<Error> away_;
  std::atomic<bool> is_away_{false};
};

}  // namespace kavach::store
