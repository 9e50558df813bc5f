#include "firmware/log/transfer.hpp"

#include <algorithm>

namespace rollcall::firmware {

LogTransfer::Content LogTransfer::begin(const LogRing& log) {
  log_ = &log;
  end_ = log.end();
  first_ = log.first();
  if (end_ - first_ > log_capacity - spare) first_ = end_ - (log_capacity - spare);
  Content content;
  crypto::Sha256 hash;
  for (rewind(); entry_ != end_; ++entry_) {
    render();
    hash.add({reinterpret_cast<const std::uint8_t*>(line_), line_size_});
    content.bytes += static_cast<std::uint32_t>(line_size_);
  }
  content.digest = hash.finish();
  if (content.bytes == 0) stop();
  rewind();
  return content;
}

bool LogTransfer::read(std::uint32_t offset, MutableBytes out) {
  if (!log_) return false;
  if (offset < line_offset_) rewind();
  while (!out.empty()) {
    if (entry_ == end_ || log_->end() - first_ > log_capacity) return false;
    if (line_size_ == 0) render();
    const std::size_t in_line = offset - line_offset_;
    if (in_line < line_size_) {
      const std::size_t size = std::min<std::size_t>(out.size(), line_size_ - in_line);
      std::copy_n(line_ + in_line, size, out.begin());
      out = out.subspan(size);
      offset += static_cast<std::uint32_t>(size);
      continue;
    }
    line_offset_ += static_cast<std::uint32_t>(line_size_);
    line_size_ = 0;
    ++entry_;
  }
  return true;
}

void LogTransfer::rewind() {
  entry_ = first_;
  line_offset_ = 0;
  line_size_ = 0;
}

void LogTransfer::render() {
  const auto entry = log_->at(entry_);
  line_size_ = entry ? write_line(*entry, line_) : 0;
}

}  // namespace rollcall::firmware
