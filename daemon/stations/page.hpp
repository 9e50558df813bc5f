// What a kiosk page shows, as data: the page draws it (web/state.d.ts). The words are those of the
// terminals' screens (daemon/screens/texts.hpp). No name is ever among them.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/screens/screen.hpp"
#include "daemon/screens/texts.hpp"
#include "protocol/types.hpp"

namespace rollcall::stations {

struct Page {
  struct Choice {
    std::string id;
    std::string text;
    enum class Style { plain, main, quiet } style = Style::plain;
  };

  std::string_view kind;  // picture and colours; one of those in web/state.d.ts
  std::string language;   // of title, detail and choices
  std::string title;
  std::string second_language;  // of `second`; "" = none
  std::string second;           // the title in another language of the site
  std::string detail;
  std::vector<Choice> choices;
  std::size_t number = 0;       // of a question, from 1; 0 = it is none
  std::size_t count = 0;        // of all questions
  std::size_t code_digits = 0;  // of a code to be typed on it; 0 = none
  // What is signed on it, beside the title, and how; it has a field to draw in.
  struct ToSign {
    std::string when, hours, how;
    bool field = false;
  };
  std::optional<ToSign> to_sign;
  std::vector<std::string> languages;  // to choose from; empty = there is no choice

  // Whether `id` can be chosen on it.
  bool offers(std::string_view id) const;
};

// Choices of a language begin with this, as in "language-fr".
inline constexpr std::string_view language_choice = "language-";
// The way to the keys for a code, and back; the code itself, as in "code-12345678".
inline constexpr std::string_view have_code = "have-code";
inline constexpr std::string_view no_code = "no-code";
inline constexpr std::string_view code_choice = "code-";

// `languages`: of the site, as far as the catalogue has them, the one to speak first.
enum class Takes { cards, codes };  // at the reader
Page at_rest(const std::vector<std::string>& languages, Takes takes = Takes::cards);
Page type_code(const std::vector<std::string>& languages);
Page out_of_order(const std::vector<std::string>& languages);
Page one_card(const std::vector<std::string>& languages);
Page answer(protocol::Outcome outcome, const std::vector<std::string>& languages);
Page page_of(const screens::Live& screen);

// One line of JSON. `screen` names this showing of the page.
std::string to_json(const Page& page, const std::string& screen);

}  // namespace rollcall::stations
