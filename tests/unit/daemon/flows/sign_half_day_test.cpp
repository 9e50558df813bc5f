#include "daemon/flows/sign_half_day.hpp"

#include <deque>
#include <stdexcept>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include "tests/unit/daemon/flows/fake_kiosk.hpp"

namespace rollcall::flows {
namespace {

namespace asio = boost::asio;
using halfdays::OwnTap;
using halfdays::Signed;
using halfdays::ToSign;
using namespace std::chrono_literals;

constexpr std::int64_t nine = 1'772'438'400'000;  // 2026-03-02T09:00 in Brussels

ToSign half_day(const char* session, const char* title, unsigned day = 2) {
  ToSign one;
  one.sheet = {session, "2026-03-0" + std::to_string(day)};
  one.confirmed = "confirmed";
  one.title = title;
  one.date = std::chrono::year{2026} / 3 / std::chrono::day{day};
  one.start_ms = nine;
  one.end_ms = nine + 210 * 60'000;
  one.minutes = 205;
  one.forms = {.drawn = false, .tap = true};
  return one;
}

// Keeps what was signed in words: "S-AM by tap 7".
class FakeSigning final : public halfdays::Signing {
 public:
  std::vector<ToSign> half_days;
  Signed becomes = Signed::yes;
  std::vector<std::string> signatures;

  asio::awaitable<std::vector<ToSign>> open() override { co_return half_days; }
  asio::awaitable<Signed> by_tap(const ToSign& one, const OwnTap& tap) override {
    co_return keep(one.sheet.session + " by tap " + std::to_string(tap.tap.number));
  }
  asio::awaitable<Signed> drawn(const ToSign& one, const sheets::Drawing& drawing) override {
    co_return keep(one.sheet.session + " drawn in " + std::to_string(drawing.strokes.size()));
  }

 private:
  Signed keep(std::string signature) {
    if (becomes == Signed::yes) signatures.push_back(std::move(signature));
    return becomes;
  }
};

Sign card(std::uint64_t number, std::chrono::milliseconds seen = 3s) {
  return OwnCard{{{"TC-1", {}, number}, "card", "authenticated"}, seen};
}
Sign drawing() {
  return sheets::Drawing{{{{0.1, 0.5}, {0.6, 0.4}}}, 3};
}
const auto timeout = std::unexpected(Interruption::timeout);

struct SignHalfDays : ::testing::Test {
  SigningEnd run(const std::string& language = "en") {
    asio::io_context io;
    auto end =
        asio::co_spawn(io, sign_half_days(kiosk, signing, {language, "Europe/Brussels", other_way}),
                       asio::use_future);
    io.run();
    return end.get();
  }
  using Words = std::vector<std::string>;
  FakeKiosk kiosk;
  FakeSigning signing;
  std::string other_way;
};

TEST_F(SignHalfDays, TheSameCardAgainSignsWhatTheScreenStates) {
  signing.half_days = {half_day("S-AM", "Computers: first steps")};
  kiosk.moves = {card(7)};
  EXPECT_EQ(run(), SigningEnd::all_signed);
  EXPECT_EQ(kiosk.shown, (Words{"sign en Computers: first steps | Monday 2 March, morning | "
                                "09:00–12:30 · 3\u00a0h\u00a025 | card",
                                "signed en Monday 2 March, morning"}));
  EXPECT_EQ(signing.signatures, (Words{"S-AM by tap 7"}));
  EXPECT_TRUE(kiosk.idle);
}

TEST_F(SignHalfDays, SaysItInThePersonsLanguage) {
  signing.half_days = {half_day("S-AM", "Premiers pas")};
  kiosk.moves = {card(7)};
  EXPECT_EQ(run("fr"), SigningEnd::all_signed);
  EXPECT_EQ(kiosk.shown.back(), "signed fr Lundi 2 mars, matin");
}

TEST_F(SignHalfDays, WhoHasNothingToSignSeesNothingOfIt) {
  EXPECT_EQ(run(), SigningEnd::nothing_to_sign);
  EXPECT_TRUE(kiosk.shown.empty());
}

TEST_F(SignHalfDays, EachHalfDayIsStatedAndSignedByItself) {
  signing.half_days = {half_day("S-TUE", "Text", 3), half_day("S-MON", "Computers")};
  kiosk.moves = {card(7), card(8)};
  EXPECT_EQ(run(), SigningEnd::all_signed);
  EXPECT_EQ(signing.signatures, (Words{"S-TUE by tap 7", "S-MON by tap 8"}));
  ASSERT_EQ(kiosk.shown.size(), 4u);
  EXPECT_TRUE(kiosk.shown[2].starts_with("sign en Computers | Monday 2 March"));
}

TEST_F(SignHalfDays, LaterLeavesTheRest) {
  signing.half_days = {half_day("S-TUE", "Text", 3), half_day("S-MON", "Computers")};
  kiosk.moves = {card(7), Sign{"later"}};
  EXPECT_EQ(run(), SigningEnd::later);
  EXPECT_EQ(signing.signatures, (Words{"S-TUE by tap 7"}));
  EXPECT_TRUE(kiosk.idle);
}

TEST_F(SignHalfDays, ACardThatCannotHaveSeenTheScreenSignsNothing) {
  signing.half_days = {half_day("S-AM", "Computers")};
  kiosk.moves = {card(7, 200ms), card(8)};
  EXPECT_EQ(run(), SigningEnd::all_signed);
  EXPECT_EQ(signing.signatures, (Words{"S-AM by tap 8"}));
  EXPECT_EQ(kiosk.shown[0], kiosk.shown[1]) << "it is shown again";
}

TEST_F(SignHalfDays, SomebodyElsesCardEndsItAndNothingIsSigned) {
  signing.half_days = {half_day("S-AM", "Computers")};
  kiosk.moves = {std::unexpected(Interruption::another_person)};
  EXPECT_EQ(run(), SigningEnd::ended);
  EXPECT_TRUE(signing.signatures.empty());
}

TEST_F(SignHalfDays, WhoTapsBehindIsNotKeptWaiting) {
  signing.half_days = {half_day("S-AM", "Computers")};
  kiosk.taken_while_settling = Interruption::another_person;
  EXPECT_EQ(run(), SigningEnd::ended);
  EXPECT_TRUE(kiosk.shown.empty());
}

TEST_F(SignHalfDays, NobodyThereSignsNothing) {
  signing.half_days = {half_day("S-AM", "Computers")};
  kiosk.moves = {timeout, timeout};
  EXPECT_EQ(run(), SigningEnd::ended);
  EXPECT_EQ(kiosk.shown.back(), "more time en");
  EXPECT_TRUE(signing.signatures.empty());
  EXPECT_TRUE(kiosk.idle);
}

TEST_F(SignHalfDays, WhoeverNeedsMoreTimeGetsItByTouchOrCardAndSignsWhatIsStatedOnly) {
  signing.half_days = {half_day("S-AM", "Computers")};
  kiosk.moves = {timeout, card(7), timeout, Sign{"yes"}, card(8)};
  EXPECT_EQ(run(), SigningEnd::all_signed);
  EXPECT_EQ(signing.signatures, (Words{"S-AM by tap 8"}))
      << "the card at the question about time says that they are there";
}

TEST_F(SignHalfDays, IsDrawnWhereThereIsAField) {
  signing.half_days = {half_day("S-AM", "Computers")};
  signing.half_days[0].forms = {.drawn = true, .tap = true};
  kiosk.moves = {drawing()};
  EXPECT_EQ(run(), SigningEnd::all_signed);
  EXPECT_TRUE(kiosk.shown[0].ends_with("| card or drawing"));
  EXPECT_EQ(signing.signatures, (Words{"S-AM drawn in 1"}));
}

TEST_F(SignHalfDays, ACardDoesNotSignWhereOnlyADrawingDoes) {
  signing.half_days = {half_day("S-AM", "Computers")};
  signing.half_days[0].forms = {.drawn = true, .tap = false};
  kiosk.moves = {card(7), Sign{"cannot-draw"}};
  EXPECT_EQ(run(), SigningEnd::later);
  EXPECT_TRUE(signing.signatures.empty());
  EXPECT_EQ(kiosk.shown.back(), "ask trainer en");
}

TEST_F(SignHalfDays, TheOtherWayIsSaidAtTheAnswerOrAtTheFirstScreen) {
  other_way = "I am leaving";
  signing.half_days = {half_day("S-AM", "Computers")};
  kiosk.moves = {Sign{"other-way"}};
  EXPECT_EQ(run(), SigningEnd::other_way);
  EXPECT_TRUE(kiosk.shown.empty());
  kiosk.moves = {timeout, Sign{"other-way"}};
  EXPECT_EQ(run(), SigningEnd::other_way);
  EXPECT_TRUE(kiosk.shown.back().ends_with("| I am leaving"));
  EXPECT_TRUE(signing.signatures.empty());
}

TEST_F(SignHalfDays, TheTimeToSaySoEndsAndTheScreenStays) {
  other_way = "I am leaving";
  signing.half_days = {half_day("S-AM", "Computers")};
  kiosk.moves = {timeout, timeout, card(7)};
  EXPECT_EQ(run(), SigningEnd::all_signed);
  ASSERT_EQ(kiosk.shown.size(), 3u);
  EXPECT_TRUE(kiosk.shown[0].ends_with("| I am leaving"));
  EXPECT_TRUE(kiosk.shown[1].ends_with("| card"));
}

TEST_F(SignHalfDays, SignedIsShownOnlyWhenItIs) {
  for (const Signed instead : {Signed::refused, Signed::not_recorded}) {
    kiosk = {};
    signing.half_days = {half_day("S-AM", "Computers"), half_day("S-PM", "Text")};
    signing.becomes = instead;
    kiosk.moves = {card(7)};
    EXPECT_EQ(run(), SigningEnd::not_recorded);
    EXPECT_EQ(kiosk.shown.back(), "see desk en");
    EXPECT_TRUE(kiosk.idle);
  }
}

}  // namespace
}  // namespace rollcall::flows
