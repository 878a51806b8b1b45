#pragma once

// Whether the store still writes. The writer and the checkpointer report to it; whoever reports
// first decides, and there is no way back: only a restart reads again what is really on disk.

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
};

}  // namespace kavach::store
