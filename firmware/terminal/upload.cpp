#include "firmware/terminal/upload.hpp"

#include <algorithm>

namespace rollcall::firmware {

void Upload::restart() {
  cursor_ = {};
  resend_end_ = 0;
  in_flight_count_ = 0;
  pass_again_at_.reset();
}

void Upload::resend(const protocol::StorageEpoch& epoch, std::uint64_t from) {
  const auto span = queue_.find_epoch(epoch);
  if (!span) return;
  resend_cursor_ = {};
  resend_cursor_.index =
      span->first_index + (from > span->first_number ? from - span->first_number : 0);
  resend_end_ = span->end_index;
}

std::optional<protocol::QueuedTap> Upload::next(Millis now, std::optional<std::uint64_t> not_this) {
  drop_impatient(now);
  if (in_flight_count_ == upload_window) return std::nullopt;
  const auto entry = find(now, not_this);
  if (!entry) return std::nullopt;
  in_flight_[in_flight_count_++] = {entry->index, entry->tap.epoch, entry->tap.number, now};
  return entry->tap;
}

std::optional<Queue::Entry> Upload::find(Millis now, std::optional<std::uint64_t> not_this) {
  while (resend_cursor_.index < resend_end_) {
    const auto entry = queue_.next(resend_cursor_);
    if (!entry || !*entry || (*entry)->index >= resend_end_) break;
    if ((*entry)->index != not_this && !is_in_flight((*entry)->index)) return *entry;
  }
  resend_end_ = 0;

  // Until then the cursor goes on with taps made since: older ones that the host does not take hold
  // nothing up.
  if (pass_again_at_ && now >= *pass_again_at_) {
    pass_again_at_.reset();
    cursor_ = {};
  }
  while (true) {
    const Queue::Cursor before = cursor_;
    const auto entry = queue_.next_waiting(cursor_);
    if (!entry || !*entry) break;
    if ((*entry)->index == not_this) {
      cursor_ = before;
      break;
    }
    if (!is_in_flight((*entry)->index)) return *entry;
  }
  const std::uint64_t expected = in_flight_count_ + (not_this ? 1 : 0);
  if (!pass_again_at_ && queue_.waiting() > expected) pass_again_at_ = now + upload_pause;
  return std::nullopt;
}

void Upload::acknowledged(const protocol::StorageEpoch& epoch, std::uint64_t first,
                          std::uint64_t last) {
  const auto covered = [&](const InFlight& f) {
    return f.epoch == epoch && f.number >= first && f.number <= last;
  };
  const auto kept =
      std::remove_if(in_flight_.begin(),
                     in_flight_.begin() + static_cast<std::ptrdiff_t>(in_flight_count_), covered);
  in_flight_count_ = static_cast<std::size_t>(kept - in_flight_.begin());
}

std::optional<Upload::Millis> Upload::next_deadline() const {
  std::optional<Millis> deadline = pass_again_at_;
  for (std::size_t i = 0; i < in_flight_count_; ++i) {
    const Millis at = in_flight_[i].sent_at + upload_patience;
    deadline = deadline ? std::min(*deadline, at) : at;
  }
  return deadline;
}

bool Upload::is_in_flight(std::uint64_t index) const {
  return std::any_of(in_flight_.begin(),
                     in_flight_.begin() + static_cast<std::ptrdiff_t>(in_flight_count_),
                     [index](const InFlight& f) { return f.index == index; });
}

void Upload::drop_impatient(Millis now) {
  const auto late = [now](const InFlight& f) { return now - f.sent_at >= upload_patience; };
  const auto kept = std::remove_if(
      in_flight_.begin(), in_flight_.begin() + static_cast<std::ptrdiff_t>(in_flight_count_), late);
  in_flight_count_ = static_cast<std::size_t>(kept - in_flight_.begin());
}

}  // namespace rollcall::firmware
