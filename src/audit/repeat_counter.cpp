#include "audit/repeat_counter.h"

namespace kavach::audit {

RepeatCounter::Count& RepeatCounter::find(std::string_view label, std::string_view offender) {
  using View = std::pair<std::string_view, std::string_view>;
  auto found = counts_.find(View{label, offender});
  if (found == counts_.end() && counts_.size() >= limits_.distinct_max) {
    // Labels are a closed set, so their number bounds what is added here.
    offender = {};
    found = counts_.find(View{label, offender});
  }
  if (found == counts_.end()) {
    found = counts_.emplace(Key{std::string{label}, std::string{offender}}, Count{}).first;
  }
  return found->second;
}

bool RepeatCounter::admits(std::string_view label, std::string_view offender, TimePoint now) {
  Count& pair = find(label, offender);
  if (pair.rows < limits_.repeats_max && take_row()) {
    ++pair.rows;
    return true;
  }
  if (pair.counted++ == 0) pair.first = now;
  pair.last = now;
  return false;
}

bool RepeatCounter::take_row() {
  if (rows_ >= limits_.rows_max) return false;
  ++rows_;
  return true;
}

void RepeatCounter::count(std::string_view label, std::string_view offender, TimePoint now) {
  Count& pair = find(label, offender);
  if (pair.counted++ == 0) pair.first = now;
  pair.last = now;
}

bool RepeatCounter::is_over(TimePoint now) const {
  return now < opened_ || now >= opened_ + limits_.window;
}

std::vector<RepeatCounter::Summary> RepeatCounter::close(TimePoint now) {
  std::vector<Summary> summaries;
  for (const auto& [key, count] : counts_) {
    if (count.counted == 0) continue;
    summaries.push_back({key.first, key.second, count.counted, count.first, count.last});
  }
  counts_.clear();
  rows_ = 0;
  opened_ = now;
  return summaries;
}

}  // namespace kavach::audit
