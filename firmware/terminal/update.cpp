#include "firmware/terminal/update.hpp"

namespace rollcall::firmware {

using protocol::BulkResult;
using protocol::UpdateProblem;
using protocol::UpdateStage;

UpdateProblem Update::judge(const protocol::UpdateOffer& offer) const {
  if (!staging_) return UpdateProblem::unsupported;
  const hal::Geometry geometry = staging_->geometry();
  if (geometry.program_bytes > StorageWriter::max_page) return UpdateProblem::unsupported;
  if (offer.bytes == 0 || offer.bytes > std::uint64_t{geometry.unit_bytes} * geometry.units) {
    return UpdateProblem::too_large;
  }
  if (offer.security_counter < running_.security_counter) return UpdateProblem::too_old;
  if (offer.slot == running_.slot) return UpdateProblem::wrong_slot;
  return UpdateProblem::none;
}

void Update::say(UpdateStage stage, UpdateProblem problem) {
  stage_ = stage;
  problem_ = problem;
  due_ = true;
}

void Update::on_offer(const protocol::UpdateOffer& offer) {
  if (const UpdateProblem problem = judge(offer); problem != UpdateProblem::none) {
    return say(UpdateStage::refused, problem);
  }
  const bool same = offer.bytes == offer_.bytes && offer.digest == offer_.digest;
  held_ = held_ && same;
  offer_ = offer;
  if (staged_ && staged_->bytes == offer.bytes && staged_->digest == offer.digest) {
    return say(UpdateStage::staged, UpdateProblem::none);
  }
  say(UpdateStage::wanted, UpdateProblem::none);
}

std::expected<std::uint32_t, BulkResult> Update::begin(const protocol::BulkOffer& offer) {
  const bool wanted =
      stage_ == UpdateStage::wanted && offer.bytes == offer_.bytes && offer.digest == offer_.digest;
  if (!wanted) return std::unexpected(BulkResult::refused);
  if (!held_) {
    staged_.reset();
    held_ = writer_.begin(*staging_, 0, 0, offer.bytes);
  }
  if (!held_) {
    ++storage_errors_;
    say(UpdateStage::refused, UpdateProblem::storage);
    return std::unexpected(BulkResult::storage);
  }
  return writer_.size();
}

bool Update::write(std::uint32_t offset, Bytes content) {
  // What was held could not be read back: all of it comes again.
  if (offset == 0 && writer_.size() != 0) {
    held_ = writer_.begin(*staging_, 0, 0, offer_.bytes);
  }
  return held_ && offset == writer_.size() && writer_.append(content);
}

BulkResult Update::end(BulkResult result) {
  if (result == BulkResult::cancelled || result == BulkResult::stalled) return result;  // goes on
  held_ = false;
  if (result == BulkResult::complete && !writer_.finish()) result = BulkResult::storage;
  if (result == BulkResult::storage) ++storage_errors_;
  switch (result) {
    case BulkResult::complete:
      staged_ = Staged{offer_.bytes, offer_.digest};
      say(UpdateStage::staged, UpdateProblem::none);
      break;
    case BulkResult::storage:
      say(UpdateStage::refused, UpdateProblem::storage);
      break;
    default:
      say(UpdateStage::refused, UpdateProblem::digest);
      break;
  }
  return result;
}

std::optional<protocol::UpdateState> Update::state_due() const {
  if (!due_) return std::nullopt;
  return protocol::UpdateState{stage_, problem_, running_.security_counter};
}

}  // namespace rollcall::firmware
