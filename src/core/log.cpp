#include "core/log.h"

#include <utility>

#include "core/civil_time.h"
#include "core/json.h"

namespace kavach {
namespace {

struct JsonFieldWriter {
  JsonWriter& out;
  void operator()(std::string_view text) const { out.value(text); }
  void operator()(std::int64_t number) const { out.value(number); }
  void operator()(double number) const { out.value(number); }
  void operator()(bool flag) const { out.value(flag); }
};

struct TextFieldWriter {
  std::string& out;
  // Quoting and escaping keep a hostile value from forging a second line or field.
  void operator()(std::string_view text) const { append_json_string(out, text); }
  void operator()(std::int64_t number) const { out += std::to_string(number); }
  void operator()(double number) const { out += std::to_string(number); }
  void operator()(bool flag) const { out += flag ? "true" : "false"; }
};

}  // namespace

std::string_view name_of(LogLevel level) {
  switch (level) {
    case LogLevel::Debug: return "debug";
    case LogLevel::Info: return "info";
    case LogLevel::Warning: return "warning";
    case LogLevel::Error: return "error";
  }
  return "error";
}

Logger::Logger(const Clock& clock, Format format, LogLevel threshold, Sink sink)
    : clock_{clock}, format_{format}, threshold_{threshold}, sink_{std::move(sink)} {}

Logger& Logger::silent() {
  static const SystemClock clock;
  static Logger logger{clock, Format::Text, LogLevel::Error, [](LogLevel, std::string_view) {}};
  return logger;
}

void Logger::write(LogLevel level, std::string_view event,
                   std::initializer_list<LogField> fields) {
  if (level < threshold_) return;
  std::string line;
  const std::string at = utc_text(clock_.now());
  if (format_ == Format::Json) {
    JsonWriter out{line};
    out.object().field("time", at).field("level", name_of(level)).field("event", event);
    for (const LogField& field : fields) {
      out.key(field.key);
      std::visit(JsonFieldWriter{out}, field.value);
    }
    out.end();
  } else {
    line = at + " " + std::string{name_of(level)} + " " + std::string{event};
    for (const LogField& field : fields) {
      line += ' ';
      line += field.key;
      line += '=';
      std::visit(TextFieldWriter{line}, field.value);
    }
  }
  sink_(level, line);
}

}  // namespace kavach
