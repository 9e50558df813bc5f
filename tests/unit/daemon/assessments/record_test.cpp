#include "daemon/assessments/record.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/unit/daemon/assessments/example.hpp"
#include "tests/unit/daemon/contract.hpp"
#include "tests/unit/daemon/scratch_database.hpp"

namespace rollcall::assessments {
namespace {

namespace asio = boost::asio;
using nlohmann::json;
using std::chrono::milliseconds;

constexpr std::int64_t now_ms = 1'772'437'800'000;  // 2026-03-02T07:50:00Z

Occasion occasion() {
  Occasion o;
  o.organisation = "org-1";
  o.site = "site-1";
  o.room = "Door";
  o.tap.serial = "TC-1";
  o.tap.epoch.fill(0xee);
  o.tap.number = 17;
  o.language = "fr";
  o.due.person = "p-1";
  o.due.date = "2026-03-01";
  o.due.earlier_offers = 2;
  o.due.programme = "bilan";
  o.due.instrument =
      std::make_shared<const Instrument>(*parse_instrument("x", test::example().dump()));
  return o;
}

events::TimeBlock time_block() {
  return {now_ms, protocol::ClockTrust::synced, 5000, 3};
}

struct WriterRecordTest : ::testing::Test {
  WriterRecordTest() {
    writer.run_now([](store::Database& db) {
      db.exec(
          "INSERT INTO assignment (person, instrument, due) VALUES ('p-1', 'digital-start', "
          "'2026-03-01')");
    });
  }
  bool wait(asio::awaitable<bool> step) {
    asio::io_context io;
    auto done = asio::co_spawn(io, std::move(step), asio::use_future);
    io.run();
    return done.get();
  }
  json event(std::int64_t position) {
    store::Database db(scratch.path(), store::Database::Mode::query_only);
    return json::parse(events::to_cloudevent(db, "site-1", position, 1));
  }
  std::pair<std::string, std::string> assignment() {
    store::Database db(scratch.path(), store::Database::Mode::query_only);
    auto row =
        db.prepare("SELECT state, coalesce(attempt, '') FROM assignment WHERE person = 'p-1'");
    row.step();
    return {row.text(0), row.text(1)};
  }
  testing::ScratchDatabase scratch;
  store::Writer writer{scratch.path()};
  WriterRecord record{writer, occasion(), time_block};
};

TEST_F(WriterRecordTest, AnOfferSaysWhatWasOfferedHowOftenAndUponWhichTap) {
  EXPECT_TRUE(wait(record.offered()));
  const json offered = event(1);
  EXPECT_EQ(offered["type"], "org.rollcall.assessment.offered.v1");
  EXPECT_EQ(offered["subject"], "p-1");
  EXPECT_EQ(offered["time"], "2026-03-02T07:50:00.000Z");
  const json& data = offered["data"];
  EXPECT_EQ(data["attempt"], occasion().attempt_id());
  EXPECT_EQ(data["instrument"]["id"], "digital-start");
  EXPECT_EQ(data["instrument"]["version"], "1.0.0");
  EXPECT_EQ(data["instrument"]["digest"], events::hex(occasion().due.instrument->digest));
  EXPECT_EQ(data["tap"]["number"], 17);
  EXPECT_EQ(data["offers"], 3);
  EXPECT_EQ(data["due"], "2026-03-01");
  EXPECT_EQ(data["programme"], "bilan");
  EXPECT_EQ(data["grant"], nullptr);
  EXPECT_EQ(data["language"], "fr");
  EXPECT_EQ(data["time"]["boot"], 3);
}

TEST_F(WriterRecordTest, TheSameStepTwiceIsOneEvent) {
  EXPECT_TRUE(wait(record.offered()));
  EXPECT_TRUE(wait(record.offered()));
  store::Database db(scratch.path(), store::Database::Mode::query_only);
  auto row = db.prepare("SELECT count(*) FROM log");
  ASSERT_TRUE(row.step());
  EXPECT_EQ(row.integer(0), 1);
}

TEST_F(WriterRecordTest, CompletedCarriesAnswersScoreAndClosesTheAssignment) {
  const Occasion o = occasion();
  Attempt attempt(*o.due.instrument);
  attempt.answer("often", milliseconds{1200});
  attempt.answer("prefer-not", milliseconds{800});
  EXPECT_TRUE(wait(record.completed(attempt, milliseconds{2000})));
  const json data = event(1)["data"];
  EXPECT_EQ(data["responses"],
            json::parse(R"([{"item": "q-computer", "choice": "often", "duration_ms": 1200},
                                               {"item": "q-mail", "choice": null, "duration_ms": 800}])"));
  EXPECT_EQ(data["scores"][0]["raw"], 2);
  EXPECT_EQ(data["scores"][0]["max"], 2);
  EXPECT_EQ(data["started"], "2026-03-02T07:49:58.000Z");
  EXPECT_EQ(data["duration_ms"], 2000);
  EXPECT_EQ(assignment(), std::pair(std::string("completed"), o.attempt_id()));
}

TEST_F(WriterRecordTest, DeclinedAndAbandonedSayWhyAndLeaveTheAssignmentDue) {
  const Occasion o = occasion();
  Attempt attempt(*o.due.instrument);
  attempt.answer("never", milliseconds{1});
  EXPECT_TRUE(wait(record.declined(Cause::later)));
  EXPECT_TRUE(wait(record.abandoned(attempt, Cause::next_person, milliseconds{10})));
  EXPECT_EQ(event(1)["data"]["choice"], "later");
  EXPECT_EQ(event(2)["data"]["cause"], "next_person");
  EXPECT_EQ(event(2)["data"]["answered"], 1);
  EXPECT_EQ(event(2)["data"]["items"], 2);
  EXPECT_FALSE(event(2)["data"].contains("responses"));
  EXPECT_EQ(assignment(), std::pair(std::string("due"), std::string()));
}

TEST_F(WriterRecordTest, EveryEventSatisfiesTheContract) {
  const Occasion o = occasion();
  Attempt attempt(*o.due.instrument);
  attempt.answer("often", milliseconds{1});
  attempt.answer("prefer-not", milliseconds{2});
  ASSERT_TRUE(wait(record.offered()));
  ASSERT_TRUE(wait(record.declined(Cause::no_answer)));
  ASSERT_TRUE(wait(record.completed(attempt, milliseconds{3})));
  ASSERT_TRUE(wait(record.abandoned(attempt, Cause::shutdown, milliseconds{3})));
  for (std::int64_t position = 1; position <= 4; ++position) {
    EXPECT_TRUE(testing::satisfies_contract(event(position)));
  }
}

TEST_F(WriterRecordTest, AnswersRestInTheAssessmentTableOnly) {
  const Occasion o = occasion();
  Attempt attempt(*o.due.instrument);
  attempt.answer("often", milliseconds{1});
  attempt.answer("no", milliseconds{1});
  wait(record.completed(attempt, milliseconds{2}));
  store::Database db(scratch.path(), store::Database::Mode::query_only);
  auto row = db.prepare("SELECT purpose FROM log");
  ASSERT_TRUE(row.step());
  EXPECT_EQ(row.text(0), "assessment");
  auto payload = db.prepare("SELECT count(*) FROM payload_assessment");
  ASSERT_TRUE(payload.step());
  EXPECT_EQ(payload.integer(0), 1);
}

}  // namespace
}  // namespace rollcall::assessments
