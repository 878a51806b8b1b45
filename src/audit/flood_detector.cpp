#include "audit/flood_detector.h"

#include <algorithm>

namespace kavach::audit {

void FloodDetector::observe(TimePoint now, const IpAddress& source, Monotonic queueing, bool is_known) {
  FloodReport found;
  {
    const std::lock_guard lock{mutex_};
    bool due = false;
    if (const auto second = std::chrono::floor<std::chrono::seconds>(now); second != second_) {
      due = close_second(now);
      if (due) found = report();
      if (bad_seconds_ == 0 || due) sources_.clear();
      second_ = second;
      requests_ = 0;
      requests_of_known_ = 0;
      shortest_ = Monotonic::max();
    }
    ++requests_;
    if (is_known) ++requests_of_known_;
    shortest_ = std::min(shortest_, queueing);
    count_source(source, is_known);
    if (!due) return;
  }
  on_flood_(found);
}

void FloodDetector::count_source(const IpAddress& source, bool is_known) {
  // The space-saving algorithm (Metwally, Agrawal, El Abbadi 2005): a newcomer takes the place and
  // the count of the smallest, so that nobody who sends much is missed, with bounded memory.
  const Cidr offender = Cidr::offender(source);
  const auto found = std::ranges::find(sources_, offender, &Tracked::offender);
  if (found != sources_.end()) {
    ++found->requests;
  } else if (sources_.size() < limits_.sources_tracked) {
    sources_.push_back({offender, 1, 0, is_known});
  } else {
    const auto smallest = std::ranges::min_element(sources_, {}, &Tracked::requests);
    *smallest = {offender, smallest->requests + 1, smallest->requests, is_known};
  }
}

bool FloodDetector::close_second(TimePoint now) {
  const bool waits = requests_ > 0 && shortest_ > limits_.queueing_target;
  const bool adjacent = now >= second_ && now < second_ + std::chrono::seconds{2};
  bad_seconds_ = waits && requests_ >= limits_.rate_min ? bad_seconds_ + 1 : 0;
  if (!adjacent) bad_seconds_ = 0;
  if (bad_seconds_ < limits_.seconds_in_a_row || now < quiet_until_) return false;
  quiet_until_ = now + limits_.quiet_after_report;
  return true;
}

FloodReport FloodDetector::report() const {
  FloodReport report{requests_, shortest_, {}};
  const bool names_all = requests_of_known_ * 2 >= requests_;
  for (const Tracked& source : sources_)
    if (names_all || !source.is_known) report.sources.push_back({source.offender, source.requests - source.inherited});
  std::ranges::sort(report.sources, std::greater{}, &FloodReport::Source::requests);
  if (report.sources.size() > limits_.sources_reported) {
    report.sources.resize(limits_.sources_reported);
  }
  return report;
}

}  // namespace kavach::audit
