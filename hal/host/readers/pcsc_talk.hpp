// The thread that talks to the card in one reader. What it asks may block for as long as the reader
// likes: neither the reactor nor any other reader waits for it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "hal/host/readers/pcsc_card.hpp"
#include "hal/host/readers/reader.hpp"

namespace rollcall::readers {

// A card's connection; belongs to the thread.
class PcscCard;

class PcscTalk final : public std::enable_shared_from_this<PcscTalk> {
 public:
  static constexpr std::chrono::milliseconds end_limit{500};

  // To be ended by whoever started it.
  static std::shared_ptr<PcscTalk> start(std::string reader);

  // Who the card is: a number, and whether it is a bank card's. `done` runs on the thread; nothing
  // when it has no number or went before it had said it.
  void identify(Contactless kind, std::function<void(std::optional<hal::Sight>)> done);
  // `done` runs on the thread.
  void exchange(std::vector<std::uint8_t> command, std::function<void(Answer)> done);
  // The card has gone; the next one is another card. What still waits for it is dropped.
  void let_go();
  // What waits is dropped.
  void end();
  // After end(), not from the thread itself: until it has ended, or end_limit. A thread that hangs
  // in the reader's driver is left to itself and keeps what it needs.
  void wait_ended();
  bool ended() const;

 private:
  using Task = std::function<void(PcscCard&)>;
  explicit PcscTalk(std::string reader) : reader_(std::move(reader)) {}
  void run(Task task);
  void loop();

  const std::string reader_;
  std::mutex mutex_;  // of the next two
  std::deque<Task> tasks_;
  bool ending_ = false;
  std::condition_variable something_;
  std::promise<void> ending_done_;
  const std::shared_future<void> ended_ = ending_done_.get_future().share();
  std::thread thread_;
};

}  // namespace rollcall::readers
