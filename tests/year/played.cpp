#include "tests/year/played.hpp"

#include <atomic>
#include <future>
#include <stdexcept>
#include <tuple>
#include <utility>

#include "daemon/attendance/assist.hpp"
#include "daemon/attendance/settle.hpp"
#include "daemon/events/event.hpp"
#include "daemon/roster/apply.hpp"
#include "tests/unit/daemon/registered.hpp"

namespace rollcall::year {
namespace {

constexpr std::array weekday_names = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
constexpr crypto::Key card_key{7};

std::string token_of(const Person& person) {
  return events::hex(attendance::card_token(card_key, protocol::ReadingKind::uid, person.chip));
}

roster::SessionRecord record_of(const Session& s, const Site& site) {
  roster::SessionRecord record;
  record.id = s.id;
  record.course = s.course;
  record.title = "Title of " + s.id;
  record.kind = s.kind;
  record.room = s.room;
  record.trainer = s.trainer;
  for (std::size_t d = 0; d < 7; ++d) {
    if (s.weekdays[d])
      record.weekdays += (record.weekdays.empty() ? "" : " ") + std::string(weekday_names[d]);
  }
  record.first_day = iso(site.size.first);
  record.last_day = iso(site.size.last);
  record.start_minute = s.start;
  record.end_minute = s.end;
  record.half_day = s.half_day;
  record.programme = s.programme;
  return record;
}

}  // namespace

config::Config config_of() {
  config::Config config;
  config.site = {"site-1", "org-1", "A site", "Europe/Brussels", {"fr", "en"}};
  using std::chrono::minutes;
  config.programmes = {{"bilan", "in_out", minutes{10}, minutes{10}},
                       {"atelier", "in_out", minutes{5}, minutes{20}},
                       {"jobs", "arrival_only", minutes{10}, minutes{10}}};
  return config;
}

roster::Reading reading_of(const Site& site, Day day) {
  roster::Reading reading{.source = "files"};
  const auto say = [&reading](roster::Content content) {
    reading.records.push_back({std::move(content), false, {"made-up", 1}});
  };
  for (const Person& person : site.people) {
    roster::PersonRecord record;
    record.id = person.id;
    record.role = person.trainer ? "trainer" : "participant";
    record.programme = "bilan";
    say(record);
    say(roster::CardRecord{token_of(person), person.id});
    for (const std::string& course : person.courses)
      say(roster::EnrolmentRecord{course, person.id, {}, {}});
  }
  for (std::size_t i = 0; i < site.sessions.size(); ++i) {
    roster::SessionRecord record = record_of(site.sessions[i], site);
    for (const NewHours& change : site.changes) {
      if (change.session == i && change.since <= day)
        std::tie(record.start_minute, record.end_minute) = std::pair(change.start, change.end);
    }
    say(record);
  }
  for (const auto& [key, one] : site.single_days) {
    roster::SessionDayRecord record;
    record.session = site.sessions[key.first].id;
    record.day = iso(key.second);
    record.cancelled = one.cancelled;
    record.start_minute = one.start;
    record.end_minute = one.end;
    say(record);
  }
  return reading;
}

Played::Played(const Site& site, const std::string& path)
    : site_(site), writer_(path), recorder_(writer_, config_, key_, [this] { return host_; }) {
  enrol_terminals();
  read_roster(site.size.first);
  auto change = site.changes.begin();
  Day day = site.size.first;
  std::map<std::pair<Day, std::size_t>, int> strays;
  for (const Deed& deed : site.deeds) {
    for (; day < day_on_the_wall(deed.host); ++day) {
      settle(on_the_wall(day, 23 * 60));
      while (change != site.changes.end() && change->since == day + 1) {
        read_roster(day + 1);
        ++change;
      }
    }
    if (!deed.tap) {
      state(deed);
      continue;
    }
    at(deed.host);
    if (!recorder_.submit(report_of(deed), [](const attendance::TapResult& result) {
          if (result.outcome == protocol::Outcome::not_recorded)
            throw std::runtime_error(result.error);
        })) {
      throw std::runtime_error("the writer's queue is full");
    }
    if (deed.seen) {
      const std::vector<Held> before =
          site.held(site.people[deed.person], day_on_the_wall(deed.seen->last) - 1);
      const std::vector<Held> that_day =
          site.held(site.people[deed.person], day_on_the_wall(deed.seen->last));
      const Day belongs = day_of(deed.seen->last, before, that_day);
      if (day_of(deed.seen->first, before, that_day) == belongs)
        seen_[{deed.person, belongs}].push_back(*deed.seen);
    }
  }
  settle(on_the_wall(site.size.last + 3, 0));
}

void Played::enrol_terminals() {
  writer_.run_now([](store::Database& db) {
    for (const char* serial : terminals) testing::register_terminal(db, serial, room_of(serial));
  });
}

void Played::read_roster(Day day) {
  const Ms now = on_the_wall(day, 5 * 60);
  writer_.run_now([&](store::Database& db) {
    const roster::Outcome outcome = roster::apply(db, reading_of(site_, day), {now, iso(day)});
    if (!outcome.problems.empty()) throw std::runtime_error(outcome.problems.front().text());
  });
}

void Played::at(Ms now) {
  const bool taken = writer_.submit(
      [this, now](store::Database&) {
        host_ = {now, protocol::ClockTrust::synced, static_cast<std::uint64_t>(now), 1};
      },
      [](store::Committed, const std::string&) {});
  if (!taken) throw std::runtime_error("the writer's queue is full");
}

attendance::TapReport Played::report_of(const Deed& deed) const {
  const Tap& tap = *deed.tap;
  attendance::TapReport report;
  report.serial = tap.terminal;
  report.live = tap.live;
  report.tap.epoch.fill(0xee);
  report.tap.number = tap.number;
  report.tap.boot = tap.boot;
  report.tap.monotonic_ms = static_cast<std::uint64_t>(tap.monotonic);
  report.tap.wall_ms = tap.wall;
  report.tap.trust = tap.trust == Tap::Trust::synced     ? protocol::ClockTrust::synced
                     : tap.trust == Tap::Trust::drifting ? protocol::ClockTrust::drifting
                                                         : protocol::ClockTrust::unproven;
  report.tap.reading.assign(site_.people[deed.person].chip);
  if (tap.start) {
    report.start =
        attendance::proven_point(tap.start->boot, static_cast<std::uint64_t>(tap.start->monotonic),
                                 tap.start->at, protocol::ClockTrust::synced);
  }
  return report;
}

// Staff are told when it does not go with what is recorded of the day: then they state nothing.
void Played::state(const Deed& deed) {
  bool stated = false;
  attendance::AssistRequest request;
  request.person = site_.people[deed.person].id;
  request.direction = deed.in ? attendance::Direction::in : attendance::Direction::out;
  request.cause = "no_card";
  request.actor = "desk-1";
  writer_.run_now([&](store::Database& db) {
    stated = record_assisted(db, config_, request, {deed.host, protocol::ClockTrust::synced, 1, 1})
                 .has_value();
  });
  if (!stated) return;
  const Day shown = day_on_the_wall(deed.host);
  const Person& person = site_.people[deed.person];
  seen_[{deed.person, day_of(deed.host, site_.held(person, shown - 1), site_.held(person, shown))}]
      .push_back(*deed.seen);
}

void Played::settle(Ms now) {
  bool more = true;
  while (more) {
    writer_.run_now([&](store::Database& db) {
      more = attendance::settle_due(
          db, config_, {now, protocol::ClockTrust::synced, static_cast<std::uint64_t>(now), 1},
          500);
    });
  }
}

attendance::TapResult Played::take(const Deed& deed) {
  at(deed.host);
  std::promise<attendance::TapResult> done;
  if (!recorder_.submit(report_of(deed),
                        [&done](const attendance::TapResult& result) { done.set_value(result); })) {
    throw std::runtime_error("the writer's queue is full");
  }
  return done.get_future().get();
}

const std::vector<Seen>& Played::seen(std::size_t person, Day day) const {
  static const std::vector<Seen> nothing;
  const auto found = seen_.find({person, day});
  return found == seen_.end() ? nothing : found->second;
}

}  // namespace rollcall::year
