#include "trading/order_ids.h"

#include <algorithm>

#include "core/civil_time.h"
#include "core/text.h"

namespace kavach::trading {
namespace {

constexpr std::int64_t kPerDay = 100'000'000;

std::int64_t first_of_day(Date date) {
  const std::int64_t day = (static_cast<int>(date.year()) % 100) * 10'000 +
                           static_cast<unsigned>(date.month()) * 100 + static_cast<unsigned>(date.day());
  return day * kPerDay;
}

std::int64_t earliest(TimePoint now) {
  const CivilTime local = ist(now);
  return first_of_day(local.date) + static_cast<std::int64_t>(local.seconds_of_day) * 1000 + epoch_millis(now) % 1000;
}

std::string id_text(std::int64_t id) {
  std::string text = std::to_string(id);
  text.insert(0, 14 - text.size(), '0');
  return text;
}

}  // namespace

std::string first_order_id_of_day(TimePoint at) { return id_text(first_of_day(ist(at).date)); }

void OrderIds::seen(std::string_view order_id) {
  const auto number = order_id.size() == 14 ? parse_int(order_id) : std::nullopt;
  if (!number) return;
  std::int64_t last = last_.load();
  while (last < *number && !last_.compare_exchange_weak(last, *number)) {
  }
}

Result<std::string> OrderIds::next(TimePoint now) {
  const std::int64_t start = earliest(now);
  std::int64_t last = last_.load();
  std::int64_t id = 0;
  do {
    id = std::max(last + 1, start);
    // Counting past the last number of a day would run into the date.
    if (id % kPerDay == 0 && id != start) {
      return fail(ErrorCode::Busy, "No order ids are left for today.");
    }
  } while (!last_.compare_exchange_weak(last, id));
  return id_text(id);
}

}  // namespace kavach::trading
