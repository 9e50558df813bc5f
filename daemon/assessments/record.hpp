// What became of an offer, as events of the log: assessment.offered, then exactly one of declined,
// completed or abandoned, all with the same attempt id.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "daemon/assessments/attempt.hpp"
#include "daemon/assessments/library.hpp"
#include "daemon/config/config.hpp"
#include "daemon/events/event.hpp"
#include "daemon/store/writer.hpp"

namespace rollcall::assessments {

// Why an offer or an attempt ended before its end.
enum class Cause {
  later,        // the person chose to stop
  no_answer,    // nobody touched the screen, nor asked for more time
  next_person,  // somebody else tapped
  link_lost,    // the terminal went away
  shutdown,     // the daemon stops
};

// Where the outcome of one offer goes. Each returns true once the event is durable. `elapsed`:
// since the first question was shown.
class Record {
 public:
  virtual ~Record() = default;
  virtual boost::asio::awaitable<bool> offered() = 0;
  virtual boost::asio::awaitable<bool> declined(Cause cause) = 0;
  virtual boost::asio::awaitable<bool> completed(const Attempt& attempt,
                                                 std::chrono::milliseconds elapsed) = 0;
  virtual boost::asio::awaitable<bool> abandoned(const Attempt& attempt, Cause cause,
                                                 std::chrono::milliseconds elapsed) = 0;
};

// What all events of one offer have in common.
struct Occasion {
  std::string organisation;
  std::string site;
  std::string room;
  events::TapIdentity tap;  // the tap that caused the offer; its serial is the terminal
  protocol::ReadingKind reading = protocol::ReadingKind::uid;  // how the person was identified
  std::string assurance;  // of the card, as events say it; empty: as goes with `reading`
  std::string language;   // of the screens
  Due due;

  // The same for the same tap, whenever it is computed.
  std::string attempt_id() const;
};

// The events as values, with the data of docs/api/events/assessment.*.v1.json. Answers are content:
// they rest in payload_assessment and nowhere else.
events::Event offered_event(const Occasion& occasion, const events::TimeBlock& time);
events::Event declined_event(const Occasion& occasion, const events::TimeBlock& time, Cause cause);
events::Event completed_event(const Occasion& occasion, const events::TimeBlock& time,
                              const Attempt& attempt, std::chrono::milliseconds elapsed);
events::Event abandoned_event(const Occasion& occasion, const events::TimeBlock& time,
                              const Attempt& attempt, Cause cause,
                              std::chrono::milliseconds elapsed);

// Records through the writer; `completed` closes the person's assignment in the same transaction.
class WriterRecord final : public Record {
 public:
  // `writer` outlives the record. `now` is the host's time when something happens.
  WriterRecord(store::Writer& writer, Occasion occasion, std::function<events::TimeBlock()> now)
      : writer_(writer), occasion_(std::move(occasion)), now_(std::move(now)) {}

  boost::asio::awaitable<bool> offered() override;
  boost::asio::awaitable<bool> declined(Cause cause) override;
  boost::asio::awaitable<bool> completed(const Attempt& attempt,
                                         std::chrono::milliseconds elapsed) override;
  boost::asio::awaitable<bool> abandoned(const Attempt& attempt, Cause cause,
                                         std::chrono::milliseconds elapsed) override;

 private:
  boost::asio::awaitable<bool> append(events::Event event, bool closes_assignment);

  store::Writer& writer_;
  Occasion occasion_;
  std::function<events::TimeBlock()> now_;
};

}  // namespace rollcall::assessments
