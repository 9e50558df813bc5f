#include "daemon/sheets/month.hpp"

#include <gmock/gmock.h>

#include "tests/unit/daemon/sheets/month_of.hpp"
#include "tests/unit/daemon/sheets/samples.hpp"

namespace rollcall::sheets {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::monday;
using testing::morning;
using testing::scribble;
using ::testing::SizeIs;
using testing::uuid;
using testing::winter;
using enum FindingKind;

class Months : public ::testing::Test {
 protected:
  Months() {
    for (int day = 0; day < 2; ++day) {
      sheets_.push_back(morning(days_after(monday, day), 12, static_cast<std::uint32_t>(day + 1)));
    }
  }
  std::vector<Finding> check() const {
    Month month{.sheets = sheets_, .holidays = holidays_};
    for (auto& day : month.opening) day = opening_;
    month.titles = titles_;
    month.now_ms = now_ms_;
    return check_month(month);
  }
  // What is found, each as "kind sheet person": sheets are numbered from 0.
  std::vector<std::string> found() const {
    std::vector<std::string> out;
    for (const Finding& one : check()) {
      std::string line(name(one.kind));
      for (std::size_t i = 0; i < sheets_.size(); ++i) {
        if (sheets_[i].id == one.sheet) line += " " + std::to_string(i);
      }
      out.push_back(line + (one.person ? " " + *one.person : ""));
    }
    return out;
  }
  static Signature& signature(Line& line) { return std::get<Signature>(line.closing); }

  std::vector<Sheet> sheets_;
  Calendar holidays_;
  std::vector<Hours> opening_{{8 * 60, 17 * 60}};
  std::map<std::string, std::string> titles_{{"S-START-AM", "First steps with a computer"}};
  std::int64_t now_ms_ = winter(days_after(monday, 30), 12, 0);
};

TEST_F(Months, WithoutFaultsSayNothing) {
  EXPECT_THAT(found(), IsEmpty());
}

TEST_F(Months, OneSignatureUnderTwoHalfDaysIsFoundOnBoth) {
  signature(sheets_[1].lines[0]) = signature(sheets_[0].lines[0]);
  signature(sheets_[1].lines[0]).at_ms = sheets_[1].end_ms;
  EXPECT_THAT(found(), ElementsAre("one_signature_many_half_days 0 p-1000",
                                   "one_signature_many_half_days 1 p-1000"));
  EXPECT_THAT(in_words(check()[0], "en"),
              HasSubstr("under 2 half-days, also on sheet " + sheets_[1].id));
}

TEST_F(Months, OneTapForTwoHalfDaysIsOneSignature) {
  for (Sheet& sheet : sheets_)
    sheet.lines[3].closing =
        Signature{sheet.id + "-s", winter(days_after(monday, 1), 13, 0), ByCard{}};
  EXPECT_THAT(found(), ElementsAre("one_signature_many_half_days 0 p-1003",
                                   "one_signature_many_half_days 1 p-1003"));
}

TEST_F(Months, ADrawingThatWasCopiedIsFoundWhereverItStands) {
  Drawing copy = scribble(4711);
  signature(sheets_[0].lines[2]).form = copy;
  for (auto& stroke : copy.strokes) {
    for (Point& point : stroke) point = {point.x / 2, point.y / 3 + 0.4};
  }
  signature(sheets_[0].lines[5]).form = copy;
  EXPECT_THAT(found(), ElementsAre("identical_drawings 0 p-1002", "identical_drawings 0 p-1005"));
}

TEST_F(Months, CrossesAreAlikeAndNoCopies) {
  const Drawing cross{{{{0.1, 0.1}, {0.9, 0.9}}, {{0.9, 0.1}, {0.1, 0.9}}}};
  for (Sheet& sheet : sheets_) signature(sheet.lines[1]).form = cross;
  EXPECT_THAT(found(), IsEmpty());
  EXPECT_TRUE(same_drawing(cross, cross));
  EXPECT_FALSE(same_drawing(cross, scribble(1)));
}

TEST_F(Months, AHolidayIsFoundForItAndOnIt) {
  holidays_ = Calendar({{"x", "X", "", std::nullopt, {{"Local feast", Once{sheets_[1].date}}}}});
  signature(sheets_[0].lines[4]).at_ms = winter(sheets_[1].date, 10, 0);
  EXPECT_THAT(found(), ElementsAre("signed_on_holiday 0 p-1004", "half_day_on_holiday 1"));
  EXPECT_EQ(in_words(check()[1], "en"),
            "2026-03-03 morning, sheet " + sheets_[1].id +
                ": 2026-03-03 is a public holiday (Local feast) and 13 signed for it; withdraw the "
                "signatures, or keep the decision to hold it with the sheet");
}

TEST_F(Months, WhoLeftEarlyMaySignOnLeaving) {
  Line& line = sheets_[0].lines[0];
  line.mark = Mark::left_early;
  line.left = Moment{winter(monday, 11, 0)};
  signature(line).at_ms = winter(monday, 10, 57);
  EXPECT_THAT(found(), IsEmpty());
  signature(line).at_ms = winter(monday, 9, 30);
  EXPECT_THAT(found(), ElementsAre("signed_before_end 0 p-1000"));
  line.mark = Mark::present;
  signature(line).at_ms = winter(monday, 10, 57);
  EXPECT_THAT(in_words(check().front(), "en"),
              HasSubstr("signed on 2026-03-02 10:57, before the end on 2026-03-02 12:30"));
}

TEST_F(Months, TheTrainerSignsAfterTheEndToo) {
  sheets_[0].trainer_signature->at_ms = winter(monday, 9, 0);
  EXPECT_THAT(found(), ElementsAre("signed_before_end 0 p-g99t"));
}

TEST_F(Months, OpeningHoursThatNobodyToldSayNothing) {
  opening_ = {{10 * 60, 11 * 60}};
  EXPECT_THAT(found(), ::testing::Contains("planned_outside_hours 0"));
  opening_.clear();
  EXPECT_THAT(found(), IsEmpty());
}

TEST_F(Months, AnEveningMayEndAfterMidnight) {
  Sheet& sheet = sheets_[0];
  const std::int64_t later = 12 * 3'600'000LL + 1'800'000;  // 21:30 to 01:00
  sheet.start_ms += later;
  sheet.end_ms += later;
  sheet.confirmed->at_ms += later;
  sheet.trainer_signature->at_ms += later;
  for (Line& line : sheet.lines) signature(line).at_ms += later;
  opening_ = {{8 * 60, 25 * 60}};
  EXPECT_THAT(found(), IsEmpty());
  opening_ = {{8 * 60, 23 * 60}};
  EXPECT_THAT(found(), ::testing::Contains("planned_outside_hours 0"));
}

TEST_F(Months, RoomsThatAreSharedOrUnknownAreNotTwo) {
  Sheet other = sheets_[0];
  other.id = uuid(99);
  other.lines.clear();
  other.trainer_signature->id = uuid(98);
  other.trainer_signature->at_ms += 1000;
  other.trainer_signature->form = ByCard{};
  sheets_.push_back(other);
  EXPECT_THAT(found(), IsEmpty());
  sheets_[2].room.reset();
  EXPECT_THAT(found(), IsEmpty());
  sheets_[2].room = "Room Maelbeek";
  EXPECT_THAT(found(), ElementsAre("trainer_in_two_rooms 0", "trainer_in_two_rooms 2"));
  sheets_[2].start_ms = sheets_[0].end_ms;  // one after the other
  sheets_[2].end_ms += 3'600'000;
  sheets_[2].trainer_signature->at_ms += 3'600'000;
  EXPECT_THAT(found(), IsEmpty());
}

TEST_F(Months, ATitleWordedOtherwiseIsFound) {
  sheets_[0].title = "First Steps with a computer";
  EXPECT_THAT(found(), ElementsAre("title_differs 0"));
  titles_.clear();
  EXPECT_THAT(found(), IsEmpty());
  titles_["other"] = "Other";
  EXPECT_THAT(found(), ElementsAre("not_in_roster 0", "not_in_roster 1"));
}

TEST_F(Months, OneAssistedIsNoneTooMany) {
  sheets_[0].lines[0].methods = {Method::assisted};
  EXPECT_THAT(found(), IsEmpty());
  sheets_[0].lines[1].methods = {Method::card, Method::assisted};
  EXPECT_THAT(found(), ElementsAre("many_assisted 0"));
  EXPECT_EQ(severity(many_assisted), Severity::doubtful);
  EXPECT_THAT(in_words(check().front(), "en"), HasSubstr("2 of 12 were recorded by staff"));
}

TEST_F(Months, AnAssistedLineADayIsTooManyInTheMonth) {
  for (Sheet& sheet : sheets_) {
    sheet.lines.resize(1);
    sheet.lines[0].methods = {Method::assisted};
  }
  EXPECT_THAT(found(), ElementsAre("many_assisted 0", "many_assisted 1"));
}

TEST_F(Months, WhatIsNotOverNeedNotBeClosed) {
  sheets_[1].lines[0].closing = Open{};
  sheets_[1].confirmed.reset();
  sheets_[1].lines[1] = Line{.person = sheets_[1].lines[1].person, .mark = Mark::absent};
  EXPECT_THAT(found(), ElementsAre("not_confirmed 1", "line_open 1 p-1000"));
  now_ms_ = sheets_[1].end_ms - 1;
  EXPECT_THAT(found(), IsEmpty());
}

TEST_F(Months, FindingsStandInTheOrderOfSheetsAndLines) {
  for (Sheet& sheet : sheets_) {
    for (Line& line : sheet.lines) line.closing = Open{};
    sheet.confirmed.reset();
  }
  const auto all = found();
  ASSERT_THAT(all, SizeIs(26));
  EXPECT_EQ(all[0], "not_confirmed 0");
  EXPECT_EQ(all[1], "line_open 0 p-1000");
  EXPECT_EQ(all[12], "line_open 0 p-1011");
  EXPECT_EQ(all[13], "not_confirmed 1");
}

}  // namespace
}  // namespace rollcall::sheets
