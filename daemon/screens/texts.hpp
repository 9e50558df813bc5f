// Every text that a participant can read on a terminal, a kiosk page or a page that is handed out,
// declared once with all its languages.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace rollcall::screens {

enum class Text {
  hold_card,
  arrived,
  left,
  recorded,
  repeat,
  see_desk,
  recorded_offline,
  see_desk_first,
  not_in_use,
  one_card,
  offer,
  yes,
  later,
  more_time,
  thank_you,
  not_working,
  show_code,
  have_code,
  type_code,
  code_hint,
  erase,
  done,
  back,
  your_code,
  show_or_type,
  valid_on,
  valid_once_on,
  valid_until_withdrawn,
  you_arrived,
  you_left,
  am_leaving,
  am_arriving,
  card_again,
  sign_here,
  or_card_again,
  has_signed,
  i_sign,
  cannot_draw,
  ask_trainer,
};
inline constexpr std::size_t text_count = 39;

// ISO 639-1 codes of the catalogue, English first.
const std::vector<std::string>& languages();
bool has_language(std::string_view language);

// The text in `language`, else in English.
std::string_view text(Text id, std::string_view language);
// The same in at most ten letters, which is what a line of a small panel holds at a legible size;
// "" for what a small panel never says.
std::string_view word(Text id, std::string_view language);

}  // namespace rollcall::screens
