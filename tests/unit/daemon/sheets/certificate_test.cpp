#include <gmock/gmock.h>

#include "daemon/sheets/draw.hpp"
#include "daemon/sheets/pieces.hpp"
#include "tests/unit/daemon/sheets/rendered.hpp"
#include "tests/unit/daemon/sheets/samples.hpp"

namespace rollcall::sheets {
namespace {

using ::testing::HasSubstr;
using testing::monday;
using testing::morning;
using ::testing::Not;
using testing::Rendered;

std::vector<Sheet> mornings(int count) {
  std::vector<Sheet> out;
  for (int i = 0; i < count; ++i)
    out.push_back(morning(days_after(monday, i), 4, static_cast<std::uint32_t>(i + 1)));
  return out;
}

Certificate certificate(const std::vector<Sheet>& sheets) {
  Certificate out = certificate_for({"p-1000"}, sheets).value();
  out.id = testing::uuid(77);
  out.issued = *date_from_iso("2026-04-01");
  return out;
}

TEST(Certificates, AddUpWhatTheSheetsSay) {
  auto sheets = mornings(4);
  sheets[1].lines[0].minutes = 185;
  sheets[2].lines[0] = Line{.person = sheets[2].lines[0].person, .mark = Mark::absent};
  sheets[3].lines.erase(sheets[3].lines.begin());  // was not on the list any more
  const Certificate made = certificate(sheets);
  ASSERT_EQ(made.half_days.size(), 3u);
  EXPECT_EQ(made.half_days[0].minutes, 210);
  EXPECT_EQ(made.half_days[1].minutes, 185);
  EXPECT_EQ(made.half_days[2].minutes, 0);
  EXPECT_FALSE(made.half_days[2].attended);
  EXPECT_EQ(made.half_days[1].sheet, digest(sheets[1]));
  EXPECT_EQ(made.title, sheets[0].title);
  EXPECT_FALSE(certificate_for({"p-nobody"}, sheets));
}

TEST(Certificates, OnPaperSayHoursHalfDaysAndDigests) {
  auto sheets = mornings(12);
  sheets[2].lines[0] = Line{.person = sheets[2].lines[0].person, .mark = Mark::absent};
  const Certificate made = certificate(sheets);
  for (const std::string language : {"en", "fr"}) {
    const Rendered paper("certificate-" + language, draw_certificate(made, language));
    EXPECT_EQ(paper.pages(), 2);
    const std::string first = paper.text(1);
    const bool en = language == "en";
    for (const char* said : {"Amina El Idrissi", "First steps with a computer", "38 h 30",
                             "42 h 00", "Tremplin asbl", "bilan", "RRF-BXL-2024-117"})
      EXPECT_THAT(first, HasSubstr(said));
    EXPECT_THAT(first, HasSubstr(en ? "Certificate of attendance" : "Attestation de présence"));
    EXPECT_THAT(first, HasSubstr(en ? "from 2 March 2026 to 13 March 2026"
                                    : "du 2 mars 2026 au 13 mars 2026"));
    EXPECT_THAT(first, HasSubstr(en ? "Issued on 1 April 2026" : "Fait le 1er avril 2026"));
    EXPECT_THAT(first, HasSubstr(en ? "name, function, signature" : "nom, fonction, signature"));
    EXPECT_THAT(first, HasSubstr(en ? "Page 1 of 2" : "Page 1 sur 2"));
    const std::string list = paper.text(2);
    EXPECT_THAT(list, HasSubstr("Amina El Idrissi First steps with a computer"));
    for (const Sheet& sheet : sheets) EXPECT_THAT(list, HasSubstr(grouped(digest(sheet))));
    std::vector<crypto::Digest> all;
    for (const Sheet& sheet : sheets) all.push_back(digest(sheet));
    EXPECT_THAT(first, HasSubstr(grouped(digest(all))));
    for (int page = 1; page <= 2; ++page) {
      EXPECT_FALSE(paper.ink_within(page, 39));
      EXPECT_FALSE(paper.picture(page).coloured);
    }
    EXPECT_EQ(paper.language(), language);
    EXPECT_EQ(paper.faults(), "");
    EXPECT_EQ(paper.info("CreationDate"), "2026-04-01T00:00:00Z");
  }
}

TEST(Certificates, OfSeveralModulesSayTheHoursOfEach) {
  auto sheets = mornings(4);
  for (std::size_t i : {1u, 3u}) sheets[i].title = "Office software";
  sheets[3].lines[0] = Line{.person = sheets[3].lines[0].person, .mark = Mark::absent};
  const Certificate made = certificate(sheets);
  const auto modules = modules_of(made);
  ASSERT_EQ(modules.size(), 2u);
  EXPECT_EQ(modules[0].minutes, 420);
  EXPECT_EQ(modules[1].minutes, 210);
  EXPECT_EQ(modules[1].planned_minutes, 420);
  EXPECT_EQ(modules[1].attended, 1);
  EXPECT_EQ(modules[1].held, 2);
  EXPECT_EQ(made.title, "First steps with a computer, Office software");
  const Rendered paper("certificate-modules", draw_certificate(made, "en"));
  EXPECT_EQ(paper.pages(), 2);
  EXPECT_THAT(paper.text(1), HasSubstr("7 h 00 of 7 h 00 planned, 2 of 2 half-days"));
  EXPECT_THAT(paper.text(1), HasSubstr("3 h 30 of 7 h 00 planned, 1 of 2 half-days"));
  EXPECT_THAT(paper.text(2), HasSubstr("Office software"));
}

TEST(Certificates, WithoutANameHaveALineToWriteItOn) {
  Certificate made = certificate(mornings(2));
  EXPECT_THAT(Rendered("certificate-name", draw_certificate(made, "en")).text(1),
              Not(HasSubstr("written by hand")));
  made.person.shown = made.person.id;
  const Rendered paper("certificate-by-hand", draw_certificate(made, "fr"));
  EXPECT_THAT(paper.text(1), HasSubstr("p-1000"));
  EXPECT_THAT(paper.text(1), HasSubstr("Nom, écrit à la main"));
  EXPECT_EQ(paper.pages(), 2);
}

TEST(Certificates, CountUnderAllIdsThatArePersonsNow) {
  auto sheets = mornings(2);
  sheets[0].lines[0].person.id = "p-old";
  EXPECT_EQ(certificate_for({"p-1000"}, sheets)->half_days.size(), 1u);
  EXPECT_EQ(certificate_for({"p-1000", "p-old"}, sheets)->half_days.size(), 2u);
}

TEST(Certificates, OfOneDayNameThatDay) {
  const Rendered paper("certificate-day", draw_certificate(certificate(mornings(1)), "en"));
  EXPECT_THAT(paper.text(1), HasSubstr("on 2 March 2026"));
  EXPECT_THAT(paper.text(1), Not(HasSubstr("from 2 March")));
}

TEST(Certificates, OfAYearGoOnOverPages) {
  Certificate made = certificate(mornings(3));
  made.person.shown = "محمد عبد الرحمن بن عبد العزيز بن سلمان الخطيب التميمي الحسيني القرشي";
  made.title =
      "Français langue d’insertion, parcours intensif de remobilisation professionnelle "
      "et d’initiation aux outils numériques, niveau 2";
  while (made.half_days.size() < 300) made.half_days.push_back(made.half_days.back());
  const Rendered paper("certificate-year", draw_certificate(made, "fr"));
  EXPECT_GT(paper.pages(), 5);
  EXPECT_LT(paper.pages(), 14);
  for (int page = 1; page <= paper.pages(); ++page) {
    EXPECT_FALSE(paper.ink_within(page, 39)) << page;
    if (page > 1) {
      EXPECT_THAT(paper.text(page), HasSubstr("Demi-journée Prévu Suivi"));
    }
  }
}

}  // namespace
}  // namespace rollcall::sheets
