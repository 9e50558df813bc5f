#include "daemon/terminals/update.hpp"

#include <algorithm>
#include <utility>

#include "daemon/log/log.hpp"

namespace rollcall::terminals {

using Clock = std::chrono::steady_clock;
using protocol::BulkResult;
using protocol::UpdateProblem;
using protocol::UpdateStage;

bool is_over(UpdateStep step) {
  switch (step) {
    case UpdateStep::staged:
    case UpdateStep::refused:
    case UpdateStep::failed:
      return true;
    default:
      return false;
  }
}

std::expected<void, std::string> Update::begin(UpdateWish wish, const crypto::Digest& digest,
                                               UpdatePeer* peer) {
  if (running()) {
    return std::unexpected("an update of " + view_.serial +
                           " is under way; wait for it or cancel that one first");
  }
  if (peer == nullptr) return std::unexpected(wish.serial + " is not connected");
  const std::string& version = wish.version;
  protocol::UpdateOffer& offered = wish_.emplace();
  offered.version.assign({reinterpret_cast<const std::uint8_t*>(version.data()), version.size()});
  offered.bytes = static_cast<std::uint32_t>(wish.image.size());
  offered.digest = digest;
  offered.security_counter = wish.security_counter;
  offered.slot = wish.slot.value_or(peer->slot_in_use() == 0 ? 1 : 0);
  image_ = std::make_shared<const std::vector<std::uint8_t>>(std::move(wish.image));
  view_ = {};
  view_.serial = wish.serial;
  view_.version = version;
  view_.bytes = offered.bytes;
  view_.digest = digest;
  view_.security_counter = offered.security_counter;
  view_.slot = offered.slot;
  peer_ = peer;
  setbacks_ = 0;
  furthest_ = 0;
  ++count_;
  progress();
  watch();
  logging::info("firmware update begun", {{"terminal", view_.serial},
                                          {"version", version},
                                          {"bytes", offered.bytes},
                                          {"by", wish.actor}});
  offer();
  return {};
}

void Update::offer() {
  view_.step = UpdateStep::offered;
  peer_->offer_update(*wish_);
}

void Update::progress() {
  until_ = Clock::now() + patience_;
}

void Update::watch() {
  timer_.expires_at(until_);
  timer_.async_wait([this, mine = count_](const boost::system::error_code& error) {
    if (error || mine != count_ || !running()) return;
    if (peer_ != nullptr && peer_->image_waits()) progress();
    if (Clock::now() < until_) return watch();
    const bool away = view_.step == UpdateStep::waiting_for_terminal;
    end(UpdateStep::failed, away ? "the connection broke and the terminal did not come back in time"
                                 : "the terminal did not answer in time");
  });
}

std::optional<UpdateView> Update::view() const {
  if (!wish_) return std::nullopt;
  UpdateView view = view_;
  if (running()) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until_ - Clock::now());
    view.patience_left = std::max(left, std::chrono::milliseconds{0});
  }
  return view;
}

bool Update::cancel() {
  if (!running()) return false;
  end(UpdateStep::failed, "it was cancelled");
  return true;
}

void Update::met(const std::string& serial, UpdatePeer& peer) {
  if (!running() || view_.serial != serial || peer_ == &peer) return;
  peer_ = &peer;
  furthest_ = 0;  // it may have lost what it held
  progress();
  offer();
}

void Update::heard(const UpdatePeer& peer, const protocol::UpdateState& state) {
  if (!concerns(peer)) return;
  const bool last_word = state.stage == UpdateStage::staged || state.stage == UpdateStage::refused;
  if (last_word && view_.step == UpdateStep::offered && unsettled_ == &peer) {
    unsettled_ = nullptr;
    return offer();
  }
  progress();
  switch (state.stage) {
    case UpdateStage::wanted:
      if (view_.step != UpdateStep::offered) return;
      view_.step = UpdateStep::transferring;
      return peer_->send_image(image_, wish_->digest);
    case UpdateStage::staged:
      view_.sent = view_.bytes;
      return end(UpdateStep::staged);
    case UpdateStage::refused:
      return end(UpdateStep::refused, {}, state.problem);
    case UpdateStage::idle:
      break;
  }
}

void Update::sent(const UpdatePeer& peer, std::uint32_t bytes) {
  if (!concerns(peer)) return;
  view_.sent = bytes;
  if (bytes <= furthest_) return;
  furthest_ = bytes;
  setbacks_ = 0;
  progress();
}

void Update::transfer_ended(const UpdatePeer& peer, BulkResult result) {
  if (!concerns(peer) || view_.step != UpdateStep::transferring) return;
  switch (result) {
    case BulkResult::complete:
    case BulkResult::digest:
    case BulkResult::storage:
      return;  // it says what that means for the update
    case BulkResult::cancelled:
    case BulkResult::refused:
    case BulkResult::stalled:
      break;
  }
  if (++setbacks_ > max_setbacks)
    return end(UpdateStep::failed, "the terminal did not take the image to its end");
  offer();
}

void Update::lost(const UpdatePeer& peer) {
  if (unsettled_ == &peer) unsettled_ = nullptr;
  if (!concerns(peer)) return;
  peer_ = nullptr;
  view_.step = UpdateStep::waiting_for_terminal;
  progress();
}

void Update::revoked(const std::string& serial) {
  if (running() && view_.serial == serial) end(UpdateStep::failed, "the terminal was revoked");
}

void Update::end(UpdateStep step, std::string reason, UpdateProblem problem) {
  view_.step = step;
  view_.reason = std::move(reason);
  view_.problem = problem;
  image_.reset();
  timer_.cancel();
  UpdatePeer* const peer = std::exchange(peer_, nullptr);
  if (step == UpdateStep::staged) {
    logging::info("firmware image staged; the terminal runs on with its present firmware",
                  {{"terminal", view_.serial}, {"version", view_.version}});
    return;
  }
  logging::warning("firmware update ended without success",
                   {{"terminal", view_.serial},
                    {"why", step == UpdateStep::refused ? "refused by the terminal" : view_.reason},
                    {"problem", static_cast<unsigned>(problem)}});
  if (step != UpdateStep::failed || peer == nullptr) return;
  unsettled_ = peer;
  peer->drop_image();
}

}  // namespace rollcall::terminals
