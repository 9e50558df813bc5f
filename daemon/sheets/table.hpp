// Rows of text in columns, for both documents. A table is there until its flow is drawn.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "daemon/sheets/flow.hpp"

namespace rollcall::sheets {

struct Cell {
  std::string text = {};
  Style style = {};
  // Instead of text: draws in this box, which is at least `height` high.
  double height = 0;
  std::function<void(double x, double y, double width, double height)> draw = nullptr;
};

class Table {
 public:
  // `widths` include the gap to the next column and add up to what the paper has.
  Table(Paper& paper, std::vector<double> widths, const std::vector<std::string>& heads);

  void begin(Flow& flow) const { flow.add(*header_); }
  void row(Flow& flow, std::vector<Cell> cells, double least) const;

 private:
  Block block(std::vector<Cell> cells, double least, double line, double grey) const;
  double width(std::size_t column) const;
  double text_height(const Cell& cell, std::size_t column) const;

  Paper& paper_;
  std::vector<double> widths_;
  std::shared_ptr<Block> header_;
};

}  // namespace rollcall::sheets
