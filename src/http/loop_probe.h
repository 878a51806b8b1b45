#pragma once

// How far an I/O thread is behind: a descriptor that the thread makes ready itself, at a known time, and
// then meets again only after everything that was ready before it has been served. What a client's bytes
// wait for in the kernel, no request could tell: its own clock starts when it is read.
//
// Single thread (the loop's). Must not outlive its loop.

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <chrono>
#include <cstdint>
#include <functional>

#include "core/clock.h"

namespace kavach::http {

class LoopProbe {
 public:
  /// `work_done` only grows, with every unit of work: as long as it stands still nothing can wait, and the
  /// loop is woken `kIdlePeriod` apart instead of `kBusyPeriod`.
  using WorkDone = std::function<std::uint64_t()>;
  using Report = std::function<void(Monotonic delay)>;

  LoopProbe(boost::asio::io_context& loop, const Clock& clock, WorkDone work_done, Report report);
  void start() { wait(); }
  /// What is pending ends without a report, so that the loop can end.
  void stop();

 private:
  static constexpr std::chrono::milliseconds kBusyPeriod{10};
  static constexpr std::chrono::milliseconds kIdlePeriod{100};
  using Loop = boost::asio::io_context::executor_type;
  using Timer = boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                                  boost::asio::wait_traits<std::chrono::steady_clock>, Loop>;

  void wait();
  void queue_up();
  void served();

  const Clock& clock_;
  const WorkDone work_done_;
  const Report report_;
  Timer timer_;
  boost::asio::posix::basic_stream_descriptor<Loop> descriptor_;
  std::uint64_t work_before_{0};
  Monotonic due_{};
};

}  // namespace kavach::http
