#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <iostream>
#include <thread>

#include "app/commands.h"
#include "app/console_output.h"
#include "app/kill_switch_request.h"
#include "store/folder_lock.h"

namespace kavach::app {
namespace {

constexpr std::chrono::milliseconds kLookEvery{50};
constexpr std::chrono::seconds kObeysWithin{10};

bool is_confirmed(bool yes) {
  if (yes) return true;
  if (::isatty(STDIN_FILENO) == 0) return false;
  std::fputs("Orders of all users go through again. Type release to go on: ", stdout);
  std::fflush(stdout);
  std::string line;
  return std::getline(std::cin, line) && line == "release";
}

Result<std::optional<KillSwitchRequest>> latest(Foundation& base) {
  std::optional<KillSwitchRequest> found;
  auto read = base.database->read([&](store::Reader& reader) -> Result<void> {
    auto request = latest_kill_switch_request(reader);
    if (!request) return pass_on(request);
    found = std::move(*request);
    return {};
  });
  if (!read) return pass_on(read);
  return found;
}

// Until the gateway has obeyed, so that whoever reads "halted" may rely on it. False when there is no gateway.
Result<bool> wait_for_gateway(Foundation& base, const std::filesystem::path& data, std::int64_t id) {
  const Monotonic asked = base.clock.monotonic();
  while (base.clock.monotonic() - asked < kObeysWithin) {
    const auto request = latest(base);
    if (!request) return pass_on(request);
    if (*request && ((*request)->id > id || (*request)->obeyed)) return true;
    if (store::FolderLock::take(data)) return false;
    std::this_thread::sleep_for(kLookEvery);
  }
  return fail(ErrorCode::Unavailable, "The gateway has not answered; stop it if orders must not go through.");
}

}  // namespace

int command_kill_switch(const std::filesystem::path& data, const KillSwitchOptions& options) {
  if (!options.on && !is_confirmed(options.yes)) {
    return report({ErrorCode::InvalidInput, "Nothing was changed; add --yes to let orders through again.", {}});
  }
  return with_foundation(data, [&](Foundation& base) -> Result<void> {
    KillSwitchRequest request;
    request.state = options.on ? trading::TradingState::Halted : trading::TradingState::Active;
    request.reason = options.reason;
    std::int64_t id = 0;
    auto written = base.database->write_and_wait([&](store::Transaction& transaction) -> Result<void> {
      auto asked = ask_for_kill_switch(transaction, *base.audit, request, command_actor(), base.clock.now());
      if (!asked) return pass_on(asked);
      id = *asked;
      return {};
    });
    if (!written) return written;
    const auto obeyed = wait_for_gateway(base, data, id);
    if (!obeyed) return pass_on(obeyed);
    const char* now = options.on ? "halted: no order goes out, working orders are cancelled" : "active: orders go through again";
    std::printf(*obeyed ? "trading is %s\n" : "no gateway is running; when it starts, trading is %s\n", now);
    return {};
  });
}

int command_kill_switch_status(const std::filesystem::path& data) {
  return with_foundation(data, [](Foundation& base) -> Result<void> {
    auto state = trading::TradingState::Active;
    auto read = base.database->read([&](store::Reader& reader) -> Result<void> {
      auto recorded = recorded_trading_state(reader);
      if (!recorded) return pass_on(recorded);
      state = *recorded;
      return {};
    });
    if (!read) return read;
    const auto request = latest(base);
    if (!request) return pass_on(request);
    std::printf("%s\n", std::string{trading::name_of(state)}.c_str());
    if (*request && !(*request)->obeyed) {
      std::printf("%s is asked for and waits for the gateway\n", std::string{trading::name_of((*request)->state)}.c_str());
    }
    return {};
  });
}

}  // namespace kavach::app
