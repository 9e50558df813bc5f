#include "daemon/terminals/transfers.hpp"

#include <algorithm>
#include <utility>

namespace rollcall::terminals {

using protocol::BulkResult;
using Rank = Transfer::Rank;

bool Transfers::put(Transfer transfer) {
  const bool screen = transfer.rank != Rank::firmware;
  if (screen && waiting_.size() >= max_waiting) return false;
  if (screen && sending_firmware()) {
    if (!transfer.content) {
      if (transfer.begins) transfer.begins();
      return true;
    }
    insert(std::move(transfer));
    interrupted_ = true;
    bulk_.cancel_sending();  // ended() starts what was put
    return true;
  }
  insert(std::move(transfer));
  start_next();
  return true;
}

void Transfers::insert(Transfer transfer) {
  const auto behind = std::ranges::find_if(
      waiting_, [&](const Transfer& other) { return other.rank > transfer.rank; });
  waiting_.insert(behind, std::move(transfer));
}

void Transfers::drop(Rank rank) {
  std::erase_if(waiting_, [&](const Transfer& transfer) { return transfer.rank == rank; });
  if (under_way_ && under_way_->rank == rank) bulk_.cancel_sending();
}

void Transfers::hold_firmware(bool hold) {
  hold_firmware_ = hold;
  start_next();
}

void Transfers::close() {
  waiting_.clear();
  under_way_.reset();
}

void Transfers::start_next() {
  while (!under_way_ && !waiting_.empty()) {
    if (waiting_.front().rank == Rank::firmware && hold_firmware_) return;
    Transfer next = std::move(waiting_.front());
    waiting_.pop_front();
    const bool has_content = next.content != nullptr;
    const auto begins = next.begins;
    if (has_content) under_way_ = std::move(next);
    if (begins) begins();
    if (!has_content) continue;
    if (!under_way_) return;  // what it said closed the session
    bulk_.send(under_way_->kind, under_way_->subject,
               static_cast<std::uint32_t>(under_way_->content->size()), under_way_->digest, *this);
  }
}

bool Transfers::read(std::uint32_t offset, MutableBytes out) {
  if (!under_way_ || offset + out.size() > under_way_->content->size()) return false;
  std::copy_n(under_way_->content->begin() + offset, out.size(), out.begin());
  if (under_way_->sent) under_way_->sent(offset + static_cast<std::uint32_t>(out.size()));
  return true;
}

void Transfers::ended(BulkResult result) {
  if (!under_way_) return;
  Transfer over = std::move(*under_way_);
  under_way_.reset();
  if (std::exchange(interrupted_, false)) {
    insert(std::move(over));
  } else if (over.ended) {
    over.ended(result);
  }
  start_next();
}

}  // namespace rollcall::terminals
