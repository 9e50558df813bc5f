#include "daemon/screens/screens.hpp"

#include <cmath>
#include <filesystem>

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
  const std::pair<ScreenSlot, const char*> slots[] = {
      {ScreenSlot::idle, "idle"},
      {ScreenSlot::idle_offline, "idle_offline"},
      {ScreenSlot::arrived, "arrived"},
      {ScreenSlot::left, "left"},
      {ScreenSlot::recorded, "recorded"},
      {ScreenSlot::repeat, "repeat"},
      {ScreenSlot::see_staff, "see_staff"},
      {ScreenSlot::recorded_offline, "recorded_offline"},
      {ScreenSlot::not_accepted, "not_accepted"},
      {ScreenSlot::out_of_service, "out_of_service"}};
  std::vector<Named> all;
  for (const auto& [slot, name] : slots) {
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
    add("thank_you", ThankYou{language});
    add("see_desk", PleaseSeeDesk{language});
  }
  return all;
}

TEST(Screens, EveryScreenDecodesToItsSizeAndStaysBelowTheBudget) {
  std::filesystem::create_directories(SCREENS_FOLDER);
  auto all = kept_screens();
  for (auto& live : live_screens()) all.push_back(std::move(live));
  for (const auto& [name, screen] : all) {
    SCOPED_TRACE(name);
    const auto decoded = test::decode(screen);
    EXPECT_TRUE(decoded.whole);
    EXPECT_EQ(decoded.pixels.size(), 800u * 480u);
    EXPECT_LT(screen.bytes.size(), 24u * 1024u);
    RecordProperty(name, static_cast<int>(screen.bytes.size()));
    test::write_png(screen, std::string(SCREENS_FOLDER) + "/" + name + ".png");
  }
  for (const std::string family : {"kept", "live"}) {
    std::vector<const Screen*> members;
    for (const auto& [name, screen] : all) {
      if (name.starts_with(family)) members.push_back(&screen);
    }
    test::write_sheet(members, std::string(SCREENS_FOLDER) + "/sheet_" + family + ".png");
  }
}

}  // namespace
}  // namespace rollcall::screens
