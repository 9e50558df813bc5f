#include "firmware/terminal/storage_writer.hpp"

#include <algorithm>

#include "firmware/queue/format.hpp"

namespace rollcall::firmware {

bool StorageWriter::begin(hal::Storage& storage, std::uint32_t first_unit, std::uint32_t lead,
                          std::uint32_t bytes) {
  const hal::Geometry geometry = storage.geometry();
  storage_ = &storage;
  base_ = std::uint64_t{first_unit} * geometry.unit_bytes + lead;
  page_bytes_ = std::max<std::uint32_t>(geometry.program_bytes, 64);
  written_ = filled_ = 0;
  const std::uint32_t units =
      queue::round_up(lead + bytes, geometry.unit_bytes) / geometry.unit_bytes;
  for (std::uint32_t unit = first_unit; unit < first_unit + units; ++unit) {
    if (!storage.erase(unit)) return false;
  }
  return true;
}

bool StorageWriter::append(Bytes content) {
  while (!content.empty()) {
    const std::size_t size = std::min<std::size_t>(content.size(), page_bytes_ - filled_);
    std::copy_n(content.begin(), size, page_ + filled_);
    filled_ += static_cast<std::uint32_t>(size);
    content = content.subspan(size);
    if (filled_ < page_bytes_) break;
    if (!storage_->program(base_ + written_, {page_, page_bytes_})) return false;
    written_ += page_bytes_;
    filled_ = 0;
  }
  return true;
}

bool StorageWriter::finish() {
  if (filled_ > 0) {
    const std::uint32_t size = queue::round_up(filled_, storage_->geometry().program_bytes);
    std::fill(page_ + filled_, page_ + size, std::uint8_t{0xff});
    if (!storage_->program(base_ + written_, {page_, size})) return false;
  }
  return storage_->sync().has_value();
}

bool StorageWriter::read(std::uint32_t offset, MutableBytes out) const {
  if (offset > size() || out.size() > size() - offset) return false;
  const std::size_t stored =
      offset < written_ ? std::min<std::size_t>(out.size(), written_ - offset) : 0;
  if (stored > 0 && !storage_->read(base_ + offset, out.first(stored))) return false;
  if (stored < out.size()) {
    const std::size_t in_page = offset + stored - written_;
    std::copy_n(page_ + in_page, out.size() - stored,
                out.begin() + static_cast<std::ptrdiff_t>(stored));
  }
  return true;
}

}  // namespace rollcall::firmware
