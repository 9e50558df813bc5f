// The thread that waits for what pcscd has to tell: which readers there are, and what is in them.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace rollcall::readers {

// One reader at a moment.
struct PcscSlot {
  std::string reader;
  bool present = false;           // a card is in it and has said what it is
  std::uint32_t changes = 0;      // how often a card came or went, modulo 2^16
  std::vector<std::uint8_t> atr;  // of the card
};

class PcscWatch final : public std::enable_shared_from_this<PcscWatch> {
 public:
  static constexpr std::chrono::milliseconds end_limit{500};
  // From one attempt to reach pcscd to the next, doubled each time.
  static constexpr std::chrono::milliseconds retry_first{50};
  static constexpr std::chrono::milliseconds retry_most{1000};
  // The readers are listed anew, should one have come between list and wait.
  static constexpr std::chrono::milliseconds list_again{5000};
  static constexpr std::size_t most_readers = 15;  // pcscd itself has no more than 16

  struct Events {
    std::function<void(std::vector<PcscSlot>)> readers;  // all there are, after each change
    std::function<void(std::string why)> unreachable;    // a clause; there are none then
  };

  // Events are called on the thread. To be ended by whoever started it.
  static std::shared_ptr<PcscWatch> start(Events events);
  // Not from the thread itself; no event is told afterwards, but for a thread that hangs in pcscd
  // for longer than end_limit and is left to itself.
  void end();

 private:
  explicit PcscWatch(Events events) : events_(std::move(events)) {}
  void loop();
  std::string watch(long context);  // until it ends; why
  std::optional<long> establish(std::string& why);
  bool ending();

  const Events events_;
  std::mutex mutex_;  // of the next two
  bool ending_ = false;
  std::optional<long> context_;
  std::condition_variable pause_;
  std::promise<void> ended_;
  std::thread thread_;
};

}  // namespace rollcall::readers
