#include "daemon/sheets/flow.hpp"

#include <algorithm>
#include <utility>

namespace rollcall::sheets {

void Flow::add(Block block, std::shared_ptr<const Block> header) {
  items_.push_back({std::move(block), std::move(header)});
}

std::vector<std::vector<Flow::Placed>> Flow::pages(const Frame& frame) const {
  std::vector<std::vector<Placed>> pages(1);
  double y = frame.first_top;
  for (std::size_t at = 0; at < items_.size(); ++at) {
    double needed = items_[at].block.height;
    for (std::size_t next = at; items_[next].block.with_next && next + 1 < items_.size(); ++next)
      needed += items_[next + 1].block.height;
    const bool asked = std::ranges::binary_search(breaks_, at);
    if ((asked || y + needed > frame.bottom) && !pages.back().empty()) {
      pages.emplace_back();
      y = frame.top;
      if (const auto& header = items_[at].header) {
        pages.back().push_back({y, header.get()});
        y += header->height;
      }
    }
    pages.back().push_back({y, &items_[at].block});
    y += items_[at].block.height;
  }
  return pages;
}

void Flow::draw(Paper& paper, const Frame& frame) const {
  const auto all = pages(frame);
  for (std::size_t page = 0; page < all.size(); ++page) {
    if (page > 0) paper.next_page();
    for (const Placed& placed : all[page]) placed.block->draw(placed.y);
    frame.draw(static_cast<int>(page) + 1, static_cast<int>(all.size()));
  }
}

}  // namespace rollcall::sheets
