// What is drawn is read by ZBar.
#include "provisioning/code_page.hpp"

#include <array>
#include <cstdio>
#include <fstream>
#include <memory>

#include <gmock/gmock.h>

#include "provisioning/qr_code.hpp"
#include "tests/unit/daemon/scratch_folder.hpp"

namespace rollcall::provisioning {
namespace {

using ::testing::HasSubstr;

constexpr const char* digits = "00102233";
const CodePage page{digits,
                    {{"fr", "Votre code", "Montrez-le au lecteur", "Valable le 02/03/2026"},
                     {"en", "Your code", "Show it to the scanner", "Good on 02/03/2026"}}};

class CodePages : public ::testing::Test {
 protected:
  // What ZBar finds in a picture.
  std::string found_in(const std::string& name, const std::string& content) {
    const std::string file = (folder_.folder() / name).string();
    std::ofstream(file, std::ios::binary) << content;
    const std::string command = "zbarimg --quiet --raw " + file + " 2>/dev/null";
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "r"), ::pclose);
    std::string said;
    std::array<char, 256> piece{};
    while (std::fgets(piece.data(), piece.size(), pipe.get()) != nullptr) said += piece.data();
    return said;
  }

  rollcall::testing::ScratchFolder folder_;
};

TEST_F(CodePages, PictureIsReadAsTheDigits) {
  EXPECT_EQ(found_in("code.png", draw_page(page, "png")), std::string(digits) + "\n");
}

TEST_F(CodePages, TerminalIsReadAsTheDigits) {
  // A picture of what the terminal shows: four dots a module.
  const std::string text = in_terminal(QrCode(digits));
  std::vector<std::string> rows;
  std::string upper, lower;
  for (std::size_t at = 0; at < text.size();) {
    const auto begins = [&](std::string_view with) {
      return text.compare(at, with.size(), with) == 0;
    };
    const auto dots = [&](const char* above, const char* below, std::size_t bytes) {
      upper += above;
      lower += below;
      at += bytes;
    };
    if (begins("\x1b[")) {
      at = text.find('m', at) + 1;
    } else if (begins("\n")) {
      for (int i = 0; i < 4; ++i) rows.push_back(upper);
      for (int i = 0; i < 4; ++i) rows.push_back(lower);
      upper.clear();
      lower.clear();
      ++at;
    } else if (begins(" ")) {
      dots("0000", "0000", 1);
    } else if (begins("\u2588")) {
      dots("1111", "1111", 3);
    } else if (begins("\u2580")) {
      dots("1111", "0000", 3);
    } else {
      ASSERT_TRUE(begins("\u2584")) << text;
      dots("0000", "1111", 3);
    }
  }
  std::string picture =
      "P1\n" + std::to_string(rows.front().size()) + " " + std::to_string(rows.size()) + "\n";
  for (const std::string& row : rows) picture += row + "\n";
  EXPECT_EQ(found_in("code.pbm", picture), std::string(digits) + "\n");
}

TEST_F(CodePages, EachKindIsAFileOfThatKind) {
  EXPECT_TRUE(draw_page(page, "pdf").starts_with("%PDF-"));
  EXPECT_TRUE(draw_page(page, "png").starts_with("\x89PNG"));
  const std::string svg = draw_page(page, "svg");
  EXPECT_TRUE(svg.starts_with("<?xml"));
  EXPECT_THAT(svg, HasSubstr("</svg>"));
}

TEST_F(CodePages, EveryCodeIsReadAsItself) {
  for (const char* one : {"00000000", "99999999", "12345678", "13579246", "80808080"}) {
    CodePage other = page;
    other.digits = one;
    EXPECT_EQ(found_in(std::string(one) + ".png", draw_page(other, "png")),
              std::string(one) + "\n");
  }
}

}  // namespace
}  // namespace rollcall::provisioning
