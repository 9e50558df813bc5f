// A reader of cards or codes that this machine has itself, without firmware of ours in between.
//
// Everything here runs on the reactor, the one thread that runs the executor.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "hal/card_reader.hpp"
#include "hal/host/readers/line_format.hpp"
#include "hal/recognition.hpp"

namespace rollcall::readers {

// A device that cannot be opened is tried again after these, doubled each time.
inline constexpr std::chrono::milliseconds open_first{10};
inline constexpr std::chrono::milliseconds open_most{1000};

// What a reader tells. Never called from within the function that made it, nor after its end.
struct Events {
  // It came or came back (`working`; `what` is its name), or it is gone or does not answer (`what`
  // is a clause that says why). Only what has changed; at first it is not there.
  std::function<void(bool working, const std::string& what)> state;
  // What is held to it, each time that this changes, as it is: not debounced. Nothing at first, and
  // when the reader goes.
  std::function<void(const hal::Sight& sight)> sight;
  // Of a reader that prints lines, in place of `sight`: each one, or a clause that says why it is
  // none. The same card or code may be printed again and again as long as it is held there.
  std::function<void(const std::expected<LineReading, std::string>& line)> line = {};
};

// What the card said, its status last; otherwise card_gone, timed_out or failed.
using Answer = std::expected<std::vector<std::uint8_t>, hal::Exchange>;

// Reads until it is destroyed.
class Reader {
 public:
  virtual ~Reader() = default;

  // Gives a command APDU of 1 to hal::max_apdu bytes to the card in sight. One at a time: another
  // one has failed. The card stays powered for a moment afterwards, so that the next exchange can
  // build on this one. After `limit` it has timed out, and the card may have heard it all the same;
  // when the reader is destroyed meanwhile it has failed.
  virtual boost::asio::awaitable<Answer> exchange(std::vector<std::uint8_t> command,
                                                  std::chrono::milliseconds limit) = 0;
};

}  // namespace rollcall::readers
