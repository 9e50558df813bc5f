// The last words of a firmware that crashed, in RAM that start-up leaves alone. A fault handler
// writes them, the next start tells them, and a power cut takes them away.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <type_traits>

namespace rollcall::hal {

enum class CrashCause : std::uint8_t {
  access = 1,       // memory or a device refused an access: bus, memory management, data abort
  instruction = 2,  // not one of this processor's, or not to be fetched from there
  fault = 3,        // another fault of the processor
  interrupt = 4,    // one that nobody handles
  broken = 5,       // our own code found a promise broken and called abort()
  watchdog = 6,     // the loop did not come round in time
};

struct Crash {
  CrashCause cause = CrashCause::fault;
  std::uint8_t task = 0;        // what the loop was doing, as enter() was told; 0 = not there yet
  std::uint32_t pc = 0;         // the instruction; 0 = not known
  std::uint32_t lr = 0;         // where it would have returned to; 0 = not known
  std::uint32_t uptime_ms = 0;  // of the clock device
  std::uint32_t boot = 0;       // boot number; 0 = it was not known yet

  friend bool operator==(const Crash&, const Crash&) = default;
};

// A board places one in memory that start-up neither clears nor loads; its constructor leaves what
// is there. What was never written, as after power-on, is recognised as such. Calls nothing and
// takes no lock: fit for a fault handler.
class CrashMemory {
 public:
  CrashMemory() = default;

  // Start-up, before anything can fail: from here on boot and task are known. Keeps a crash.
  void begin() { boot_ = task_ = 0; }
  // The main loop says where it is.
  void set_boot(std::uint32_t boot) { boot_ = boot; }
  void enter(std::uint8_t task) { task_ = task; }

  // The fault handler, which then resets the board. Overwrites a crash that was not told yet.
  void record(CrashCause cause, std::uint32_t pc, std::uint32_t lr, std::uint32_t uptime_ms) {
    words_ = {static_cast<std::uint32_t>(cause), task_, pc, lr, uptime_ms, boot_};
    check_ = sum();
    logged_ = restart_ = 0;
    std::atomic_signal_fence(std::memory_order_seq_cst);  // all of it before what follows
  }
  // The board is about to reset because the firmware asked for it.
  void restarting() {
    restart_ = restart_mark;
    std::atomic_signal_fence(std::memory_order_seq_cst);
  }

  // A crash that was not forgotten, also when the firmware was restarted since.
  std::optional<Crash> crash() const {
    if (check_ != sum()) return std::nullopt;
    return Crash{static_cast<CrashCause>(words_[0]),
                 static_cast<std::uint8_t>(words_[1]),
                 words_[2],
                 words_[3],
                 words_[4],
                 words_[5]};
  }
  // Whether this start is the one that restarting() announced. Asking clears it.
  bool take_restart() {
    const bool announced = restart_ == restart_mark;
    restart_ = 0;
    return announced;
  }
  // The crash stands in the log already.
  bool logged() const { return logged_ == logged_mark; }
  void set_logged() { logged_ = logged_mark; }
  // The host knows it.
  void forget() { check_ = ~sum(); }

 private:
  static constexpr std::uint32_t restart_mark = 0x72737472;
  static constexpr std::uint32_t logged_mark = 0x6c6f6764;

  // FNV-1a by words. Odd for words that are all 0, so cleared memory holds no crash.
  std::uint32_t sum() const {
    std::uint32_t sum = 2166136261u;
    for (const std::uint32_t word : words_) sum = (sum ^ word) * 16777619u;
    return sum;
  }

  std::array<std::uint32_t, 6> words_;  // of Crash: cause, task, pc, lr, uptime_ms, boot
  std::uint32_t check_;
  std::uint32_t logged_;
  std::uint32_t restart_;
  std::uint32_t boot_;
  std::uint32_t task_;
};
static_assert(std::is_trivially_default_constructible_v<CrashMemory>);

}  // namespace rollcall::hal
