#include "provisioning/line_input.hpp"

#include <array>
#include <csignal>

#include <poll.h>
#include <termios.h>
#include <unistd.h>

namespace rollcall::provisioning {
namespace {

volatile std::sig_atomic_t interrupted = 0;
struct sigaction former_int, former_term;

void note(int) {
  interrupted = 1;
}

}  // namespace

LineInput::Event LineInput::wait(std::chrono::milliseconds time, std::string& line) {
  auto end_of_line = held_.find('\n');
  if (end_of_line == std::string::npos && !ended_) {
    pollfd waiting{fd_, POLLIN, 0};
    if (::poll(&waiting, 1, static_cast<int>(time.count())) <= 0) return Event::nothing;
    std::array<char, 512> typed{};
    const ssize_t got = ::read(fd_, typed.data(), typed.size());
    if (got < 0) return Event::nothing;  // a signal
    if (got == 0) ended_ = true;
    held_.append(typed.data(), static_cast<std::size_t>(got));
    end_of_line = held_.find('\n');
    if (held_.size() > longest_line && end_of_line == std::string::npos) held_.clear();
  }
  if (end_of_line != std::string::npos) {
    line = held_.substr(0, end_of_line);
    held_.erase(0, end_of_line + 1);
    return Event::line;
  }
  if (!ended_) return Event::nothing;
  if (held_.empty()) return Event::end;
  line = std::move(held_);  // the last line, without its end
  held_.clear();
  return Event::line;
}

void LineInput::forget_typed() {
  if (::isatty(fd_) == 1) ::tcflush(fd_, TCIFLUSH);
}

Interrupts::Interrupts() {
  interrupted = 0;
  struct sigaction noted{};
  noted.sa_handler = note;  // without SA_RESTART: a wait for input ends
  ::sigaction(SIGINT, &noted, &former_int);
  ::sigaction(SIGTERM, &noted, &former_term);
}

Interrupts::~Interrupts() {
  ::sigaction(SIGINT, &former_int, nullptr);
  ::sigaction(SIGTERM, &former_term, nullptr);
}

bool Interrupts::happened() {
  return interrupted != 0;
}

}  // namespace rollcall::provisioning
