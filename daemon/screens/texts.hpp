// Every text that a participant can read on a terminal, declared once with all its languages.
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
  offer,
  yes,
  later,
  more_time,
  thank_you,
};
inline constexpr std::size_t text_count = 14;

// ISO 639-1 codes of the catalogue, English first.
const std::vector<std::string>& languages();
bool has_language(std::string_view language);

// The text in `language`, else in English.
std::string_view text(Text id, std::string_view language);

}  // namespace rollcall::screens
