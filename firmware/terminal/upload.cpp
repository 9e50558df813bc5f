#include "firmware/terminal/upload.hpp"

#include <algorithm>

namespace rollcall::firmware {

using protocol::BulkResult;

void Upload::restart() {
  at_ = {};
  count_ = part_count_ = loaded_ = 0;
  of_transfer_ = false;
  failures_ = 0;
  ended_.reset();
  pass_again_at_.reset();
  retry_at_.reset();
}

void Upload::resend(const protocol::StorageEpoch& epoch, std::uint64_t from) {
  const auto span = queue_.find_epoch(epoch);
  if (!span) return;
  at_.resend = {};
  at_.resend.index =
      span->first_index + (from > span->first_number ? from - span->first_number : 0);
  at_.resend_end = span->end_index;
}

Upload::Next Upload::next(Millis now, std::optional<std::uint64_t> not_this, bool transfer) {
  settle_transfer(now);
  drop_if([now](const InFlight& f) {
    return f.sent_at != in_transfer && now - f.sent_at >= upload_patience;
  });
  if (count_ == 0 && part_count_ == 0) of_transfer_ = false;
  if (retry_at_ && now < *retry_at_) return {};
  retry_at_.reset();
  if (too_much_in_flight()) return {};
  if (nothing_to_send(not_this)) {
    pass_again_at_.reset();
    return {};
  }
  if (transfer && count_ == 0 && !messages_only()) {
    if (const auto offered = next_transfer(now, not_this)) return {{}, offered};
  }
  return {next_message(now, not_this), {}};
}

bool Upload::too_much_in_flight() const {
  return of_transfer_ || count_ >= (messages_only() ? upload_window : upload_few);
}

// As in most turns of the loop, which then need not look into the queue.
bool Upload::nothing_to_send(std::optional<std::uint64_t> not_this) const {
  return count_ == 0 && at_.resend.index >= at_.resend_end &&
         queue_.waiting() <= (not_this ? 1u : 0u);
}

std::optional<protocol::QueuedTap> Upload::next_message(Millis now,
                                                        std::optional<std::uint64_t> not_this) {
  const auto entry = find(now, not_this);
  if (!entry) return std::nullopt;
  note(*entry, now);
  return entry->tap;
}

// The first pass over its taps, for size and digest. Few taps are left where they were.
std::optional<Upload::Transfer> Upload::next_transfer(Millis now,
                                                      std::optional<std::uint64_t> not_this) {
  before_ = at_;
  const auto pass_again_before = pass_again_at_;
  crypto::Sha256 hash;
  Transfer transfer;
  loaded_ = 0;
  while (part_count_ < upload_batch) {
    const auto entry = find(now, not_this);
    if (!entry) break;
    const std::size_t size = encode_entry(entry->tap);
    if (size == 0) break;
    hash.add({entry_, size});
    transfer.bytes += static_cast<std::uint32_t>(size);
    parts_[part_count_++] = {entry->index, static_cast<std::uint16_t>(size)};
    note(*entry, in_transfer);
  }
  if (part_count_ <= upload_few) {
    at_ = before_;
    pass_again_at_ = pass_again_before;
    count_ = part_count_ = 0;
    return std::nullopt;
  }
  of_transfer_ = true;
  transfer.digest = hash.finish();
  return transfer;
}

void Upload::note(const Queue::Entry& entry, Millis sent_at) {
  in_flight_[count_++] = {entry.index, entry.tap.epoch, entry.tap.number, sent_at};
}

std::size_t Upload::encode_entry(const protocol::QueuedTap& tap) {
  const auto size = protocol::encode(tap, MutableBytes(entry_).subspan(entry_head));
  if (!size) return 0;
  entry_[0] = static_cast<std::uint8_t>(*size);
  entry_[1] = static_cast<std::uint8_t>(*size >> 8);
  return entry_head + *size;
}

bool Upload::load(std::size_t part) {
  if (loaded_ == part + 1) return true;
  loaded_ = 0;
  if (read_cursor_.index > parts_[part].index) read_cursor_ = {};
  read_cursor_.index = parts_[part].index;
  const auto entry = queue_.next(read_cursor_);
  const bool same = entry && *entry && (*entry)->index == parts_[part].index &&
                    encode_entry((*entry)->tap) == parts_[part].size;
  if (same) loaded_ = part + 1;
  return same;
}

bool Upload::read(std::uint32_t offset, MutableBytes out) {
  std::size_t part = 0;
  std::size_t in_part = offset;
  while (!out.empty()) {
    while (part < part_count_ && in_part >= parts_[part].size) in_part -= parts_[part++].size;
    if (part == part_count_ || !load(part)) return false;
    const std::size_t size = std::min(out.size(), parts_[part].size - in_part);
    std::copy_n(entry_ + in_part, size, out.begin());
    out = out.subspan(size);
    in_part += size;
  }
  return true;
}

void Upload::ended(BulkResult result) {
  ended_ = result;
}

// The end of a transfer acknowledges nothing: its taps wait for their tap_ack from then on, or,
// when it failed, go again.
void Upload::settle_transfer(Millis now) {
  if (!ended_) return;
  const BulkResult result = *ended_;
  ended_.reset();
  part_count_ = loaded_ = 0;
  if (result == BulkResult::complete) {
    failures_ = 0;
    for (std::size_t i = 0; i < count_; ++i) in_flight_[i].sent_at = now;
    return;
  }
  at_ = before_;
  count_ = 0;
  if (result == BulkResult::refused) {
    failures_ = upload_failures;
  } else {
    ++failures_;
    retry_at_ = now + upload_pause;
  }
}

std::optional<Queue::Entry> Upload::find(Millis now, std::optional<std::uint64_t> not_this) {
  while (at_.resend.index < at_.resend_end) {
    const auto entry = queue_.next(at_.resend);
    if (!entry || !*entry || (*entry)->index >= at_.resend_end) break;
    if ((*entry)->index != not_this && !is_in_flight((*entry)->index)) return *entry;
  }
  at_.resend_end = 0;

  // Until then the cursor goes on with taps made since: older ones that the host does not take hold
  // nothing up.
  if (pass_again_at_ && now >= *pass_again_at_) {
    pass_again_at_.reset();
    at_.waiting = {};
  }
  while (true) {
    const Queue::Cursor before = at_.waiting;
    const auto entry = queue_.next_waiting(at_.waiting);
    if (!entry || !*entry) break;
    if ((*entry)->index == not_this) {
      at_.waiting = before;
      break;
    }
    if (!is_in_flight((*entry)->index)) return *entry;
  }
  const std::uint64_t expected = count_ + (not_this ? 1 : 0);
  if (!pass_again_at_ && queue_.waiting() > expected) pass_again_at_ = now + upload_pause;
  return std::nullopt;
}

void Upload::acknowledged(const protocol::StorageEpoch& epoch, std::uint64_t first,
                          std::uint64_t last) {
  drop_if(
      [&](const InFlight& f) { return f.epoch == epoch && f.number >= first && f.number <= last; });
}

std::optional<Upload::Millis> Upload::next_deadline() const {
  std::optional<Millis> deadline = retry_at_;
  if (!retry_at_ && !too_much_in_flight()) deadline = pass_again_at_;
  for (std::size_t i = 0; i < count_; ++i) {
    if (in_flight_[i].sent_at == in_transfer) continue;
    const Millis at = in_flight_[i].sent_at + upload_patience;
    deadline = deadline ? std::min(*deadline, at) : at;
  }
  return deadline;
}

bool Upload::is_in_flight(std::uint64_t index) const {
  return std::any_of(in_flight_.begin(), in_flight_.begin() + static_cast<std::ptrdiff_t>(count_),
                     [index](const InFlight& f) { return f.index == index; });
}

template <class Condition>
void Upload::drop_if(Condition condition) {
  const auto end = in_flight_.begin() + static_cast<std::ptrdiff_t>(count_);
  count_ = static_cast<std::size_t>(std::remove_if(in_flight_.begin(), end, condition) -
                                    in_flight_.begin());
}

}  // namespace rollcall::firmware
