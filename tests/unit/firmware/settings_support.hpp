// Settings that differ from each other in every field, and how tests compare them.
#pragma once

#include <algorithm>
#include <string>

#include "firmware/settings/store.hpp"

namespace rollcall::firmware {

template <std::size_t Capacity>
Bounded<Capacity> text_of(const std::string& text) {
  Bounded<Capacity> out;
  out.assign({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  return out;
}

// The `n`th settings of a terminal's life.
inline Settings settings_number(unsigned n) {
  Settings s;
  for (std::size_t i = 0; i < s.link_key.size(); ++i) {
    s.link_key[i] = static_cast<std::uint8_t>(n * 31 + i * 7 + 1);
    s.site_key[i] = static_cast<std::uint8_t>(n * 17 + i * 3 + 2);
  }
  s.site = text_of<32>("site-" + std::to_string(n));
  s.room = text_of<48>(std::string(n % 49, 'r'));
  s.mode = static_cast<protocol::TerminalMode>(1 + n % 3);
  s.languages = text_of<32>(n % 2 == 0 ? "fr,en" : "nl,fr,de,en,ar,uk");
  return s;
}

// In all but the generation.
inline bool same(const Settings& a, const Settings& b) {
  const auto equal = [](const auto& x, const auto& y) {
    return std::ranges::equal(x.view(), y.view());
  };
  return a.link_key == b.link_key && a.site_key == b.site_key && equal(a.site, b.site) &&
         equal(a.room, b.room) && a.mode == b.mode && equal(a.languages, b.languages);
}

}  // namespace rollcall::firmware
