// A recorder on a scratch database: one terminal of a room, one of childcare, two people, one card
// and one session in the morning.
#pragma once

#include <array>
#include <cstdint>
#include <future>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "daemon/attendance/recorder.hpp"
#include "daemon/events/event.hpp"
#include "tests/unit/daemon/registered.hpp"
#include "tests/unit/daemon/scratch_database.hpp"
#include "tests/unit/daemon/tap_report.hpp"

namespace rollcall::attendance::test {

inline constexpr std::int64_t monday_0850 = 1'772'437'800'000;  // 2026-03-02T08:50 in Brussels
inline constexpr std::int64_t minute_ms = 60'000;

inline config::Config example() {
  config::Config config;
  config.site = {"site-1", "org-1", "A site", "Europe/Brussels", {"fr", "en"}};
  return config;
}

struct Recording : ::testing::Test {
  Recording() {
    writer.run_now([&](store::Database& db) {
      testing::register_terminal(db, "TC-1", "Door");
      testing::register_terminal(db, "CH-1", "Childcare", "childcare");
      db.exec(
          "INSERT INTO person (id, role, language, programme) VALUES ('p-1', 'participant', 'fr', "
          "'bilan')");
      db.exec("INSERT INTO person (id, role) VALUES ('p-2', 'participant')");
      db.exec(
          "INSERT INTO session (id, course, title, room, weekdays, first_day, last_day, start_min, "
          "end_min, half_day)"
          " VALUES ('S-AM', 'C', 'Title', 'Door', 'mon tue', '2026-01-01', '2026-12-31', 540, 750, "
          "'am')");
      db.exec("INSERT INTO enrolment (course, person) VALUES ('C', 'p-1'), ('C', 'p-2')");
      db.prepare("INSERT INTO card (token, person, source) VALUES (?, 'p-1', 'roster')")
          .bind(token(card_1))
          .run();
    });
  }

  std::array<std::uint8_t, 32> token(const std::array<std::uint8_t, 4>& chip) const {
    return card_token(key, protocol::ReadingKind::uid, chip);
  }

  TapResult take(TapReport report) {
    std::promise<TapResult> answer;
    EXPECT_TRUE(recorder.submit(std::move(report),
                                [&](const TapResult& result) { answer.set_value(result); }));
    return answer.get_future().get();
  }

  std::vector<std::string> types() {
    store::Database db(scratch.path(), store::Database::Mode::query_only);
    std::vector<std::string> all;
    auto row = db.prepare("SELECT type FROM log ORDER BY position");
    while (row.step()) all.push_back(row.text(0));
    return all;
  }

  nlohmann::json event(std::int64_t position) {
    store::Database db(scratch.path(), store::Database::Mode::query_only);
    return nlohmann::json::parse(events::to_cloudevent(db, "site-1", position, 1));
  }

  const std::array<std::uint8_t, 4> card_1 = {1, 2, 3, 4};
  const std::array<std::uint8_t, 4> stranger = {9, 9, 9, 9};
  testing::ScratchDatabase scratch;
  const config::Config config = example();
  const crypto::Key key{7};
  store::Writer writer{scratch.path()};
  HostTime host{monday_0850, protocol::ClockTrust::synced, 5, 1};
  std::set<std::string> with_something_to_sign;
  Recorder recorder{writer, config, key, [this] { return host; },
                    [this](store::Database&, const std::string& person, const SigningForms&,
                           const HostTime&) { return with_something_to_sign.contains(person); }};
};

}  // namespace rollcall::attendance::test
