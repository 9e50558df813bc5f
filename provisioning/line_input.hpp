// What a person types, a line at a time, without being deaf to anything else meanwhile.
#pragma once

#include <chrono>
#include <string>

namespace rollcall::provisioning {

class LineInput {
 public:
  static constexpr std::size_t longest_line = 4096;  // bytes; the rest of a longer one is dropped

  explicit LineInput(int fd) : fd_(fd) {}

  enum class Event { line, nothing, end };
  // Waits up to `time` for a whole line; a signal ends the wait early. `line` is set for
  // Event::line.
  Event wait(std::chrono::milliseconds time, std::string& line);
  // Drops what was typed before anybody was asked. For terminals only: a pipe keeps what it holds.
  void forget_typed();

 private:
  int fd_;
  bool ended_ = false;
  std::string held_;
};

// While this lives, Ctrl-C and SIGTERM are noted instead of ending the program.
class Interrupts {
 public:
  Interrupts();
  ~Interrupts();
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;

  static bool happened();
};

}  // namespace rollcall::provisioning
