// The person who tapped says that it was the other way: that they leave where the rules thought
// that they come, or that they come. Their word stands, as staff's does (docs/decisions/0015).
// Thread of turn_round: the writer, inside a transaction.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string_view>

#include <boost/asio/awaitable.hpp>

#include "daemon/attendance/recorder.hpp"
#include "daemon/config/config.hpp"
#include "daemon/events/event.hpp"
#include "daemon/store/database.hpp"
#include "daemon/store/writer.hpp"

namespace rollcall::attendance {

// From the answer to the person's word, on the host's clock: the time that the place gives them,
// and the ways there and back.
inline constexpr std::chrono::milliseconds turn_limit{9000};

// Whether what a tap came to has another way: a movement that is none of childcare, in a programme
// that counts exits.
bool may_turn(protocol::TerminalMode mode, const Decision& decision);

struct TurnRequest {
  events::TapIdentity tap;
  Direction to = Direction::out;
  std::uint64_t answered_ms = 0;  // as Turnable has it
};

enum class Turned {
  done,
  already,      // it was said before, or stands already: nothing was written
  too_late,     // the following change nothing
  another_tap,  // somebody tapped there since
  no_movement,  // it was not live, or comes to no movement that can be turned
};
std::string_view to_text(Turned turned);

// Keeps the word with the tap and settles the day by it. A tap is turned round once: a second press
// changes nothing.
Turned turn_round(store::Database& db, const config::Config& config, const TurnRequest& request,
                  const HostTime& host);

// One answer that can be turned round.
class Turn {
 public:
  virtual ~Turn() = default;
  // True when it is durable: only then may it be shown.
  virtual boost::asio::awaitable<bool> round() = 0;
};

// Through the writer, which outlives it, as the configuration does.
class WriterTurn final : public Turn {
 public:
  WriterTurn(store::Writer& writer, const config::Config& config, TurnRequest request,
             std::function<HostTime()> now)
      : writer_(writer), config_(config), request_(std::move(request)), now_(std::move(now)) {}

  boost::asio::awaitable<bool> round() override;

 private:
  store::Writer& writer_;
  const config::Config& config_;
  TurnRequest request_;
  std::function<HostTime()> now_;
};

}  // namespace rollcall::attendance
