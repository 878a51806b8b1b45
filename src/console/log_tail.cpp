#include "console/log_tail.h"

#include "core/civil_time.h"
#include "core/json.h"
#include "core/text.h"

namespace kavach::console {
namespace {

constexpr std::string_view kRequestId = "request_id";
constexpr std::string_view kJsonTime = R"({"time":")";

// Both formats begin with the time, as text that sorts by time.
std::string_view time_of(std::string_view line) {
  constexpr std::size_t kTimeLength = std::string_view{"2027-06-29T04:50:11.123456Z"}.size();
  return line.substr(line.starts_with(kJsonTime) ? kJsonTime.size() : 0).substr(0, kTimeLength);
}

// `2027-06-29T04:50:11.123456Z warning ban.created address="…"`
LogLineParts parts_of_text(std::string_view line) {
  LogLineParts parts;
  const auto after_time = line.find(' ');
  const auto after_level = after_time == std::string_view::npos ? after_time : line.find(' ', after_time + 1);
  if (after_level == std::string_view::npos) {
    parts.message = line;
    return parts;
  }
  parts.at = line.substr(0, after_time);
  parts.message = line.substr(after_level + 1);
  if (const auto at = parts.message.find(" request_id=\""); at != std::string::npos) {
    const auto begin = at + kRequestId.size() + 3;
    parts.request_id = parts.message.substr(begin, parts.message.find('"', begin) - begin);
  }
  return parts;
}

LogLineParts parts_of_json(const json::object& object) {
  LogLineParts parts;
  for (const auto& [name, value] : object) {
    std::string text;
    if (value.is_string()) {
      text = value.get_string();
    } else {
      JsonWriter{text}.value(value);
    }
    if (name == "time") {
      parts.at = text;
    } else if (name == "event") {
      parts.message = text + parts.message;
    } else if (name != "level") {
      if (name == kRequestId) parts.request_id = text;
      parts.message += ' ' + std::string{name} + '=' + text;
    }
  }
  return parts;
}

}  // namespace

void LogTail::add(LogLevel level, std::string_view line) {
  kept_.with([&](Kept& kept) {
    kept.lines.push_back({++kept.last, level, std::string{line.substr(0, kLineBytesMax)}});
    if (kept.lines.size() > kLinesMax) kept.lines.pop_front();
  });
}

std::vector<LogTail::Line> LogTail::search(std::uint64_t before, const Filter& filter, std::size_t lines_max) const {
  const std::string wanted = to_lower(filter.text);
  const std::string from = filter.from ? utc_text(*filter.from) : std::string{};
  const std::string until = filter.until ? utc_text(*filter.until) : std::string{};
  const auto matches = [&](const Line& line) {
    const std::string_view at = time_of(line.text);
    if (at < from || (!until.empty() && at >= until)) return false;
    return wanted.empty() || to_lower(line.text).contains(wanted);
  };
  return kept_.with([&](const Kept& kept) {
    std::vector<Line> found;
    for (auto at = kept.lines.rbegin(); at != kept.lines.rend() && found.size() < lines_max; ++at) {
      if (at->number < before && at->level >= filter.threshold && matches(*at)) found.push_back(*at);
    }
    return found;
  });
}

LogLineParts parts_of(std::string_view line) {
  LogLineParts parts;
  const auto object = line.starts_with('{') ? parse_json(line) : Result<json::value>{nullptr};
  parts = object && object->is_object() ? parts_of_json(object->get_object()) : parts_of_text(line);
  parts.component = parts.message.substr(0, parts.message.find_first_of(". "));
  return parts;
}

}  // namespace kavach::console
