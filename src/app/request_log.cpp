#include "app/request_log.h"

#include <chrono>
#include <string>

namespace kavach::app {
namespace {

std::int64_t micros(Monotonic duration) { return std::chrono::round<Micros>(duration).count(); }

}  // namespace

void RequestLog::answered(const guard::RequestRecord& record, Monotonic total) {
  for (const guard::PlacedOrder& order : record.orders) {
    log_.info("order.answered", {{"request_id", record.request_id},
                                 {"order", order.order_id},
                                 {"status", order.status},
                                 {"route", record.route},
                                 {"user", record.username},
                                 {"address", record.client.text()},
                                 {"micros", micros(order.answered - order.asked)}});
  }
  if (record.status >= 400) return refused(record, total);
  log_.debug("request.answered", {{"request_id", record.request_id},
                                  {"method", record.method},
                                  {"route", record.route},
                                  {"status", record.status},
                                  {"user", record.username},
                                  {"address", record.client.text()},
                                  {"micros", micros(total)}});
}

void RequestLog::refused(const guard::RequestRecord& record, Monotonic total) {
  const TimePoint now = clock_.now();
  const std::string reason =
      record.refusal.empty() ? "status_" + std::to_string(record.status) : std::string{record.refusal};
  {
    const std::lock_guard lock{mutex_};
    if (lines_.is_over(now)) write_summaries(now);
    if (!lines_.admits(reason, Cidr::offender(record.client).text(), now)) return;
  }
  const std::string address = record.client.text();
  const auto fields = {LogField{"request_id", record.request_id},
                       LogField{"reason", reason},
                       LogField{"method", record.method},
                       LogField{"route", record.route},
                       LogField{"status", record.status},
                       LogField{"user", record.username},
                       LogField{"address", address},
                       LogField{"micros", micros(total)}};
  record.status >= 500 ? log_.warning("request.failed", fields) : log_.info("request.refused", fields);
}

void RequestLog::tick() {
  const TimePoint now = clock_.now();
  const std::lock_guard lock{mutex_};
  if (lines_.is_over(now)) write_summaries(now);
}

void RequestLog::write_summaries(TimePoint now) {
  for (const auto& summary : lines_.close(now)) {
    log_.info("request.refused", {{"reason", summary.label},
                                  {"address", summary.offender},
                                  {"repeated", summary.count}});
  }
}

}  // namespace kavach::app
