#pragma once

// Structured logging: an event name and typed fields, one line each, as text or JSON. A Secret has
// no conversion to a field, so it cannot be logged. If a machine needs a fact, it is a metric or an
// audit record and not a log line.

#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

#include "core/clock.h"

namespace kavach {

enum class LogLevel { Debug, Info, Warning, Error };

struct LogField {
  std::string_view key;
  std::variant<std::string_view, std::int64_t, double, bool> value;

  LogField(std::string_view name, std::string_view text) : key{name}, value{text} {}
  LogField(std::string_view name, const char* text) : key{name}, value{std::string_view{text}} {}
  LogField(std::string_view name, const std::string& text)
      : key{name}, value{std::string_view{text}} {}
  LogField(std::string_view name, bool flag) : key{name}, value{flag} {}
  LogField(std::string_view name, double number) : key{name}, value{number} {}
  template <std::integral Number>
    requires(!std::same_as<Number, bool>)
  LogField(std::string_view name, Number number)
      : key{name}, value{static_cast<std::int64_t>(number)} {}
};

/// Thread-safe. Never throws; a sink that fails is ignored, for a full log disk must not stop orders.
class Logger {
 public:
  enum class Format { Text, Json };
  /// Receives a finished line without its newline; may be called from any thread.
  using Sink = std::function<void(LogLevel, std::string_view line)>;

  Logger(const Clock& clock, Format format, LogLevel threshold, Sink sink);

  void debug(std::string_view event, std::initializer_list<LogField> fields = {}) {
    write(LogLevel::Debug, event, fields);
  }
  void info(std::string_view event, std::initializer_list<LogField> fields = {}) {
    write(LogLevel::Info, event, fields);
  }
  void warning(std::string_view event, std::initializer_list<LogField> fields = {}) {
    write(LogLevel::Warning, event, fields);
  }
  void error(std::string_view event, std::initializer_list<LogField> fields = {}) {
    write(LogLevel::Error, event, fields);
  }

  /// A logger that drops everything, for tests.
  static Logger& silent();

 private:
  void write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields);

  const Clock& clock_;
  const Format format_;
  const LogLevel threshold_;
  const Sink sink_;
};

[[nodiscard]] std::string_view name_of(LogLevel level);

}  // namespace kavach
