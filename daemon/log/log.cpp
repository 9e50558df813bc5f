#include "daemon/log/log.hpp"

#include <memory>
#include <utility>

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

namespace rollcall::logging {
namespace {

constexpr std::size_t file_bytes = std::size_t{10} << 20;
constexpr std::size_t older_files = 4;

spdlog::level::level_enum to_spdlog(Level level) {
  switch (level) {
    case Level::debug:
      return spdlog::level::debug;
    case Level::warning:
      return spdlog::level::warn;
    case Level::error:
      return spdlog::level::err;
    case Level::info:
      break;
  }
  return spdlog::level::info;
}

struct Output {
  Format format;
  spdlog::logger logger;
};

std::shared_ptr<Output> make(const Options& options) {
  spdlog::sink_ptr sink;
  if (options.stream != nullptr) {
    sink = std::make_shared<spdlog::sinks::ostream_sink_mt>(*options.stream);
  } else if (options.file.empty()) {
    sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  } else {
    sink = std::make_shared<spdlog::sinks::rotating_file_sink_mt>(options.file, file_bytes,
                                                                  older_files);
  }
  const char* pattern = options.format == Format::json
                            ? "{\"time\":\"%Y-%m-%dT%H:%M:%S.%eZ\",\"level\":\"%l\",%v}"
                            : "time=%Y-%m-%dT%H:%M:%S.%eZ level=%l %v";
  auto output =
      std::make_shared<Output>(options.format, spdlog::logger{"rollcall", std::move(sink)});
  output->logger.set_formatter(
      std::make_unique<spdlog::pattern_formatter>(pattern, spdlog::pattern_time_type::utc));
  output->logger.set_level(to_spdlog(options.level));
  output->logger.flush_on(
      spdlog::level::debug);  // a line that explains a crash must be there after it
  return output;
}

// A line under way keeps the output it began with.
struct Current {
  std::mutex mutex;
  std::shared_ptr<Output> output = make(Options{});

  std::shared_ptr<Output> get() {
    const std::lock_guard lock{mutex};
    return output;
  }
  void set(std::shared_ptr<Output> next) {
    const std::lock_guard lock{mutex};
    output = std::move(next);
  }
};

Current& current() {
  static Current* const one = new Current;  // outlives every static object that may still log
  return *one;
}

void put(Level level, std::string_view message, Fields fields, std::int64_t suppressed) {
  const std::shared_ptr<Output> output = current().get();
  if (!output->logger.should_log(to_spdlog(level))) return;
  output->logger.log(to_spdlog(level), render(output->format, message, fields, suppressed));
}

}  // namespace

void write(Level level, std::string_view message, Fields fields) {
  put(level, message, fields, 0);
}

std::int64_t Limited::admit(std::chrono::steady_clock::time_point now) {
  const std::lock_guard lock{mutex_};
  if (!running_ || now - started_ >= period_) {
    running_ = true;
    started_ = now;
    passed_ = 0;
  }
  if (passed_ >= burst_) {
    ++dropped_;
    return -1;
  }
  ++passed_;
  return std::exchange(dropped_, 0);
}

void Limited::write(Level level, std::string_view message, Fields fields) {
  const std::int64_t suppressed = admit(std::chrono::steady_clock::now());
  if (suppressed >= 0) put(level, message, fields, suppressed);
}

std::expected<void, std::string> open(const Options& options) {
  try {
    current().set(make(options));
    return {};
  } catch (const spdlog::spdlog_ex& error) {
    return std::unexpected("the log file " + options.file + " cannot be written (" + error.what() +
                           "); check its folder and permissions");
  }
}

Level level_of(std::string_view word) {
  if (word == "debug") return Level::debug;
  if (word == "warning") return Level::warning;
  if (word == "error") return Level::error;
  return Level::info;
}

Format format_of(std::string_view word) {
  return word == "json" ? Format::json : Format::text;
}

}  // namespace rollcall::logging
