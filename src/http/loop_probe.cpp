#include "http/loop_probe.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <tuple>

namespace kavach::http {

using boost::system::error_code;

LoopProbe::LoopProbe(boost::asio::io_context& loop, const Clock& clock, WorkDone work_done, Report report)
    : clock_{clock},
      work_done_{std::move(work_done)},
      report_{std::move(report)},
      timer_{loop.get_executor()},
      descriptor_{loop.get_executor()} {
  const int descriptor = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  error_code ignored;
  if (descriptor >= 0) descriptor_.assign(descriptor, ignored);
}

void LoopProbe::stop() {
  timer_.cancel();
  error_code ignored;
  descriptor_.close(ignored);
}

void LoopProbe::wait() {
  const std::uint64_t work = work_done_();
  const auto period = work == work_before_ ? kIdlePeriod : kBusyPeriod;
  work_before_ = work;
  due_ = clock_.monotonic() + period;
  timer_.expires_after(period);
  timer_.async_wait([this](error_code error) {
    if (!error) queue_up();
  });
}

void LoopProbe::queue_up() {
  const std::uint64_t one = 1;
  if (!descriptor_.is_open() || ::write(descriptor_.native_handle(), &one, sizeof one) < 0) return;
  descriptor_.async_wait(boost::asio::posix::descriptor_base::wait_read, [this](error_code error) {
    if (!error) served();
  });
}

void LoopProbe::served() {
  std::uint64_t drained = 0;
  std::ignore = ::read(descriptor_.native_handle(), &drained, sizeof drained);
  // From when the timer was due, so that a timer the loop came late to counts too.
  report_(std::max(clock_.monotonic() - due_, Monotonic{0}));
  wait();
}

}  // namespace kavach::http
