// Who signs in at the console by card: name and PIN were right, and their own card is still to be
// held to one of the readers that the site has for it. One wait for each person, for a limited
// time; the ticket is what the page asks with. Time is passed in.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace rollcall::cards {

// Reactor thread only.
class CardSignIns {
 public:
  using Moment = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::seconds window_time{30};
  static constexpr std::chrono::seconds pick_up_time{10};  // for the page, from when the card came
  static constexpr std::size_t most_waits = 50;

  struct Wait {
    std::string ticket;
    std::string account;  // id
    std::string person;   // pseudonym: whose card
    Moment until{};
    bool shown = false;  // the card
  };

  // Ids of readers of the host and serial numbers of terminals.
  explicit CardSignIns(std::vector<std::string> readers) : readers_(std::move(readers)) {}
  const std::vector<std::string>& readers() const { return readers_; }

  enum class Opened : std::uint8_t {
    yes,
    by_another,  // this person's card is waited for already
    full,        // too many wait
  };
  Opened open(std::string ticket, std::string account, std::string person, Moment now);
  // Null: there is none, or its time is up.
  const Wait* find(std::string_view ticket, Moment now) const;
  void end(std::string_view ticket);
  // What it may, or with which PIN, has changed.
  void end_of_account(std::string_view account);

  // For who holds a reader: the person's card has proven itself there. True: that was to sign in;
  // the next time it is a tap like any other.
  bool shown(std::string_view reader, std::string_view person, Moment now);

 private:
  std::vector<std::string> readers_;
  std::vector<Wait> waits_;
};

}  // namespace rollcall::cards
