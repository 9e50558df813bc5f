#include "daemon/sheets/pieces.hpp"

#include <algorithm>

#include "daemon/events/event.hpp"

namespace rollcall::sheets {
namespace {

constexpr std::size_t facts_in_row = 4;
constexpr double fact_gap = 12;
constexpr double page_number_width = 90;
constexpr Style label{.size = 7.5, .grey = 0.3};
constexpr Style value{.size = 9.5};
constexpr Style heading{.size = 11, .bold = true};
constexpr Style small{.size = 6.8, .grey = 0.25};

}  // namespace

std::string grouped(const crypto::Digest& digest) {
  const std::string hex = events::hex(digest);
  std::string out;
  for (std::size_t at = 0; at < hex.size(); at += 8)
    out += (at == 0 ? "" : " ") + hex.substr(at, 8);
  return out;
}

void add_text(Flow& flow, Paper& paper, const std::string& text, const Style& style, double after) {
  const double height = paper.height(text, style, text_width);
  flow.add({height + after, [&paper, text, style](double y) {
              paper.text(text, style, side_margin, y, text_width);
            }});
}

void add_heading(Flow& flow, Paper& paper, const std::string& text) {
  constexpr double before = 16;
  constexpr double after = 5;
  const double height = paper.height(text, heading, text_width);
  flow.add(
      {before + height + after,
       [&paper, text](double y) { paper.text(text, heading, side_margin, y + before, text_width); },
       true});
}

void add_facts(Flow& flow, Paper& paper, const Facts& facts) {
  Facts said;
  std::ranges::copy_if(facts, std::back_inserter(said),
                       [](const auto& f) { return !f.second.empty(); });
  const double column = (text_width - (facts_in_row - 1) * fact_gap) / facts_in_row;
  for (std::size_t at = 0; at < said.size(); at += facts_in_row) {
    const Facts row(
        said.begin() + static_cast<std::ptrdiff_t>(at),
        said.begin() + static_cast<std::ptrdiff_t>(std::min(at + facts_in_row, said.size())));
    double labels = 0;
    double values = 0;
    for (const auto& [name, text] : row) {
      labels = std::max(labels, paper.height(name, label, column));
      values = std::max(values, paper.height(text, value, column));
    }
    flow.add({labels + values + 7, [&paper, row, labels, column](double y) {
                double x = side_margin;
                for (const auto& [name, text] : row) {
                  paper.text(name, label, x, y, column);
                  paper.text(text, value, x, y + labels, column);
                  x += column + fact_gap;
                }
              }});
  }
}

void draw_running_head(Paper& paper, const std::string& left, const std::string& right) {
  constexpr Style bold{.size = 9, .bold = true};
  constexpr Style plain{.size = 9, .align = Align::right};
  const double right_width = std::min(paper.width(right, plain) + 2, text_width / 2);
  const double left_width = text_width - right_width - 12;
  paper.one_line(left, bold, side_margin, top_margin, left_width);
  paper.one_line(right, plain, side_margin + text_width - right_width, top_margin, right_width);
  paper.rule(side_margin, top_margin + 17, text_width, 0.4, 0.4);
}

void draw_foot(Paper& paper, const Words& words, const std::string& first,
               const std::string& second, int page, int pages) {
  const double top = paper_height - bottom_margin - foot_height + 12;
  const double width = text_width - page_number_width;
  paper.rule(side_margin, top - 4, text_width, 0.4, 0.4);
  paper.text(first, small, side_margin, top, width);
  paper.text(second, small, side_margin, top + 10, width);
  Style right = small;
  right.align = Align::right;
  right.size = 8;
  paper.text(words(Text::page, {std::to_string(page), std::to_string(pages)}), right,
             side_margin + width, top, page_number_width);
}

}  // namespace rollcall::sheets
