#include "app/log_output.h"

#include <spdlog/async.h>
#include <spdlog/async_logger.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <memory>

#include "app/log_files.h"

namespace kavach::app {
namespace {

constexpr std::size_t kLinesWaitingMax = 8'192;

spdlog::level::level_enum spdlog_level(LogLevel level) {
  switch (level) {
    case LogLevel::Debug: return spdlog::level::debug;
    case LogLevel::Info: return spdlog::level::info;
    case LogLevel::Warning: return spdlog::level::warn;
    case LogLevel::Error: return spdlog::level::err;
  }
  return spdlog::level::err;
}

/// The one thread of the pool below writes.
class FileSink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  explicit FileSink(std::unique_ptr<LogFiles> files) : files_{std::move(files)} {}

 private:
  void sink_it_(const spdlog::details::log_msg& line) override {
    files_->write({line.payload.data(), line.payload.size()});
  }
  void flush_() override {}

  const std::unique_ptr<LogFiles> files_;
};

}  // namespace

std::filesystem::path log_folder(const Settings& settings) {
  const std::filesystem::path named = settings.text(Setting::LogDir);
  return named.is_absolute() ? named : settings.data_folder() / named;
}

Result<Logger::Sink> open_log_output(const Settings& settings, const Clock& clock) {
  std::vector<spdlog::sink_ptr> sinks{std::make_shared<spdlog::sinks::stderr_sink_mt>()};
  if (settings.flag(Setting::LogToFile)) {
    LogFiles::Limits limits;
    limits.kept = std::chrono::days{settings.integer(Setting::LogRetention)};
    auto files = LogFiles::open(log_folder(settings), limits, clock);
    if (!files) return pass_on(files);
    sinks.push_back(std::make_shared<FileSink>(std::move(*files)));
  }
  // A disk or a reader of standard error that stalls must not stall a request: lines wait in a bounded queue,
  // and the oldest give way. The pool writes what is left when the sink goes.
  auto pool = std::make_shared<spdlog::details::thread_pool>(kLinesWaitingMax, 1);
  auto logger = std::make_shared<spdlog::async_logger>("kavach", sinks.begin(), sinks.end(), pool,
                                                       spdlog::async_overflow_policy::overrun_oldest);
  logger->set_pattern("%v");  // the line is complete: core/log.h has formatted it
  logger->set_level(spdlog::level::trace);
  logger->flush_on(spdlog::level::info);
  logger->set_error_handler([](const std::string&) {});
  return Logger::Sink{[pool, logger](LogLevel level, std::string_view line) {
    logger->log(spdlog_level(level), spdlog::string_view_t{line.data(), line.size()});
  }};
}

LogLevel log_level(const Settings& settings) {
  const std::string& name = settings.text(Setting::LogLevel);
  for (const LogLevel level : {LogLevel::Debug, LogLevel::Info, LogLevel::Warning}) {
    if (name_of(level) == name) return level;
  }
  return LogLevel::Error;
}

Logger::Format log_format(const Settings& settings) {
  return settings.text(Setting::LogFormat) == "json" ? Logger::Format::Json : Logger::Format::Text;
}

}  // namespace kavach::app
