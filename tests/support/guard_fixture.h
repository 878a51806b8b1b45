#pragma once

// All defences over a real database, a clock that stands still, and an audit log that remembers.

#include <gtest/gtest.h>

#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "guard/defences.h"
#include "guard/schema.h"
#include "support/matchers.h"
#include "support/temporary_folder.h"
#include "support/test_database.h"

namespace kavach::guard {

class RememberingAudit final : public audit::AuditLog {
 public:
  Result<void> append(store::Transaction&, const audit::Event& event) override {
    record(event);
    return {};
  }
  void record(audit::Event event) override {
    const std::lock_guard lock{mutex_};
    events_.push_back(std::move(event));
  }
  [[nodiscard]] int count(const std::string& kind) const {
    const std::lock_guard lock{mutex_};
    int found = 0;
    for (const audit::Event& event : events_) found += event.kind == kind ? 1 : 0;
    return found;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<audit::Event> events_;
};

inline IpAddress ip(const std::string& text) { return IpAddress::parse(text).value(); }
inline Cidr net(const std::string& text) { return Cidr::parse(text).value(); }

struct GuardFixture : testing::Test {
  static constexpr TimePoint kStart{std::chrono::sys_days{std::chrono::year{2027} / 6 / 29}};

  GuardFixture() { start(); }
  ~GuardFixture() override { stop(); }

  void start(GuardValues values = {}) {
    workers.emplace(1, 1'000);
    DefenceSettings settings;
    settings.data_folder = folder.path();
    settings.trusted_proxies = {net("10.0.0.0/8")};
    settings.allow_list = {net("198.18.0.0/24")};
    settings.network_gateway = ip("172.17.0.1");
    settings.values = std::move(values);
    settings.shedding = {};
    defences.emplace(std::move(settings), *database, audit, *workers, clock, random, Logger::silent());
    EXPECT_OK(defences->load());
  }
  void stop() {
    if (workers) workers->stop();
    if (defences) defences->stop();
    defences.reset();
    workers.reset();
  }
  /// As a clean stop and start of the process.
  void restart(GuardValues values = {}) {
    stop();
    start(std::move(values));
  }
  void offend(OffenceKind kind, const IpAddress& from, const std::string& subject = "x", int times = 1) {
    for (int i = 0; i < times; ++i) defences->warden.report({kind, from, subject, "gateway.example"});
  }
  /// Waits until the worker has stored the bans that are under way.
  void settle() {
    defences->warden.store_pending();
    workers->stop();
    defences->warden.store_pending();
  }
  [[nodiscard]] bool banned(const std::string& address) { return defences->bans.is_banned(ip(address)); }

  test::TemporaryFolder folder;
  test::TestDatabase database{{guard_schema()}};
  ManualClock clock{kStart};
  SecureRandom random;
  RememberingAudit audit;
  std::optional<WorkerPool> workers;
  std::optional<Defences> defences;
};

}  // namespace kavach::guard
