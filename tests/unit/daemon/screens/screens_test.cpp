#include "daemon/screens/screens.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <functional>
#include <map>
#include <set>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include "daemon/screens/canvas.hpp"
#include "daemon/screens/texts.hpp"
#include "tests/unit/daemon/screens/decoded.hpp"

namespace rollcall::screens {
namespace {

using protocol::ScreenSlot;
const Size panel{800, 480};

struct Named {
  std::string name;
  Screen screen;
};

std::vector<Named> kept_screens() {
  std::vector<Named> all;
  for (const auto& [slot, name] : test::kept_slots) {
    all.push_back({std::string("kept_") + name + "_en_fr", draw_kept(slot, panel, {"en", "fr"})});
    all.push_back({std::string("kept_") + name + "_fr", draw_kept(slot, panel, {"fr"})});
  }
  return all;
}

QuestionScreen question(const std::string& language, std::size_t options) {
  const bool fr = language == "fr";
  const std::vector<QuestionScreen::Option> all = {
      {"never", fr ? "Jamais" : "Never"},
      {"sometimes", fr ? "Parfois" : "Sometimes"},
      {"weekly", fr ? "Chaque semaine" : "Every week"},
      {"daily", fr ? "Tous les jours" : "Every day"},
      {"prefer-not", fr ? "Je préfère ne pas dire" : "I prefer not to say"},
  };
  return {language,
          fr ? "À quelle fréquence utilisez-vous un ordinateur\u00a0?"
             : "How often do you use a computer?",
          {all.begin(), all.begin() + static_cast<std::ptrdiff_t>(options)},
          2,
          5};
}

std::vector<Named> live_screens() {
  std::vector<Named> all;
  for (const std::string language : {"en", "fr"}) {
    const bool fr = language == "fr";
    const auto add = [&](const std::string& name, const Live& live) {
      all.push_back({"live_" + name + "_" + language, draw_live(live, panel)});
    };
    add("offer", AssessmentOffer{language, fr ? "Mes débuts numériques" : "My digital start", 5});
    for (std::size_t options = 2; options <= 5; ++options) {
      add("question_" + std::to_string(options), question(language, options));
    }
    auto longest = question(language, 5);
    longest.text =
        fr ? "Au cours des trois derniers mois, combien de fois avez-vous cherché un emploi en "
             "ligne\u00a0?"
           : "In the last three months, how many times did you look for work on the internet?";
    add("question_long", longest);
    add("more_time", MoreTime{language});
    add("arrived", Moved{language, true, "09:24"});
    add("left", Moved{language, false, "12:31"});
    add("thank_you", ThankYou{language});
    add("see_desk", PleaseSeeDesk{language});
    add("sign", SignHalfDay{language, fr ? "Ordinateurs : premiers pas" : "Computers: first steps",
                            fr ? "Lundi 2 mars, matin" : "Monday 2 March, morning",
                            "09:00–12:30 · 3\u00a0h\u00a030", true, false});
    add("sign_long",
        SignHalfDay{
            language,
            fr ? "Rédiger, mettre en page et envoyer une candidature avec un traitement de texte"
               : "Writing, laying out and sending an application with a word processor",
            fr ? "Mercredi 23 septembre, après-midi" : "Wednesday 23 September, afternoon",
            "13:30–17:00 · 3\u00a0h\u00a030", true, false});
    add("sign_other_way", SignHalfDay{language, "Computers", "Monday 2 March, morning",
                                      "09:00–12:30 · 3\u00a0h\u00a030", true, false,
                                      std::string(text(Text::am_leaving, language))});
    add("signed", HasSigned{language, fr ? "Lundi 2 mars, matin" : "Monday 2 March, morning"});
    add("ask_trainer", AskTrainer{language});
  }
  return all;
}

TEST(Screens, EveryScreenDecodesToItsSizeAndStaysBelowTheBudget) {
  constexpr std::size_t budget = 24 * 1024;  // median
  std::vector<std::size_t> sizes;
  std::filesystem::create_directories(SCREENS_FOLDER);
  auto all = kept_screens();
  for (auto& live : live_screens()) all.push_back(std::move(live));
  for (const auto& [name, screen] : all) {
    SCOPED_TRACE(name);
    const auto decoded = test::decode(screen);
    EXPECT_TRUE(decoded.whole);
    EXPECT_EQ(decoded.pixels.size(), 800u * 480u);
    EXPECT_LT(screen.bytes.size(), 2 * budget);
    sizes.push_back(screen.bytes.size());
    test::write_png(screen, std::string(SCREENS_FOLDER) + "/" + name + ".png");
  }
  EXPECT_LT(test::median("800x480", sizes), budget);
  for (const std::string family : {"kept", "live"}) {
    std::vector<const Screen*> members;
    for (const auto& [name, screen] : all) {
      if (name.starts_with(family)) members.push_back(&screen);
    }
    test::write_sheet(members, std::string(SCREENS_FOLDER) + "/sheet_" + family + ".png");
  }
}

// The colours by how much of the screen they cover, ground first.
std::vector<std::uint32_t> colours_of(const Screen& screen) {
  std::map<std::uint32_t, int> counts;
  for (const auto pixel : test::decode(screen).pixels) ++counts[pixel];
  std::vector<std::pair<int, std::uint32_t>> by_count;
  for (const auto& [colour, count] : counts) by_count.emplace_back(count, colour);
  std::ranges::sort(by_count, std::greater{});
  std::vector<std::uint32_t> colours;
  for (const auto& [count, colour] : by_count) colours.push_back(colour);
  return colours;
}

// WCAG 2.2, relative luminance and contrast ratio.
double luminance(std::uint32_t rgb) {
  const auto part = [&](unsigned shift) {
    const double c = ((rgb >> shift) & 0xff) / 255.0;
    return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
  };
  return 0.2126 * part(16) + 0.7152 * part(8) + 0.0722 * part(0);
}
double contrast(std::uint32_t a, std::uint32_t b) {
  const auto [dark, light] = std::minmax({luminance(a), luminance(b)});
  return (light + 0.05) / (dark + 0.05);
}

TEST(Screens, WordsStandOutByAContrastOfSevenToOne) {
  for (const auto& [slot, name] : test::kept_slots) {
    for (const std::string language : {"en", "fr"}) {
      const auto colours = colours_of(draw_kept(slot, panel, {language}));
      EXPECT_GE(contrast(colours[0], colours[1]), 7.0) << name;
    }
  }
}

TEST(Screens, NoTwoOutcomesShareTheirColourAndNoneIsRed) {
  std::set<std::uint32_t> grounds;
  const ScreenSlot outcomes[] = {
      ScreenSlot::arrived,      ScreenSlot::left,           ScreenSlot::recorded,
      ScreenSlot::repeat,       ScreenSlot::see_staff,      ScreenSlot::recorded_offline,
      ScreenSlot::not_accepted, ScreenSlot::out_of_service, ScreenSlot::one_card};
  for (const ScreenSlot slot : outcomes) {
    const std::uint32_t ground = colours_of(draw_kept(slot, panel, {"en"})).front();
    EXPECT_TRUE(grounds.insert(ground).second) << "slot " << static_cast<int>(slot);
    const auto red = static_cast<int>(ground >> 16);
    const auto green = static_cast<int>((ground >> 8) & 0xff);
    const auto blue = static_cast<int>(ground & 0xff);
    EXPECT_FALSE(red > 150 && green < 110 && blue < 110) << "slot " << static_cast<int>(slot);
  }
}

TEST(Screens, NoTwoOutcomesShareTheirPictogram) {
  // The left part of each screen, as ink or ground.
  std::set<std::vector<bool>> shapes;
  for (const auto& [slot, name] : test::kept_slots) {
    const Screen screen = draw_kept(slot, panel, {"en"});
    const auto decoded = test::decode(screen);
    const std::uint32_t ground = decoded.pixels.front();
    std::vector<bool> shape;
    for (int y = 0; y < 480; y += 4) {
      for (int x = 0; x < 330; x += 4) shape.push_back(decoded.at(x, y, 800) != ground);
    }
    EXPECT_TRUE(shapes.insert(shape).second) << name;
  }
}

TEST(Screens, NothingIsCutOffAtTheEdges) {
  auto all = kept_screens();
  for (auto& live : live_screens()) all.push_back(std::move(live));
  for (const auto& [name, screen] : all) {
    const auto decoded = test::decode(screen);
    const std::uint32_t ground = decoded.pixels.front();
    int touched = 0;
    for (int x = 0; x < 800; ++x) {
      for (int y = 0; y < 480; ++y) {
        const bool edge = x < 12 || x >= 788 || y < 12 || y >= 468;
        touched += edge && decoded.at(x, y, 800) != ground ? 1 : 0;
      }
    }
    EXPECT_EQ(touched, 0) << name;
  }
}

TEST(Screens, EveryTextOfTheCatalogueFitsAtALegibleSize) {
  const Canvas canvas(panel);
  for (std::size_t id = 0; id < text_count; ++id) {
    for (const std::string& language : languages()) {
      const std::string words(text(static_cast<Text>(id), language));
      ASSERT_FALSE(words.empty());
      const Box half{0, 0, 420, 216};
      const double cap = canvas.fitting_cap(words, Weight::bold, half, 60, 10);
      EXPECT_GE(cap, legible_cap) << words;
    }
  }
}

TEST(Screens, WordsForPeopleNeverBlame) {
  for (std::size_t id = 0; id < text_count; ++id) {
    for (const std::string& language : languages()) {
      const std::string words(text(static_cast<Text>(id), language));
      for (const char* banned :
           {"rror", "efused", "nvalid", "nknown", "rreur", "efus", "nconnu", "chec"}) {
        const bool check =
            words.find("checked") != std::string::npos && std::string(banned) == "chec";
        EXPECT_TRUE(check || words.find(banned) == std::string::npos) << words;
      }
    }
  }
}

TEST(Screens, TargetsAreLargeApartAndOnThePanel) {
  for (const auto& [name, screen] : live_screens()) {
    for (std::size_t i = 0; i < screen.targets.size(); ++i) {
      const Area& area = screen.targets[i].area;
      EXPECT_GE(area.width, 48) << name;
      EXPECT_GE(area.height, 48) << name;
      EXPECT_GE(area.x, 0);
      EXPECT_LE(area.x + area.width, 800);
      EXPECT_LE(area.y + area.height, 480);
      for (std::size_t j = 0; j < i; ++j) {
        const Area& other = screen.targets[j].area;
        const bool apart = area.x >= other.x + other.width || other.x >= area.x + area.width ||
                           area.y >= other.y + other.height || other.y >= area.y + area.height;
        EXPECT_TRUE(apart) << name;
      }
    }
  }
}

TEST(Screens, AQuestionHasATargetForEachOptionAndLaterAtTheLowerRight) {
  for (std::size_t options = 2; options <= 5; ++options) {
    const auto asked = question("fr", options);
    const Screen screen = draw_live(asked, panel);
    ASSERT_EQ(screen.targets.size(), options + 1);
    for (std::size_t i = 0; i < options; ++i)
      EXPECT_EQ(screen.targets[i].choice, asked.options[i].id);
    EXPECT_EQ(choice_at(screen.targets, 700, 420), "later");
    EXPECT_EQ(choice_at(screen.targets, 400, 60), "") << "the question itself is no target";
  }
}

TEST(Screens, YesAndLaterStandSideBySide) {
  for (const Live& live : {Live(AssessmentOffer{"en", "Start", 3}), Live(MoreTime{"fr"})}) {
    const Screen screen = draw_live(live, panel);
    EXPECT_EQ(choice_at(screen.targets, 200, 400), "yes");
    EXPECT_EQ(choice_at(screen.targets, 600, 400), "later");
    EXPECT_EQ(choice_at(screen.targets, 400, 100), "");
  }
}

TEST(Screens, TheOtherWayIsOneButtonAndTheRestMeansGoOn) {
  for (const bool arrived : {true, false}) {
    const Screen screen = draw_live(Moved{"fr", arrived, "09:24"}, panel);
    EXPECT_EQ(choice_at(screen.targets, 100, 400), "other-way");
    EXPECT_EQ(choice_at(screen.targets, 700, 400), "other-way");
    EXPECT_EQ(choice_at(screen.targets, 400, 100), "go-on");
    EXPECT_LT(screen.bytes.size(), 24u * 1024u);
  }
}

TEST(Screens, OtherPanelSizesAreServedToo) {
  for (const Size size :
       {Size{320, 240}, Size{480, 272}, Size{1024, 600}, Size{641, 481}, largest}) {
    ASSERT_TRUE(drawable(size));
    const Screen kept = draw_kept(ScreenSlot::arrived, size, {"en", "fr"});
    EXPECT_TRUE(test::decode(kept).whole) << size.width << "x" << size.height;
    const Screen live = draw_live(question("en", 5), size);
    EXPECT_TRUE(test::decode(live).whole);
    for (const Target& t : live.targets) {
      EXPECT_LE(t.area.x + t.area.width, size.width);
      EXPECT_LE(t.area.y + t.area.height, size.height);
    }
  }
  EXPECT_FALSE(is_small({320, 240}));
  EXPECT_FALSE(drawable({0, 0}));
  EXPECT_FALSE(drawable({65535, 65535}));
}

TEST(Screens, LanguagesOutsideTheCatalogueFallBackToTheSites) {
  boost::asio::thread_pool pool(1);
  const Screens site(pool, {"nl", "fr"});
  EXPECT_EQ(site.language_for("en"), "en");
  EXPECT_EQ(site.language_for("nl"), "fr");
  EXPECT_EQ(site.language_for(""), "fr");
  const Screens nothing(pool, {});
  EXPECT_EQ(nothing.language_for(""), "en");
}

TEST(Screens, KeptScreensOfASizeAreDrawnOnceHoweverManyAsk) {
  boost::asio::thread_pool pool(2);
  Screens screens(pool, {"en"});
  boost::asio::io_context io;
  std::vector<std::future<std::shared_ptr<const KeptScreens>>> asked;
  for (int i = 0; i < 4; ++i) {
    asked.push_back(boost::asio::co_spawn(io, screens.kept({400, 240}), boost::asio::use_future));
  }
  io.run();
  const auto first = asked[0].get();
  for (std::size_t i = 1; i < asked.size(); ++i) EXPECT_EQ(asked[i].get(), first);
  EXPECT_EQ((*first)[0], nullptr);
  for (std::size_t slot = 1; slot < first->size(); ++slot) EXPECT_NE((*first)[slot], nullptr);
}

}  // namespace
}  // namespace rollcall::screens
