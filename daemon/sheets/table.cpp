#include "daemon/sheets/table.hpp"

#include <algorithm>
#include <utility>

namespace rollcall::sheets {
namespace {

constexpr double padding = 4;
constexpr double gap = 7;
constexpr Style head{.size = 7.5, .bold = true, .grey = 0.25};

}  // namespace

Table::Table(Paper& paper, std::vector<double> widths, const std::vector<std::string>& heads)
    : paper_(paper), widths_(std::move(widths)) {
  std::vector<Cell> cells;
  for (const std::string& text : heads) cells.push_back({.text = text, .style = head});
  header_ = std::make_shared<Block>(block(std::move(cells), 0, 0.9, 0));
  header_->with_next = true;
}

void Table::row(Flow& flow, std::vector<Cell> cells, double least) const {
  flow.add(block(std::move(cells), least, 0.4, 0.6), header_);
}

double Table::width(std::size_t column) const {
  return widths_[column] - (column + 1 < widths_.size() ? gap : 0);
}

double Table::text_height(const Cell& cell, std::size_t column) const {
  return cell.text.empty() ? 0 : paper_.height(cell.text, cell.style, width(column));
}

Block Table::block(std::vector<Cell> cells, double least, double line, double grey) const {
  double tallest = least;
  for (std::size_t i = 0; i < cells.size(); ++i)
    tallest = std::max({tallest, cells[i].height, text_height(cells[i], i)});
  const auto draw = [this, cells = std::move(cells), tallest, line, grey](double y) {
    double x = side_margin;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const Cell& cell = cells[i];
      if (cell.draw) {
        cell.draw(x, y + padding, width(i), tallest);
      } else {
        const double above = (tallest - text_height(cell, i)) / 2;
        paper_.text(cell.text, cell.style, x, y + padding + above, width(i));
      }
      x += widths_[i];
    }
    paper_.rule(side_margin, y + tallest + 2 * padding, text_width, line, grey);
  };
  return {tallest + 2 * padding, draw, false};
}

}  // namespace rollcall::sheets
