// Looks at sheets through Poppler: what is written, where, on how many pages.
#include "daemon/sheets/draw.hpp"

#include <algorithm>

#include <gmock/gmock.h>

#include "daemon/sheets/pieces.hpp"
#include "tests/unit/daemon/sheets/rendered.hpp"
#include "tests/unit/daemon/sheets/samples.hpp"

namespace rollcall::sheets {
namespace {

using testing::eventful;
using ::testing::HasSubstr;
using testing::monday;
using testing::morning;
using ::testing::Not;
using testing::Rendered;

constexpr double margin = 39;  // points; the paper's own margins are wider

void expect_well_printed(const Rendered& paper) {
  for (int page = 1; page <= paper.pages(); ++page) {
    EXPECT_FALSE(paper.ink_within(page, margin)) << "page " << page << " is written to its edge";
    EXPECT_FALSE(paper.picture(page).coloured) << "page " << page;
  }
}

int times(const std::string& what, const std::string& text) {
  int out = 0;
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += what.size())
    ++out;
  return out;
}

TEST(SheetOnPaper, SaysWhatAnAuditAsks) {
  const Sheet sheet = morning(monday, 5);
  const Rendered paper("five", draw_sheet(sheet, "en"));
  const std::string text = paper.text();
  for (const char* said :
       {"Attendance sheet", "First steps with a computer", "Monday 2 March 2026, morning",
        "09:00 – 12:30", "Claire Lemmens", "Room Senne", "DIG-START", "S-START-AM", "bilan",
        "RRF-BXL-2024-117", "Tremplin asbl", "Centre de Bruxelles", "Amina El Idrissi",
        "Καλλιόπη Παπαδοπούλου", "Олександра Шевченко", "08:48", "12:31",
        "Claire Lemmens confirmed this sheet on 2 March 2026 at 12:33.", "Page 1 of 1"})
    EXPECT_THAT(text, HasSubstr(said));
  EXPECT_THAT(text, HasSubstr("SHA-256 " + grouped(digest(sheet))));
  EXPECT_THAT(text, HasSubstr(sheet.id + ", version 1"));
  EXPECT_THAT(text, Not(HasSubstr("Corrections")));
  EXPECT_THAT(text, Not(HasSubstr("withdrawn")));
  EXPECT_EQ(paper.pages(), 1);
  expect_well_printed(paper);
}

TEST(SheetOnPaper, SaysEachMarkMethodAndWayToClose) {
  const Rendered paper("eventful", draw_sheet(eventful(15), "en"));
  const std::string text = paper.text();
  for (const char* said : {"late",
                           "left early",
                           "excused",
                           "absent",
                           "no exit",
                           "12:36",
                           "clock not",
                           "staff",
                           "code",
                           "medical",
                           "Not signed, refused",
                           "Not yet signed",
                           "Signatures withdrawn",
                           "Signed the morning instead of the afternoon.",
                           "Corrections",
                           "left was “no exit tap”, is “11:20”. Seen leaving by the trainer.",
                           "version 2",
                           "replaces",
                           "C-2026-014",
                           "3 March,"})
    EXPECT_THAT(text, HasSubstr(said));
  expect_well_printed(paper);
}

TEST(SheetOnPaper, IsWordedInFrench) {
  const Rendered paper("eventful-fr", draw_sheet(eventful(15), "fr"));
  const std::string text = paper.text();
  for (const char* said :
       {"Feuille de présence", "lundi 2 mars 2026, matin", "Horaire prévu", "Formation assurée par",
        "départ anticipé", "Signatures retirées", "Page 1 sur 2"})
    EXPECT_THAT(text, HasSubstr(said));
  for (const char* english : {"Attendance", "staff", "present ", "sheet", "Page 1 of"})
    EXPECT_THAT(text, Not(HasSubstr(english)));
  expect_well_printed(paper);
}

TEST(SheetOnPaper, RepeatsItsHeadAndSplitsNoLine) {
  for (const int people : {25, 60}) {
    const Sheet sheet = morning(monday, people);
    const Rendered paper("people-" + std::to_string(people), draw_sheet(sheet, "en"));
    ASSERT_GE(paper.pages(), people / 25 + 1);
    EXPECT_LE(paper.pages(), people / 12);
    const std::string pages = std::to_string(paper.pages());
    for (int page = 1; page <= paper.pages(); ++page) {
      const std::string text = paper.text(page);
      EXPECT_THAT(text, HasSubstr("Page " + std::to_string(page) + " of " + pages));
      EXPECT_THAT(text, HasSubstr("First steps with a computer"));
      EXPECT_THAT(text, HasSubstr("Monday 2 March 2026, morning"));
      EXPECT_THAT(text, HasSubstr(sheet.id));
      if (page < paper.pages()) {
        EXPECT_THAT(text, HasSubstr("Participant Presence In Out"));
      }
    }
    const std::string text = paper.text();
    EXPECT_EQ(times("Amina El Idrissi", text), (people + 13) / 14);
    for (int number = 1; number <= people; ++number)
      EXPECT_THAT(text, HasSubstr(" " + std::to_string(number) + " "));
    expect_well_printed(paper);
  }
}

TEST(SheetOnPaper, BreaksWhatIsLongAndCutsNothingOff) {
  Sheet sheet = eventful(3);
  sheet.title.clear();
  for (int i = 0; i < 20; ++i) sheet.title += "Numérique " + std::to_string(i) + " ";
  sheet.organisation = std::string(100, 'O') + " " + std::string(99, 'W');
  sheet.trainer.shown = std::string(90, 'M');
  sheet.lines[0].person.shown = std::string(150, 'W');
  sheet.lines[1].person.shown = "محمد عبد الرحمن بن عبد العزيز بن سلمان الخطيب التميمي الحسيني";
  sheet.lines[2].closing = NotSigned{WhyNot::unable, std::string(140, 'i') + " end of the reason"};
  const Rendered paper("long", draw_sheet(sheet, "en"));
  EXPECT_EQ(times("W", paper.text()) >= 150 + 99, true);
  EXPECT_THAT(paper.text(), HasSubstr("Numérique 19"));
  EXPECT_THAT(paper.text(), HasSubstr("reason"));
  expect_well_printed(paper);
}

TEST(SheetOnPaper, OfNobodyIsStillASheet) {
  Sheet sheet = morning(monday, 0);
  sheet.confirmed.reset();
  sheet.trainer_signature.reset();
  sheet.room.reset();
  const Rendered paper("nobody", draw_sheet(sheet, "en"));
  EXPECT_EQ(paper.pages(), 1);
  EXPECT_THAT(paper.text(), HasSubstr("Nobody has confirmed this sheet yet."));
  EXPECT_THAT(paper.text(), Not(HasSubstr("Room")));
}

TEST(SheetOnPaper, AForemanSignsForTheWorkPlace) {
  Sheet sheet = morning(monday, 2);
  sheet.kind = Kind::work_site;
  sheet.foreman =
      Foreman{{"f-1", "Pekka Virtanen"}, Signature{"s", sheet.end_ms + 1000, testing::scribble(5)}};
  const Rendered paper("foreman", draw_sheet(sheet, "en"));
  EXPECT_THAT(paper.text(), HasSubstr("For the work place: Pekka Virtanen"));
  EXPECT_THAT(paper.text(), HasSubstr("at a work site"));
}

// The page with an empty drawing in place of the person's differs only inside the signature's cell.
TEST(SheetOnPaper, ADrawnSignatureIsLinesInItsCell) {
  Sheet sheet = morning(monday, 3);
  const Rendered with("drawn", draw_sheet(sheet, "en"));
  auto& signature = std::get<Signature>(sheet.lines[1].closing);
  signature.form = Drawing{};
  const std::string without_file = draw_sheet(sheet, "en");
  const Rendered without("not-drawn", without_file);
  const auto& one = with.picture(1);
  const auto& other = without.picture(1);
  ASSERT_EQ(one.greys.size(), other.greys.size());
  int changed = 0, least_x = one.width, most_x = 0, least_y = one.height, most_y = 0;
  for (int y = 0; y < one.height; ++y) {
    for (int x = 0; x < one.width; ++x) {
      const auto at = static_cast<std::size_t>(y * one.width + x);
      if (one.greys[at] == other.greys[at]) continue;
      ++changed;
      least_x = std::min(least_x, x);
      most_x = std::max(most_x, x);
      least_y = std::min(least_y, y);
      most_y = std::max(most_y, y);
    }
  }
  EXPECT_GT(changed, 150);
  EXPECT_GT(least_x, one.width * 0.7);
  EXPECT_LT(most_x, one.width * 0.93);
  EXPECT_LE(most_y - least_y, 26 * 96 / 72 + 1);
  // Lines, no picture that was put in.
  EXPECT_THAT(without_file, Not(HasSubstr("/Subtype /Image")));
}

TEST(SheetOnPaper, PointsOutsideTheFieldStayInTheCell) {
  Sheet sheet = morning(monday, 2);
  std::get<Signature>(sheet.lines[0].closing).form =
      Drawing{{{{-5, -5}, {9, 9}, {std::nan(""), 0.5}}, {{1e300, -1e300}}, {}}, 0};
  expect_well_printed(Rendered("outside", draw_sheet(sheet, "en")));
}

TEST(SheetOnPaper, TellsNothingOfWhoIsProtected) {
  Sheet sheet = morning(monday, 6);
  sheet.lines[2].person = {"p-83kd", "p-83kd"};
  const Rendered shown("protected", draw_sheet(sheet, "en"));
  EXPECT_THAT(shown.text(), HasSubstr("p-83kd"));
  // The page with a name of one word of the same length in its place has the same strokes
  // elsewhere.
  sheet.lines[2].person.shown = "Mariam";
  const Rendered named("not-protected", draw_sheet(sheet, "en"));
  const auto& one = shown.picture(1);
  const auto& other = named.picture(1);
  ASSERT_EQ(one.greys.size(), other.greys.size());
  for (int y = 0; y < one.height; ++y) {
    for (int x = 0; x < one.width; ++x) {
      const auto at = static_cast<std::size_t>(y * one.width + x);
      // What differs is the name alone: within the column of names.
      if (one.greys[at] != other.greys[at]) {
        ASSERT_GT(x, one.width * 0.1);
        ASSERT_LT(x, one.width * 0.33);
      }
    }
  }
}

TEST(SheetOnPaper, SaysWhatItIsAndInWhichLanguage) {
  const Sheet sheet = morning(monday, 1);
  const Rendered paper("metadata", draw_sheet(sheet, "fr"));
  EXPECT_EQ(paper.info("Title"),
            "Feuille de présence, First steps with a computer, lundi 2 mars 2026, matin");
  EXPECT_EQ(paper.info("Author"), "Tremplin asbl");
  EXPECT_EQ(paper.info("CreationDate"), "2026-03-02T11:33:00Z");
  EXPECT_EQ(paper.info("ModDate"), "2026-03-02T11:33:00Z");
  EXPECT_EQ(paper.info("Page size"), "595.276 x 841.89 pts (A4)");
  EXPECT_EQ(paper.language(), "fr");
  EXPECT_EQ(paper.faults(), "");
}

TEST(SheetOnPaper, IsTheSameBytesEachTime) {
  const std::string first = draw_sheet(eventful(30), "en");
  draw_sheet(morning(days_after(monday, 1), 7), "fr");
  EXPECT_EQ(draw_sheet(eventful(30), "en"), first);
  EXPECT_NE(draw_sheet(eventful(30), "fr"), first);
  EXPECT_LT(first.size(), std::size_t{400 * 1024});
}

}  // namespace
}  // namespace rollcall::sheets
