#include "firmware/terminal/screens.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "firmware/queue/format.hpp"
#include "protocol/frame.hpp"

namespace rollcall::firmware {

using protocol::ScreenSlot;

namespace {

// Area header: magic, slot, width, height, bytes, generation, CRC.
constexpr std::uint8_t area_magic[8] = {'R', 'C', 'S', 'C', 'R', 'E', 'E', 'N'};
constexpr std::size_t area_header_size = 8 + 1 + 2 + 2 + 4 + 4 + 4;
constexpr std::size_t max_page = 512;

bool is_kept_slot(ScreenSlot slot) {
  return slot >= ScreenSlot::idle && slot <= ScreenSlot::out_of_service;
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

Screens::Screens(hal::Display& display, hal::Storage* kept) : display_(display), storage_(kept) {
  if (storage_ && (area_units() == 0 || storage_->geometry().program_bytes > max_page))
    storage_ = nullptr;
}

std::uint32_t Screens::area_units() const {
  return storage_->geometry().units / (2 * kept_slots);
}

std::uint64_t Screens::area_offset(ScreenSlot slot, std::uint8_t area) const {
  const std::uint64_t index = (static_cast<std::uint64_t>(slot) - 1) * 2 + area;
  return index * area_units() * storage_->geometry().unit_bytes;
}

std::uint32_t Screens::data_offset() const {
  return queue::round_up(area_header_size, storage_->geometry().program_bytes);
}

void Screens::recover() {
  if (!storage_) return;
  for (std::size_t i = 0; i < kept_slots; ++i) {
    const auto slot = static_cast<ScreenSlot>(i + 1);
    for (std::uint8_t area = 0; area < 2; ++area) {
      std::uint8_t raw[area_header_size];
      if (!storage_->read(area_offset(slot, area), raw)) continue;
      queue::Reader r(Bytes(raw).subspan(sizeof area_magic));
      const auto of_slot = r.number<std::uint8_t>();
      Kept kept{area, r.number<std::uint16_t>(), r.number<std::uint16_t>(),
                r.number<std::uint32_t>(), r.number<std::uint32_t>()};
      const bool whole =
          std::equal(area_magic, area_magic + sizeof area_magic, raw) &&
          r.number<std::uint32_t>() == protocol::crc32(Bytes(raw).first(area_header_size - 4));
      if (!whole || of_slot != i + 1) continue;
      if (!kept_[i] || kept.generation > kept_[i]->generation) kept_[i] = kept;
    }
  }
}

void Screens::begin(const protocol::ScreenBegin& begin) {
  transfer_ = {};
  if (begin.slot == ScreenSlot::live) {
    live_complete_ = false;
    if (begin.screen == 0 || begin.bytes == 0 || begin.bytes > max_live_screen) {
      ++rejected_;
      return;
    }
    live_id_ = begin.screen;
    live_width_ = begin.width;
    live_height_ = begin.height;
    live_bytes_ = begin.bytes;
  } else {
    const bool fits = storage_ && is_kept_slot(begin.slot) && begin.bytes > 0 &&
                      data_offset() + std::uint64_t{begin.bytes} <=
                          std::uint64_t{area_units()} * storage_->geometry().unit_bytes;
    if (!fits) {
      ++rejected_;
      return;
    }
    const auto& now = held(begin.slot);
    transfer_.comparing = now && now->width == begin.width && now->height == begin.height &&
                          now->bytes == begin.bytes;
  }
  transfer_.active = true;
  transfer_.begin = begin;
  if (begin.slot != ScreenSlot::live && !transfer_.comparing) transfer_.active = start_writing();
}

void Screens::data(const protocol::ScreenData& data) {
  if (!transfer_.active || data.screen != transfer_.begin.screen) {
    ++rejected_;
    return;
  }
  // The link delivers in order; anything else is a host's mistake and ends the transfer.
  if (data.offset != transfer_.received ||
      data.data.size > transfer_.begin.bytes - transfer_.received) {
    transfer_.active = false;
    ++rejected_;
    return;
  }
  if (transfer_.begin.slot == ScreenSlot::live) {
    std::copy_n(data.data.data, data.data.size, live_ + data.offset);
    transfer_.received += data.data.size;
    if (transfer_.received == live_bytes_) {
      live_complete_ = true;
      transfer_.active = false;
    }
    return;
  }
  receive_kept(data.data.view());
}

void Screens::receive_kept(Bytes data) {
  if (transfer_.comparing) {
    std::uint8_t old[protocol::max_screen_chunk];
    const std::uint64_t at =
        area_offset(transfer_.begin.slot, held(transfer_.begin.slot)->area) + data_offset();
    const bool readable = storage_->read(at + transfer_.received, {old, data.size()}).has_value();
    if (!readable || std::memcmp(old, data.data(), data.size()) != 0)
      transfer_.active = start_writing();
  }
  if (!transfer_.active) return;
  if (!transfer_.comparing && !write_page_wise(data)) {
    transfer_.active = false;
    return;
  }
  transfer_.received += static_cast<std::uint32_t>(data.size());
  if (transfer_.received < transfer_.begin.bytes) return;
  transfer_.active = false;
  if (!transfer_.comparing) finish_kept();
}

std::uint8_t Screens::target_area() const {
  const auto& now = held(transfer_.begin.slot);
  return now && now->area == 0 ? 1 : 0;
}

// Erases the other area and copies there what was found equal so far.
bool Screens::start_writing() {
  const ScreenSlot slot = transfer_.begin.slot;
  const std::uint64_t target = area_offset(slot, target_area());
  const auto first = static_cast<std::uint32_t>(target / storage_->geometry().unit_bytes);
  for (std::uint32_t unit = first; unit < first + area_units(); ++unit) {
    if (!storage_->erase(unit)) return false;
  }
  transfer_.comparing = false;
  transfer_.written = 0;
  const std::uint32_t equal = std::exchange(transfer_.received, 0);
  while (transfer_.received < equal) {
    std::uint8_t chunk[256];
    const auto size = std::min<std::uint32_t>(sizeof chunk, equal - transfer_.received);
    const std::uint64_t from =
        area_offset(slot, held(slot)->area) + data_offset() + transfer_.received;
    if (!storage_->read(from, {chunk, size}) || !write_page_wise({chunk, size})) return false;
    transfer_.received += size;
  }
  return true;
}

// Collects whole program units in page_.
bool Screens::write_page_wise(Bytes data) {
  const std::uint32_t page = std::max<std::uint32_t>(storage_->geometry().program_bytes, 64);
  const std::uint64_t base = area_offset(transfer_.begin.slot, target_area()) + data_offset();
  std::uint32_t filled = transfer_.received - transfer_.written;
  while (!data.empty()) {
    const std::size_t size = std::min<std::size_t>(data.size(), page - filled);
    std::copy_n(data.begin(), size, page_ + filled);
    filled += static_cast<std::uint32_t>(size);
    data = data.subspan(size);
    if (filled < page) break;
    if (!storage_->program(base + transfer_.written, {page_, page})) return false;
    transfer_.written += page;
    filled = 0;
  }
  return true;
}

bool Screens::finish_kept() {
  const ScreenSlot slot = transfer_.begin.slot;
  const std::uint64_t target = area_offset(slot, target_area());
  const std::uint32_t program = storage_->geometry().program_bytes;
  if (const std::uint32_t rest = transfer_.received - transfer_.written; rest > 0) {
    const std::uint32_t size = queue::round_up(rest, program);
    std::fill(page_ + rest, page_ + size, std::uint8_t{0xff});
    if (!storage_->program(target + data_offset() + transfer_.written, {page_, size})) return false;
  }
  if (!storage_->sync()) return false;
  const auto& before = held(slot);
  const Kept kept{target_area(), transfer_.begin.width, transfer_.begin.height,
                  transfer_.begin.bytes, before ? before->generation + 1 : 1};
  queue::Writer w(page_);
  w.bytes(area_magic);
  w.number(static_cast<std::uint8_t>(slot));
  w.number(kept.width);
  w.number(kept.height);
  w.number(kept.bytes);
  w.number(kept.generation);
  w.number(protocol::crc32({page_, w.size()}));
  std::fill(page_ + w.size(), page_ + data_offset(), std::uint8_t{0xff});
  if (!storage_->program(target, {page_, data_offset()}) || !storage_->sync()) return false;
  kept_[static_cast<std::size_t>(slot) - 1] = kept;
  ++stored_;
  return true;
}

void Screens::forget_live() {
  transfer_.active = false;
  live_complete_ = false;
}

void Screens::show_live() {
  MemorySource source({live_, live_bytes_});
  if (!unpacker_.draw(display_, {live_width_, live_height_}, source)) ++unreadable_;
}

void Screens::show(ScreenSlot slot) {
  if (const auto& kept = held(slot)) {
    StorageSource source(*storage_, area_offset(slot, kept->area) + data_offset(), kept->bytes);
    if (unpacker_.draw(display_, {kept->width, kept->height}, source)) return;
    ++unreadable_;
  }
  draw_pictogram(display_, slot);
}

}  // namespace rollcall::firmware
