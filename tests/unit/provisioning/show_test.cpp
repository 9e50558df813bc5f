#include "provisioning/show.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "provisioning/table.hpp"

namespace rollcall::provisioning {
namespace {

using Json = nlohmann::ordered_json;

Json status() {
  return Json::parse(R"({
    "version": "0.1.0", "pid": 7, "uptime_s": 11520,
    "site": {"id": "brussels", "name": "Atelier Senne", "organisation": "o", "time": "2026-03-02T09:00:00.000Z",
             "clock": "synced", "timezone": "Europe/Brussels"},
    "terminals": [
      {"serial": "TC-DOOR-1", "room": "Entrée", "mode": "training", "state": "online",
       "last_seen": "2026-03-02T08:59:59.000Z", "firmware": "0.1.0", "waiting": 0},
      {"serial": "CH-1", "room": "Desk", "mode": "childcare", "state": "never", "last_seen": null, "firmware": null,
       "waiting": 12}],
    "delivery": {"state": "current", "waiting": 0, "rejected": 0, "reasons": {}, "last_receipt": null,
                 "last_error": null},
    "counts": {"present": 25, "taps": 150, "events": 301, "delivered": 301, "repeat": 9, "assessments": 1,
               "taps_today": 150, "repeats_today": 9, "assessments_today": 1, "inbox": 0}})");
}

TEST(Show, StatusIsAlignedAndComplete) {
  EXPECT_EQ(show_status(status()),
            "Atelier Senne (brussels)\n"
            "rollcalld 0.1.0, up 3 h 12 min, clock synced, 2026-03-02 09:00:00Z\n"
            "\n"
            "TERMINAL   ROOM    STATE   LAST SEEN             WAITING IN IT  FIRMWARE\n"
            "TC-DOOR-1  Entrée  online  2026-03-02 08:59:59Z  0              0.1.0\n"
            "CH-1       Desk    never   -                     12             -\n"
            "\n"
            "Present     25\n"
            "Records     150 taps (9 repeated), 1 assessment, 301 events, 301 delivered\n"
            "Delivery    everything is delivered\n"
            "            last receipt -\n"
            "For staff   nothing waits\n");
}

TEST(Show, StatusTellsWhatKeepsEventsBack) {
  Json s = status();
  s["delivery"] = {{"state", "waiting"},
                   {"waiting", 1},
                   {"rejected", 21},
                   {"reasons", {{"unknown-person", 20}, {"schema", 1}}},
                   {"last_receipt", "2026-03-02T08:00:00Z"},
                   {"last_error", "the case system answered 503"}};
  s["counts"]["inbox"] = 2;
  const std::string out = show_status(s);
  EXPECT_NE(out.find("the case system accepts nothing just now; 1 event kept here"),
            std::string::npos)
      << out;
  EXPECT_NE(out.find("last error: the case system answered 503"), std::string::npos) << out;
  EXPECT_NE(
      out.find(
          "21 events were not accepted (20 unknown-person, 1 schema): rollcall delivery rejected"),
      std::string::npos)
      << out;
  EXPECT_NE(out.find("2 matters wait: rollcall inbox"), std::string::npos) << out;
}

TEST(Show, RejectedEventsAreListedByReason) {
  const Json rejected =
      Json::parse(R"({"total": 1, "reasons": {"unknown-person": 1}, "next": null, "events": [
    {"id": "e-1", "type": "attendance.arrived", "person": "p-1", "time": "2026-03-02T08:00:00.000Z",
     "reason": "unknown-person", "detail": null, "attempt": 2}]})");
  EXPECT_EQ(show_rejected(rejected),
            "1 event was not accepted: 1 unknown-person\n"
            "\n"
            "REASON          PERSON  TYPE                TIME                  ATTEMPT  EVENT\n"
            "unknown-person  p-1     attendance.arrived  2026-03-02 08:00:00Z  2        e-1\n"
            "\n"
            "They are kept here. When what was wrong is repaired, send them again: rollcall "
            "delivery retry\n");
}

TEST(Show, EmptyAnswersAreSentences) {
  EXPECT_EQ(show_inbox({{"open", 0}, {"items", Json::array()}}), "Nothing waits for staff.\n");
  EXPECT_EQ(show_rejected({{"total", 0},
                           {"reasons", Json::object()},
                           {"events", Json::array()},
                           {"next", nullptr}}),
            "The case system has accepted every event it was sent.\n");
}

TEST(Show, InboxHasOneSentencePerMatter) {
  const Json inbox = Json::parse(R"({"open": 3, "items": [{"id": 4, "kind": "unknown-card",
    "subject": "9f31c0de00112233445566778899aabbccddeeff00112233445566778899aabb",
    "detail": "A card nobody knows.", "created": "2026-03-02T08:00:00.000Z"}]})");
  EXPECT_EQ(show_inbox(inbox),
            "ID  SINCE                 KIND          ABOUT\n"
            "4   2026-03-02 08:00:00Z  unknown-card  9f31c0de0011\n"
            "\n"
            "4: A card nobody knows.\n"
            "and 2 more, newer than these\n"
            "\n"
            "To attach a card: rollcall card attach 9f31c0de0011 PERSON --reason TEXT\n");
}

TEST(Show, TextsFromElsewhereCannotSteerTheTerminal) {
  Json s = status();
  s["terminals"][0]["room"] = "\x1b[2J";
  s["delivery"]["last_error"] = "a\nb";
  const std::string out = show_status(s);
  EXPECT_EQ(out.find('\x1b'), std::string::npos);
  EXPECT_NE(out.find("last error: a?b"), std::string::npos);
}

TEST(Show, SpansAreShort) {
  EXPECT_EQ(show_span(0), "0 s");
  EXPECT_EQ(show_span(119), "1 min");
  EXPECT_EQ(show_span(3600), "1 h");
  EXPECT_EQ(show_span(90000), "1 d 1 h");
}

TEST(Table, CountsCharactersNotBytes) {
  EXPECT_EQ(columns("é"), 1u);
  EXPECT_EQ(columns("a\xE2\x82\xAC"), 2u);
}

}  // namespace
}  // namespace rollcall::provisioning
