// What stands on paper, one piece below the other, broken into pages between them.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "daemon/sheets/paper.hpp"

namespace rollcall::sheets {

// A piece that is never split over pages.
struct Block {
  double height = 0;
  std::function<void(double y)> draw;
  bool with_next = false;  // stands on one page with the block after it
};

// Blocks one below the other, on as many pages as they need. What stands on every page is drawn
// once the number of pages is known.
class Flow {
 public:
  void add(Block block) { add(std::move(block), nullptr); }
  // `header` is repeated above the first block of each further page.
  void add(Block block, std::shared_ptr<const Block> header);
  void space(double height) {
    add({height, [](double) {}, false});
  }
  // What is added next begins a page.
  void next_page() { breaks_.push_back(items_.size()); }

  struct Frame {
    double first_top = top_margin;
    double top = top_margin;  // of further pages, below their running head
    double bottom = paper_height - bottom_margin;
    std::function<void(int page, int pages)> draw;
  };
  void draw(Paper& paper, const Frame& frame) const;

 private:
  struct Item {
    Block block;
    std::shared_ptr<const Block> header;
  };
  struct Placed {
    double y;
    const Block* block;
  };
  std::vector<std::vector<Placed>> pages(const Frame& frame) const;

  std::vector<Item> items_;
  std::vector<std::size_t> breaks_;
};

}  // namespace rollcall::sheets
