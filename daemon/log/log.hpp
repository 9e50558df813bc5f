// Structured logs: one line per fact, a fixed message and fields.
//
//   logging::info("batch accepted", {{"batch", id}, {"events", n}});
//
// Levels say who must act (README.md). No name, card number, reading or answer is ever logged: a
// field with such a key does not compile. Values are escaped and cut, so that nobody outside can
// forge a line.
//
// Thread-safe. Before `open`, lines of level info and above go to standard error as text.
#pragma once

#include <array>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <initializer_list>
#include <mutex>
#include <ostream>
#include <string>
#include <string_view>
#include <variant>

namespace rollcall::logging {

enum class Level {
  debug,    // for who works on the program
  info,     // milestones; nobody has to act
  warning,  // the program copes; somebody at the site should look today
  error,    // the program cannot cope alone; the operator must act now
};

inline constexpr std::size_t longest_value = 256;  // bytes of one value; what is longer is cut

// The name of a field: lower-case letters, digits and '_', and none that would carry a person.
class Key {
 public:
  // NOLINTNEXTLINE(google-explicit-constructor): so that {"batch", id} reads as it does
  consteval Key(const char* name) : name_(name) {
    if (name_.empty()) throw "a field needs a name";
    for (const char c : name_) {
      if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_')) {
        throw "write field names in lower-case letters, digits and '_'";
      }
    }
    constexpr std::array<std::string_view, 10> personal{
        "name",    "display_name", "card", "uid",    "reading",
        "surname", "given_name",   "code", "answer", "answers"};
    for (const std::string_view forbidden : personal) {
      if (name_ == forbidden) throw "no name, card number or answer in logs";
    }
  }
  constexpr std::string_view text() const { return name_; }

 private:
  std::string_view name_;
};

class Value {
 public:
  // NOLINTBEGIN(google-explicit-constructor)
  Value(std::string_view text) : value_(text) {}
  Value(const std::string& text) : value_(std::string_view{text}) {}
  Value(const char* text) : value_(std::string_view{text}) {}
  Value(bool flag) : value_(flag) {}
  Value(std::floating_point auto number) : value_(static_cast<double>(number)) {}
  Value(std::signed_integral auto number) : value_(static_cast<std::int64_t>(number)) {}
  Value(std::unsigned_integral auto number) : value_(static_cast<std::uint64_t>(number)) {}
  template <class Rep, class Period>  // written in milliseconds
  Value(std::chrono::duration<Rep, Period> time)
      : value_(std::chrono::duration<double, std::milli>(time).count()) {}
  // NOLINTEND(google-explicit-constructor)

  using Held = std::variant<std::string_view, bool, std::int64_t, std::uint64_t, double>;
  const Held& held() const { return value_; }

 private:
  Held value_;
};

struct Field {
  Key key;
  Value value;
};
using Fields = std::initializer_list<Field>;

void write(Level level, std::string_view message, Fields fields);
inline void debug(std::string_view message, Fields fields = {}) {
  write(Level::debug, message, fields);
}
inline void info(std::string_view message, Fields fields = {}) {
  write(Level::info, message, fields);
}
inline void warning(std::string_view message, Fields fields = {}) {
  write(Level::warning, message, fields);
}
inline void error(std::string_view message, Fields fields = {}) {
  write(Level::error, message, fields);
}

// For lines that somebody outside can cause at will. Lets `burst` lines pass per `period`; the
// first one of the next period says how many were dropped ("suppressed"). One static object per
// kind:
//
//   static logging::Limited limited;
//   limited.warning("frame dropped", {{"why", "crc"}});
class Limited {
 public:
  explicit Limited(unsigned burst = 5,
                   std::chrono::steady_clock::duration period = std::chrono::seconds{10})
      : burst_(burst), period_(period) {}

  void write(Level level, std::string_view message, Fields fields = {});
  void debug(std::string_view message, Fields fields = {}) { write(Level::debug, message, fields); }
  void info(std::string_view message, Fields fields = {}) { write(Level::info, message, fields); }
  void warning(std::string_view message, Fields fields = {}) {
    write(Level::warning, message, fields);
  }

  // The gate alone: how many lines were dropped before this one, or -1 when this one is dropped
  // too.
  std::int64_t admit(std::chrono::steady_clock::time_point now);

 private:
  std::mutex mutex_;
  unsigned burst_;
  std::chrono::steady_clock::duration period_;
  std::chrono::steady_clock::time_point started_{};
  unsigned passed_ = 0;
  std::int64_t dropped_ = 0;
  bool running_ = false;
};

enum class Format { text, json };

struct Options {
  Level level = Level::info;
  Format format = Format::text;
  std::string file;                // empty = standard error; five files of 10 MiB are kept
  std::ostream* stream = nullptr;  // for tests: written to instead; outlives the next `open`
};

// Replaces where lines go. An error is a sentence that names the file.
std::expected<void, std::string> open(const Options& options);

// The words of the configuration: "debug", "info", "warning", "error"; "text", "json".
Level level_of(std::string_view word);
Format format_of(std::string_view word);

// One line's content without time and level, as `write` forms it (a pure function, for tests).
std::string render(Format format, std::string_view message, Fields fields,
                   std::int64_t suppressed = 0);

}  // namespace rollcall::logging
