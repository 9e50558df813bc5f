#include "firmware/console/serial_store.hpp"

#include <algorithm>

namespace rollcall::firmware {
namespace {

constexpr KeptRecord::Format format{
    .kind = queue::RecordKind::serial,
    .magic = {'R', 'C', 'S', 'E', 'R', 'I', 'A', 'L'},
    .version = 1,
    .max_body = 32,
    .is_whole = is_serial,
};

SerialError error_of(KeptError error) {
  return error == KeptError::storage ? SerialError::storage : SerialError::bad_geometry;
}

}  // namespace

bool is_serial(Bytes text) {
  return !text.empty() && text.size() <= 32 && std::ranges::all_of(text, [](std::uint8_t c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-';
  });
}

SerialStore::SerialStore(hal::Storage& storage) : record_(storage, format) {}

std::expected<Serial, SerialError> SerialStore::load() {
  KeptRecord::Buffer buffer;
  const auto found = record_.find(buffer);
  if (!found) return std::unexpected(error_of(found.error()));
  if (found->newer_format) return std::unexpected(SerialError::newer_format);
  if (found->body.empty()) return std::unexpected(SerialError::none);
  Serial serial;
  serial.assign(found->body);
  return serial;
}

std::expected<void, SerialError> SerialStore::set(const Serial& serial) {
  KeptRecord::Buffer buffer;
  const auto before = record_.find(buffer);
  if (!before) return std::unexpected(error_of(before.error()));
  if (before->newer_format) return std::unexpected(SerialError::newer_format);
  if (before->generation != 0) return std::unexpected(SerialError::already_set);
  if (!record_.replace(*before, serial.view())) return std::unexpected(SerialError::storage);
  return {};
}

}  // namespace rollcall::firmware
