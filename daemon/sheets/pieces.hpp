// Pieces that sheets and certificates have in common.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "daemon/sheets/flow.hpp"
#include "daemon/sheets/words.hpp"

namespace rollcall::sheets {

// Room for the two lines at the foot of each page.
inline constexpr double foot_height = 34;

// 64 hexadecimal digits in groups of eight.
std::string grouped(const crypto::Digest& digest);

// Lines over the full width, `after` points above what follows.
void add_text(Flow& flow, Paper& paper, const std::string& text, const Style& style, double after);
void add_heading(Flow& flow, Paper& paper, const std::string& text);

// Label over value, three in a row; those without a value are left out.
using Facts = std::vector<std::pair<std::string, std::string>>;
void add_facts(Flow& flow, Paper& paper, const Facts& facts);

// One line and a rule above further pages: what is on the right is short or is shortened, as is
// what is on the left.
inline constexpr double running_head_height = 26;
void draw_running_head(Paper& paper, const std::string& left, const std::string& right);

// Two lines of small print on the left, the page's number on the right.
void draw_foot(Paper& paper, const Words& words, const std::string& first,
               const std::string& second, int page, int pages);

}  // namespace rollcall::sheets
