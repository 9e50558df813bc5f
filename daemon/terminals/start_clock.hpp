// What a session knows of the clock of the terminal's present start: the first `time_request` says
// what it read at a moment between `welcome` and now.
#pragma once

#include <cstdint>
#include <optional>

#include "daemon/attendance/bracket.hpp"
#include "daemon/attendance/recorder.hpp"

namespace rollcall::terminals {

class StartClock {
 public:
  // `welcome` leaves now. Only the first counts: what was asked before another one may have left
  // before it. True: it is the first.
  bool welcomed(const attendance::HostTime& now);
  // `time_request` has come, with `t1_ms` of the terminal's clock. It left after `welcome` was
  // there.
  void asked(std::uint32_t boot, std::uint64_t t1_ms, const attendance::HostTime& now);

  struct Reading {
    std::uint64_t monotonic_ms = 0;  // of the terminal
    attendance::HostTime at;         // when it had come
  };
  const std::optional<Reading>& reading() const { return reading_; }

  // Nothing before `time_request`, and as soon as the host's clock was moved or is in doubt: by
  // which of its times the terminal's is measured is then unknown.
  std::optional<attendance::ProvenPoint> point(const attendance::HostTime& now) const;

 private:
  std::optional<attendance::HostTime> welcomed_;
  std::optional<Reading> reading_;
  std::optional<attendance::ProvenPoint> point_;
};

}  // namespace rollcall::terminals
