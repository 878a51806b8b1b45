#pragma once

// The one thread for everything that waits for time to pass: the simulated market, feeds, sweeps,
// reloads of what commands changed. Jobs run one after another, so each must be short.

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/clock.h"
#include "core/log.h"

namespace kavach::app {

class Ticker {
 public:
  Ticker(const Clock& clock, Logger& log) : clock_{clock}, log_{log} {}
  ~Ticker() { stop(); }
  Ticker(const Ticker&) = delete;
  Ticker& operator=(const Ticker&) = delete;

  /// Before `start`. A job that throws is logged and runs again at its next turn.
  void every(std::string name, std::chrono::milliseconds period, std::function<void()> job);
  void start();
  /// Waits for the running job. Idempotent.
  void stop();

 private:
  struct Job {
    std::string name;
    Monotonic period;
    Monotonic due;
    std::function<void()> run;
  };

  void run();
  void run_job(Job& job);

  const Clock& clock_;
  Logger& log_;
  std::vector<Job> jobs_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_{false};
  std::thread thread_;
};

}  // namespace kavach::app
