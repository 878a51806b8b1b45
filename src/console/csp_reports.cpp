#include "console/csp_reports.h"

#include <array>
#include <string>

#include "core/json.h"
#include "guard/attempt_book.h"

namespace kavach::console {
namespace {

/// The report's own object: `{"csp-report":{…}}`, or `body` of the first of several.
const json::object* report_of(const json::value& parsed) {
  const json::value* found = &parsed;
  if (const auto* list = found->if_array(); list != nullptr && !list->empty()) found = &list->front();
  const auto* outer = found->if_object();
  if (outer == nullptr) return nullptr;
  for (const char* name : {"csp-report", "body"}) {
    if (const json::value* inner = outer->if_contains(name); inner != nullptr && inner->is_object()) {
      return &inner->get_object();
    }
  }
  return nullptr;
}

std::string member(const json::object& report, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    const json::value* found = report.if_contains(name);
    if (found != nullptr && found->is_string()) return guard::presentable(found->get_string());
  }
  return {};
}

}  // namespace

bool CspReports::may_log() {
  const std::int64_t now = epoch_seconds(clock_.now()) / 60;
  return minute_.with([&](Minute& minute) {
    if (minute.minute != now) minute = {now, 0};
    return minute.logged++ < kLoggedPerMinute;
  });
}

void CspReports::note(std::string_view body) {
  total_.fetch_add(1, std::memory_order_relaxed);
  if (!may_log()) return;
  const auto parsed = parse_json(body, {.depth_max = 8});
  const json::object* report = parsed ? report_of(*parsed) : nullptr;
  if (report == nullptr) return;
  log_.warning("csp.blocked", {{"page", member(*report, {"document-uri", "documentURL"})},
                               {"directive", member(*report, {"effective-directive", "violated-directive", "effectiveDirective"})},
                               {"blocked", member(*report, {"blocked-uri", "blockedURL"})}});
}

}  // namespace kavach::console
