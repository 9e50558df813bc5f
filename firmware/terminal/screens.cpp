#include "firmware/terminal/screens.hpp"

#include <algorithm>

#include "firmware/queue/format.hpp"
#include "firmware/terminal/digits.hpp"
#include "protocol/frame.hpp"

namespace rollcall::firmware {

using protocol::BulkResult;
using protocol::ScreenSlot;

namespace {

// Area header: magic, slot, width, height, bytes, digest, generation, CRC.
constexpr std::uint8_t area_magic[8] = {'R', 'C', 'S', 'C', 'R', 'E', 'E', '2'};
constexpr std::size_t area_header_size = 8 + 1 + 2 + 2 + 4 + 32 + 4 + 4;

bool is_kept_slot(ScreenSlot slot) {
  return slot >= ScreenSlot::idle && static_cast<std::size_t>(slot) <= kept_slots;
}

class MemorySource final : public PackedSource {
 public:
  explicit MemorySource(Bytes data) : data_(data) {}
  std::size_t read(MutableBytes out) override {
    const std::size_t size = std::min(out.size(), data_.size());
    std::copy_n(data_.begin(), size, out.begin());
    data_ = data_.subspan(size);
    return size;
  }

 private:
  Bytes data_;
};

class StorageSource final : public PackedSource {
 public:
  StorageSource(hal::Storage& storage, std::uint64_t offset, std::uint32_t bytes)
      : storage_(storage), offset_(offset), left_(bytes) {}
  std::size_t read(MutableBytes out) override {
    const std::size_t size = std::min<std::size_t>(out.size(), left_);
    if (size == 0 || !storage_.read(offset_, out.first(size))) return 0;
    offset_ += size;
    left_ -= static_cast<std::uint32_t>(size);
    return size;
  }

 private:
  hal::Storage& storage_;
  std::uint64_t offset_;
  std::uint32_t left_;
};

}  // namespace

Screens::Screens(hal::Display& display, hal::Storage* kept, const ScreenMemory& memory)
    : display_(display), storage_(kept), memory_(memory), unpacker_(memory, display.size()) {}

std::uint32_t Screens::area_units() const {
  return storage_->geometry().units / (2 * kept_slots);
}

std::uint32_t Screens::area_unit(ScreenSlot slot, std::uint8_t area) const {
  return ((static_cast<std::uint32_t>(slot) - 1) * 2 + area) * area_units();
}

std::uint64_t Screens::area_offset(ScreenSlot slot, std::uint8_t area) const {
  return std::uint64_t{area_unit(slot, area)} * storage_->geometry().unit_bytes;
}

std::uint32_t Screens::data_offset() const {
  return queue::round_up(area_header_size, storage_->geometry().program_bytes);
}

std::uint8_t Screens::other_area(ScreenSlot slot) const {
  return kept(slot) && kept(slot)->area == 0 ? 1 : 0;
}

void Screens::recover() {
  if (storage_ &&
      (area_units() == 0 || storage_->geometry().program_bytes > StorageWriter::max_page)) {
    storage_ = nullptr;
  }
  if (!storage_) return;
  for (std::size_t i = 0; i < kept_slots; ++i) {
    const auto slot = static_cast<ScreenSlot>(i + 1);
    for (std::uint8_t area = 0; area < 2; ++area) {
      std::uint8_t raw[area_header_size];
      if (!storage_->read(area_offset(slot, area), raw)) continue;
      queue::Reader r(Bytes(raw).subspan(sizeof area_magic));
      const auto of_slot = r.number<std::uint8_t>();
      Kept found;
      found.area = area;
      found.content.width = r.number<std::uint16_t>();
      found.content.height = r.number<std::uint16_t>();
      found.content.bytes = r.number<std::uint32_t>();
      r.bytes(found.content.digest);
      found.generation = r.number<std::uint32_t>();
      const bool whole =
          std::equal(area_magic, area_magic + sizeof area_magic, raw) &&
          r.number<std::uint32_t>() == protocol::crc32(Bytes(raw).first(area_header_size - 4));
      if (!whole || of_slot != i + 1) continue;
      if (!kept_[i] || found.generation > kept_[i]->generation) kept_[i] = found;
    }
  }
}

std::unexpected<BulkResult> Screens::refuse(BulkResult why) {
  if (why == BulkResult::storage) {
    ++storage_errors_;
  } else {
    ++rejected_;
  }
  return std::unexpected(why);
}

std::expected<std::uint32_t, BulkResult> Screens::begin(const protocol::BulkOffer& offer) {
  taking_ = Taking::nothing;
  if (announced_.screen == 0 || offer.subject != announced_.screen || offer.bytes == 0) {
    return refuse(BulkResult::refused);
  }
  const ScreenSlot slot = announced_.slot;
  coming_ = {slot, {offer.bytes, offer.digest, announced_.width, announced_.height}};
  if (slot == ScreenSlot::live) {
    live_complete_ = false;
    if (offer.bytes > memory_.live.size()) return refuse(BulkResult::refused);
    live_ = {announced_.screen, coming_.content};
    taking_ = Taking::live;
    return 0;
  }
  const bool fits = storage_ && is_kept_slot(slot) &&
                    data_offset() + std::uint64_t{offer.bytes} <=
                        std::uint64_t{area_units()} * storage_->geometry().unit_bytes;
  if (!fits) return refuse(BulkResult::refused);
  if (keeps(slot) && kept(slot)->content == coming_.content) {
    taking_ = Taking::kept;
    return offer.bytes;
  }
  if (part_ != coming_ && !start_part(coming_)) return refuse(BulkResult::storage);
  taking_ = Taking::part;
  return writer_.size();
}

bool Screens::held(std::uint32_t offset, MutableBytes out) {
  if (taking_ == Taking::part) return writer_.read(offset, out);
  if (taking_ != Taking::kept) return false;
  const std::uint64_t at = area_offset(coming_.slot, kept(coming_.slot)->area) + data_offset();
  return storage_->read(at + offset, out).has_value();
}

bool Screens::write(std::uint32_t offset, Bytes content) {
  if (taking_ == Taking::live) {
    std::ranges::copy(content, memory_.live.data() + offset);
    return true;
  }
  // What was held could not be read back: all of it comes again.
  const bool again = offset == 0 && (taking_ == Taking::kept || writer_.size() != 0);
  bool done = !again || start_part(coming_);
  taking_ = Taking::part;
  done = done && offset == writer_.size() && writer_.append(content);
  if (!done) {
    part_.reset();
    ++storage_errors_;
  }
  return done;
}

BulkResult Screens::end(BulkResult result) {
  const Taking taken = taking_;
  taking_ = Taking::nothing;
  if (taken == Taking::live) live_complete_ = result == BulkResult::complete;
  // The next offer then goes to the other area.
  if (taken == Taking::kept && result == BulkResult::digest) drop(coming_.slot);
  if (taken != Taking::part) return result;
  if (result == BulkResult::complete && !finish_part()) {
    ++storage_errors_;
    result = BulkResult::storage;
  }
  const bool goes_on = result == BulkResult::cancelled || result == BulkResult::stalled;
  if (!goes_on) part_.reset();
  return result;
}

bool Screens::start_part(const Part& part) {
  part_.reset();
  if (!writer_.begin(*storage_, area_unit(part.slot, other_area(part.slot)), data_offset(),
                     part.content.bytes)) {
    return false;
  }
  part_ = part;
  return true;
}

bool Screens::finish_part() {
  if (!writer_.finish()) return false;
  const ScreenSlot slot = part_->slot;
  const auto& before = kept(slot);
  const Kept now{other_area(slot), before ? before->generation + 1 : 1, part_->content};
  const MutableBytes page = memory_.work.first(data_offset());
  queue::Writer w(page.data());
  w.bytes(area_magic);
  w.number(static_cast<std::uint8_t>(slot));
  w.number(now.content.width);
  w.number(now.content.height);
  w.number(now.content.bytes);
  w.bytes(now.content.digest);
  w.number(now.generation);
  w.number(protocol::crc32(page.first(w.size())));
  std::ranges::fill(page.subspan(w.size()), std::uint8_t{0xff});
  if (!storage_->program(area_offset(slot, now.area), page) || !storage_->sync()) return false;
  kept(slot) = now;
  ++stored_;
  return true;
}

void Screens::forget_live() {
  taking_ = Taking::nothing;
  live_complete_ = false;
  announced_ = {};
}

void Screens::show_live() {
  MemorySource source(memory_.live.first(live_.content.bytes));
  const hal::Size size{live_.content.width, live_.content.height};
  if (!unpacker_.draw(display_, size, source)) ++unreadable_;
}

bool Screens::show(ScreenSlot slot) {
  const bool damaged = keeps(slot) && !intact(slot);
  if (damaged) drop(slot);
  if (keeps(slot)) {
    const Kept& shown = *kept(slot);
    StorageSource source(*storage_, area_offset(slot, shown.area) + data_offset(),
                         shown.content.bytes);
    if (unpacker_.draw(display_, {shown.content.width, shown.content.height}, source)) return true;
    ++unreadable_;
  }
  draw_pictogram(display_, slot, memory_.pixels);
  return !damaged;
}

// Nothing is being unpacked: its memory is there to read into.
bool Screens::intact(ScreenSlot slot) {
  const Kept& shown = *kept(slot);
  StorageSource source(*storage_, area_offset(slot, shown.area) + data_offset(),
                       shown.content.bytes);
  const MutableBytes piece = memory_.work.first(std::min<std::size_t>(memory_.work.size(), 1024));
  crypto::Sha256 hash;
  while (const std::size_t size = source.read(piece)) hash.add(piece.first(size));
  return hash.finish() == shown.content.digest;
}

void Screens::drop(ScreenSlot slot) {
  kept(slot)->damaged = true;
  ++damaged_;
}

void Screens::show_number(std::uint32_t number) {
  draw_number(display_, number, memory_.pixels);
}

}  // namespace rollcall::firmware
