#include "app/ticker.h"

#include <algorithm>
#include <exception>

namespace kavach::app {

void Ticker::every(std::string name, std::chrono::milliseconds period, std::function<void()> job) {
  jobs_.push_back({std::move(name), period, clock_.monotonic() + Monotonic{period}, std::move(job)});
}

void Ticker::start() {
  thread_ = std::thread{[this] { run(); }};
}

void Ticker::stop() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Ticker::run() {
  for (;;) {
    const auto next = std::ranges::min_element(jobs_, {}, &Job::due);
    {
      std::unique_lock lock{mutex_};
      const Monotonic wait = next == jobs_.end() ? Monotonic{std::chrono::hours{1}}
                                                 : std::max(Monotonic{0}, next->due - clock_.monotonic());
      if (wake_.wait_for(lock, wait, [this] { return stopping_; })) return;
    }
    if (next != jobs_.end()) run_job(*next);
  }
}

void Ticker::run_job(Job& job) {
  try {
    job.run();
  } catch (const std::exception& failure) {
    log_.error("ticker.failed", {{"job", job.name}, {"detail", failure.what()}});
  }
  // A late job does not catch up on turns it missed: two price steps at once help nobody.
  job.due = std::max(job.due + job.period, clock_.monotonic());
}

}  // namespace kavach::app
