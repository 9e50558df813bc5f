// What a panel of 128 x 64 shows: a picture, a word, at rest the time; told apart without colour.
#include <algorithm>
#include <filesystem>
#include <map>
#include <stdexcept>

#include <gtest/gtest.h>

#include "daemon/screens/canvas.hpp"
#include "daemon/screens/screens.hpp"
#include "daemon/screens/texts.hpp"
#include "tests/unit/daemon/screens/decoded.hpp"

namespace rollcall::screens {
namespace {

using protocol::ScreenSlot;
constexpr Size panel{128, 64};
constexpr int above_the_word = 42;

struct Named {
  std::string name;
  Screen screen;
};

std::vector<Named> every_screen() {
  std::vector<Named> all;
  for (const std::string language : {"en", "fr"}) {
    for (const auto& [slot, name] : test::kept_slots) {
      all.push_back(
          {"small_" + std::string(name) + "_" + language, draw_kept(slot, panel, {language})});
    }
    const std::pair<const char*, Live> live[] = {{"at_rest", AtRest{language, "08:52"}},
                                                 {"thank_you", ThankYou{language}},
                                                 {"see_desk", PleaseSeeDesk{language}}};
    for (const auto& [name, screen] : live) {
      all.push_back({"small_live_" + std::string(name) + "_" + language, draw_live(screen, panel)});
    }
  }
  return all;
}

// How bright each pixel is, 0 to 15.
std::vector<int> greys_of(const Screen& screen) {
  std::vector<int> greys;
  for (const std::uint32_t pixel : test::decode(screen).pixels) {
    greys.push_back(static_cast<int>((pixel >> 8 & 0xff) * 15 + 127) / 255);
  }
  return greys;
}

// How far each pixel is from the ground towards the ink, 0 to 15.
std::vector<int> ink_of(const Screen& screen) {
  std::vector<int> ink = greys_of(screen);
  if (ink.front() != 0) {
    for (int& grey : ink) grey = 15 - grey;
  }
  return ink;
}

TEST(SmallScreens, EveryScreenDecodesToItsSizeAndStaysBelowTheBudget) {
  constexpr std::size_t budget = 1024;
  std::filesystem::create_directories(SCREENS_FOLDER);
  const auto all = every_screen();
  std::vector<std::size_t> sizes;
  std::vector<const Screen*> sheet;
  for (const auto& [name, screen] : all) {
    SCOPED_TRACE(name);
    const auto decoded = test::decode(screen);
    EXPECT_TRUE(decoded.whole);
    EXPECT_EQ(decoded.pixels.size(), 128u * 64u);
    EXPECT_TRUE(screen.targets.empty());
    sizes.push_back(screen.bytes.size());
    EXPECT_LT(sizes.back(), protocol::screen_limits(panel.width, panel.height).live_bytes);
    test::write_png(screen, std::string(SCREENS_FOLDER) + "/" + name + ".png", 6);
    sheet.push_back(&screen);
  }
  EXPECT_LT(test::median("128x64", sizes), budget);
  test::write_sheet(sheet, std::string(SCREENS_FOLDER) + "/sheet_small.png");
}

TEST(SmallScreens, AreDrawnInWhiteAndBlackWithNothingAtTheEdges) {
  for (const auto& [name, screen] : every_screen()) {
    const std::vector<int> ink = ink_of(screen);
    EXPECT_GT(std::ranges::count(ink, 15), 300) << name;
    const auto half = static_cast<std::ptrdiff_t>(ink.size() / 2);
    EXPECT_GT(std::ranges::count(ink, 0), half) << name;
    for (int y = 0; y < 64; ++y) {
      for (int x = 0; x < 128; ++x) {
        if (x > 1 && x < 126 && y > 0 && y < 63) continue;
        EXPECT_EQ(ink[static_cast<std::size_t>(y * 128 + x)], 0) << name << " " << x << "," << y;
      }
    }
  }
}

TEST(SmallScreens, NoTwoSlotsHaveSimilarPictures) {
  std::map<std::string, std::vector<int>> pictures;
  for (const auto& [slot, name] : test::kept_slots) {
    std::vector<int> ink = ink_of(draw_kept(slot, panel, {"en"}));
    ink.resize(128 * above_the_word);
    pictures[name] = std::move(ink);
  }
  for (const auto& [name, picture] : pictures) {
    for (const auto& [other_name, other] : pictures) {
      if (name >= other_name) continue;
      int different = 0;
      for (std::size_t i = 0; i < picture.size(); ++i) {
        different += std::abs(picture[i] - other[i]) > 7 ? 1 : 0;
      }
      EXPECT_GT(different, 100) << name << " and " << other_name;  // of 1 600 pixels
    }
  }
}

TEST(SmallScreens, ABrightPanelMakesAPersonStop) {
  const auto bright = [](ScreenSlot slot) {
    return greys_of(draw_kept(slot, panel, {"en"})).front() == 15;
  };
  for (const auto slot : {ScreenSlot::arrived, ScreenSlot::left, ScreenSlot::recorded,
                          ScreenSlot::repeat, ScreenSlot::idle, ScreenSlot::idle_offline}) {
    EXPECT_FALSE(bright(slot)) << "slot " << static_cast<int>(slot);
  }
  for (const auto slot : {ScreenSlot::see_staff, ScreenSlot::recorded_offline,
                          ScreenSlot::not_accepted, ScreenSlot::one_card}) {
    EXPECT_TRUE(bright(slot)) << "slot " << static_cast<int>(slot);
  }
}

TEST(SmallScreens, EveryWordFitsOneLineAtALegibleSize) {
  const Canvas canvas(panel);
  int words = 0;
  for (std::size_t id = 0; id < text_count; ++id) {
    for (const std::string& language : languages()) {
      const std::string text(word(static_cast<Text>(id), language));
      if (text.empty()) continue;
      ++words;
      // No second line fits this box.
      const Box line{0, 0, 128 - 4, 64 - above_the_word + 4};
      EXPECT_EQ(canvas.fitting_cap(text, Weight::bold, line, small_cap, 5), small_cap) << text;
    }
  }
  EXPECT_EQ(words, 2 * 11);
}

TEST(SmallScreens, DifferentSlotsSayDifferentWords) {
  for (const std::string& language : languages()) {
    std::map<std::string, int> seen;
    for (std::size_t id = 0; id < text_count; ++id) {
      const std::string text(word(static_cast<Text>(id), language));
      if (text.empty()) continue;
      EXPECT_EQ(++seen[text], 1) << text;
    }
  }
}

TEST(SmallScreens, AtRestThereIsTheTime) {
  const auto morning = greys_of(draw_live(AtRest{"en", "08:52"}, panel));
  const auto evening = greys_of(draw_live(AtRest{"en", "18:07"}, panel));
  const auto without = greys_of(draw_kept(ScreenSlot::idle, panel, {"en"}));
  EXPECT_NE(morning, without);
  for (std::size_t i = 0; i < morning.size(); ++i) {
    const bool of_the_time = i / 128 < above_the_word && i % 128 > 50;
    if (!of_the_time) {
      ASSERT_EQ(morning[i], evening[i]);
    }
  }
  EXPECT_NE(morning, evening);
}

TEST(SmallScreens, NothingIsAskedOnThem) {
  EXPECT_TRUE(is_small(panel));
  EXPECT_TRUE(drawable(panel));
  EXPECT_FALSE(drawable({127, 64}));
  EXPECT_THROW(draw_live(AssessmentOffer{"en", "My digital start", 5}, panel), std::logic_error);
  EXPECT_THROW(draw_live(MoreTime{"en"}, panel), std::logic_error);
}

TEST(SmallScreens, OtherSmallPanelsAreServedToo) {
  for (const Size size : {Size{128, 128}, Size{160, 80}, Size{256, 64}, Size{319, 240}}) {
    const auto decoded = test::decode(draw_kept(ScreenSlot::arrived, size, {"fr"}));
    EXPECT_TRUE(decoded.whole) << size.width << "x" << size.height;
  }
}

}  // namespace
}  // namespace rollcall::screens
