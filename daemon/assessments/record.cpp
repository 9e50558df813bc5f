#include "daemon/assessments/record.hpp"

#include <nlohmann/json.hpp>

#include "daemon/events/json.hpp"
#include "daemon/log/log.hpp"
#include "daemon/store/on_writer.hpp"

namespace rollcall::assessments {
namespace {

namespace asio = boost::asio;
using nlohmann::ordered_json;

// The version of the scoring rule in attempt.cpp: raise it whenever the same answers could give
// another score.
constexpr const char* scoring_rule = "sum";
constexpr const char* scoring_version = "1";

ordered_json or_null(const std::optional<std::string>& text) {
  return text ? ordered_json(*text) : ordered_json();
}

std::string_view abandoned_cause(Cause cause) {
  switch (cause) {
    case Cause::later:
      return "left";
    case Cause::no_answer:
      return "no_answer";
    case Cause::next_person:
      return "next_person";
    case Cause::link_lost:
      return "link_lost";
    case Cause::shutdown:
      return "shutdown";
  }
  return "link_lost";
}

std::string_view method(protocol::ReadingKind kind) {
  return kind == protocol::ReadingKind::code ? "code" : "card";
}

std::string_view assurance(protocol::ReadingKind kind) {
  switch (kind) {
    case protocol::ReadingKind::uid:
      return "uid";
    case protocol::ReadingKind::uid_random:
      return "uid_random";
    case protocol::ReadingKind::code:
      return "code";
  }
  return "uid";
}

events::Event event_of(const Occasion& occasion, const events::TimeBlock& time,
                       std::string_view type, const ordered_json& outcome) {
  const Instrument& instrument = *occasion.due.instrument;
  ordered_json data = {
      {"organisation", occasion.organisation},
      {"site", occasion.site},
      {"room", occasion.room},
      {"terminal", occasion.tap.serial},
      {"programme", or_null(occasion.due.programme)},
      {"grant", or_null(occasion.due.grant)},
      {"contract", or_null(occasion.due.contract)},
      {"instrument",
       {{"id", instrument.id},
        {"version", instrument.version},
        {"digest", events::hex(instrument.digest)}}},
      {"attempt", occasion.attempt_id()},
      {"language", occasion.language},
      {"tap", events::to_json(occasion.tap)},
  };
  data.update(outcome);
  data["actor"] = nullptr;  // the person at the terminal is the subject
  data["time"] = events::to_json(time);
  return {
      .id = events::tap_event_id(occasion.site, occasion.tap, type, 0),
      .type = std::string(type),
      .subject = occasion.due.person,
      .time_ms = time.wall_ms,
      .purpose = events::Purpose::assessment,
      .data = data.dump(),
  };
}

void close_assignment(store::Database& db, const Occasion& occasion) {
  db.prepare(
        "UPDATE assignment SET state = 'completed', attempt = ? WHERE person = ? AND instrument = "
        "?")
      .bind(occasion.attempt_id(), occasion.due.person, occasion.due.instrument->id)
      .run();
}

}  // namespace

std::string Occasion::attempt_id() const {
  return events::tap_event_id(site, tap, "assessment.attempt", 0);
}

events::Event offered_event(const Occasion& occasion, const events::TimeBlock& time) {
  return event_of(
      occasion, time, "assessment.offered",
      {{"due", occasion.due.date},
       {"offers", occasion.due.earlier_offers + 1},
       {"method", method(occasion.reading)},
       {"assurance", occasion.assurance.empty() ? assurance(occasion.reading)
                                                : std::string_view(occasion.assurance)}});
}

events::Event declined_event(const Occasion& occasion, const events::TimeBlock& time, Cause cause) {
  return event_of(occasion, time, "assessment.declined",
                  {{"choice", cause == Cause::later ? "later" : "no_answer"}});
}

events::Event abandoned_event(const Occasion& occasion, const events::TimeBlock& time,
                              const Attempt& attempt, Cause cause,
                              std::chrono::milliseconds elapsed) {
  return event_of(occasion, time, "assessment.abandoned",
                  {{"answered", attempt.answers().size()},
                   {"items", attempt.questions()},
                   {"cause", abandoned_cause(cause)},
                   {"duration_ms", elapsed.count()}});
}

events::Event completed_event(const Occasion& occasion, const events::TimeBlock& time,
                              const Attempt& attempt, std::chrono::milliseconds elapsed) {
  ordered_json started;
  if (time.wall_ms) started = events::rfc3339(*time.wall_ms - elapsed.count());
  ordered_json responses = ordered_json::array();
  for (const Answer& answer : attempt.answers()) {
    const bool given = answer.option != prefer_not;
    responses.push_back({{"item", answer.question},
                         {"choice", given ? ordered_json(answer.option) : ordered_json()},
                         {"duration_ms", answer.took.count()}});
  }
  ordered_json scores = ordered_json::array();
  if (const auto score = attempt.score()) {
    scores.push_back({{"scale", "total"},
                      {"raw", score->raw},
                      {"max", score->max},
                      {"level", nullptr},
                      {"proposal", false},
                      {"standard_error", nullptr}});
  }
  return event_of(occasion, time, "assessment.completed",
                  {{"delivery", "linear"},
                   {"started", started},
                   {"duration_ms", elapsed.count()},
                   {"responses", responses},
                   {"scores", scores},
                   {"scoring", {{"rule", scoring_rule}, {"version", scoring_version}}},
                   {"sealed", nullptr},
                   {"retest_of", nullptr}});
}

asio::awaitable<bool> WriterRecord::offered() {
  return append(offered_event(occasion_, now_()), false);
}

asio::awaitable<bool> WriterRecord::declined(Cause cause) {
  return append(declined_event(occasion_, now_(), cause), false);
}

asio::awaitable<bool> WriterRecord::completed(const Attempt& attempt,
                                              std::chrono::milliseconds elapsed) {
  return append(completed_event(occasion_, now_(), attempt, elapsed), true);
}

asio::awaitable<bool> WriterRecord::abandoned(const Attempt& attempt, Cause cause,
                                              std::chrono::milliseconds elapsed) {
  return append(abandoned_event(occasion_, now_(), attempt, cause, elapsed), false);
}

asio::awaitable<bool> WriterRecord::append(events::Event event, bool closes_assignment) {
  const std::int64_t recorded_ms = now_().wall_ms.value_or(0);
  const store::Writer::Job job = [&](store::Database& db) {
    events::append(db, event, recorded_ms);
    if (closes_assignment) close_assignment(db, occasion_);
  };
  try {
    co_await store::on_writer(writer_, job);
  } catch (const store::StoreError& error) {
    logging::error("an assessment's outcome could not be recorded",
                   {{"event", event.id}, {"type", event.type}, {"why", error.what()}});
    co_return false;
  }
  co_return true;
}

}  // namespace rollcall::assessments
