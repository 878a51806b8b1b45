#include <csignal>
#include <cstdio>

#include <atomic>

#include "app/commands.h"
#include "app/console_output.h"
#include "app/gateway.h"
#include "app/process_hardening.h"
#include "store/folder_lock.h"

namespace kavach::app {
namespace {

// Signals are waited for by this thread and blocked in all others, which inherit the mask.
sigset_t block_signals() {
  sigset_t watched;
  sigemptyset(&watched);
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&watched, number);
  ::pthread_sigmask(SIG_BLOCK, &watched, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return watched;
}

void wait_until_told_to_stop(const sigset_t& watched, Gateway& gateway) {
  for (;;) {
    int number = 0;
    if (::sigwait(&watched, &number) != 0) continue;
    if (number != SIGHUP) return;
    gateway.reload_tls();
  }
}

int print_settings(const std::filesystem::path& data) {
  auto settings = Settings::load(data, process_environment());
  if (!settings) return report(settings.error());
  std::fputs(settings->print().c_str(), stdout);
  return kDone;
}

void greet(Foundation& base, const Gateway& gateway, const std::string& setup_link) {
  base.log->info("gateway.started", {{"port", gateway.port()}, {"version", "0.1.0"}});
  std::printf("Kavach listens on %s:%u\n", base.settings.text(Setting::ListenAddress).c_str(),
              static_cast<unsigned>(gateway.port()));
  if (!setup_link.empty()) {
    std::printf("Create the owner account (one-time link): %s\n", setup_link.c_str());
  }
  std::fflush(stdout);
}

}  // namespace

int command_serve(const std::filesystem::path& data, const ServeOptions& options) {
  if (options.print_settings) return print_settings(data);
  const sigset_t watched = block_signals();
  // It goes on without its store, because somebody may be in a position and must be able to get out.
  std::atomic<bool> store_failed{false};
  auto base = lay_foundation(data, RunAs::Gateway, [&store_failed](const Error& error) {
    store_failed = true;
    std::fprintf(stderr,
                 "kavach: the store cannot be written: %s Only cancelling and closing work until the gateway is "
                 "restarted.\n",
                 error.message.c_str());
  });
  if (!base) return report(base.error());
  Foundation& foundation = **base;
  auto lock = store::FolderLock::take(data);
  if (!lock) return report(lock.error());
  lock_memory(*foundation.log);

  auto gateway = Gateway::build(std::move(*base));
  if (!gateway) return report(gateway.error());
  if (auto started = (*gateway)->start(); !started) return report(started.error());
  greet(foundation, **gateway, (*gateway)->setup_link());
  wait_until_told_to_stop(watched, **gateway);
  foundation.log->info("gateway.stopping");
  (*gateway)->stop();
  return store_failed ? kFailed : kDone;
}

}  // namespace kavach::app
