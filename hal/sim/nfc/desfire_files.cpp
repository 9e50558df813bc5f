// Files of a DESFire application: standard data files, read and written plain, with a MAC or
// enciphered.
#include <algorithm>

#include "hal/sim/nfc/desfire_ev1.hpp"

namespace rollcall::hal::sim {

using namespace desfire;

namespace {

constexpr std::uint8_t file_most = 31;  // highest number
constexpr std::uint8_t standard_data = 0x00;

// Positions of rights in a file's access rights, and their special values.
constexpr unsigned to_read = 12;
constexpr unsigned to_write = 8;
constexpr unsigned to_read_and_write = 4;
constexpr std::uint8_t free_for_all = 0x0e;
constexpr std::uint8_t never = 0x0f;

// Number of a file, offset and size: 1, 3 and 3 bytes.
constexpr std::size_t range_header = 7;

std::uint8_t right_of(std::uint16_t rights, unsigned position) {
  return static_cast<std::uint8_t>(rights >> position & 0x0f);
}

}  // namespace

DesfireEv1::Reply DesfireEv1::file_ids() {
  if (on_card_level()) return failed(Status::permission_denied);
  if ((current().settings & free_listing) == 0 && !authenticated_with(0))
    return failed(Status::authentication);
  ByteVector ids;
  for (const auto& [number, file] : current().files) ids.push_back(number);
  return done(ids);
}

DesfireEv1::Reply DesfireEv1::file_settings(Bytes in) {
  if (in.size() != 1) return failed(Status::length);
  if ((current().settings & free_listing) == 0 && !authenticated_with(0))
    return failed(Status::authentication);
  const auto found = current().files.find(in[0]);
  if (found == current().files.end()) return failed(Status::file_not_found);
  const File& file = found->second;
  const std::size_t size = file.data.size();
  return done(ByteVector{standard_data, static_cast<std::uint8_t>(file.communication),
                         static_cast<std::uint8_t>(file.rights),
                         static_cast<std::uint8_t>(file.rights >> 8),
                         static_cast<std::uint8_t>(size), static_cast<std::uint8_t>(size >> 8),
                         static_cast<std::uint8_t>(size >> 16)});
}

DesfireEv1::Reply DesfireEv1::create_data_file(Bytes in) {
  if (in.size() != 7) return failed(Status::length);
  if (on_card_level()) return failed(Status::permission_denied);
  if ((current().settings & free_create_delete) == 0 && !authenticated_with(0))
    return failed(Status::authentication);
  const std::uint8_t number = in[0];
  const std::uint32_t size = little_endian(in.subspan(4, 3));
  if (number > file_most || in[1] > 3 || in[1] == 2 || size == 0) return failed(Status::parameter);
  if (current().files.contains(number)) return failed(Status::duplicate);
  if (free_memory() < memory_of(size)) return failed(Status::out_of_memory);
  current().files[number] = {.communication = static_cast<Communication>(in[1]),
                             .rights = static_cast<std::uint16_t>(little_endian(in.subspan(2, 2))),
                             .data = ByteVector(size)};
  return done();
}

DesfireEv1::Reply DesfireEv1::delete_file(Bytes in) {
  if (in.size() != 1) return failed(Status::length);
  if ((current().settings & free_create_delete) == 0 && !authenticated_with(0))
    return failed(Status::authentication);
  if (current().files.erase(in[0]) == 0) return failed(Status::file_not_found);
  return done();
}

std::expected<DesfireEv1::Communication, DesfireEv1::Status> DesfireEv1::access(
    const File& file, unsigned right) const {
  const std::uint8_t one = right_of(file.rights, right);
  const std::uint8_t both = right_of(file.rights, to_read_and_write);
  if (session_ && (session_key_ == one || session_key_ == both)) return file.communication;
  if (one == free_for_all || both == free_for_all) return Communication::plain;
  return std::unexpected(one == never && both == never ? Status::permission_denied
                                                       : Status::authentication);
}

DesfireEv1::Reply DesfireEv1::read_data(Bytes in) {
  if (in.size() != range_header) return failed(Status::length);
  const auto found = current().files.find(in[0]);
  if (found == current().files.end()) return failed(Status::file_not_found);
  const File& file = found->second;
  const auto how = access(file, to_read);
  if (!how) return failed(how.error());
  const std::size_t offset = little_endian(in.subspan(1, 3));
  std::size_t size = little_endian(in.subspan(4, 3));
  const bool to_the_end = size == 0;
  if (offset >= file.data.size()) return failed(Status::boundary);
  if (to_the_end) size = file.data.size() - offset;
  if (size > file.data.size() - offset) return failed(Status::boundary);
  const Bytes data = Bytes(file.data).subspan(offset, size);
  // Who does not know how much there is finds the end by its padding.
  constexpr std::uint8_t end_mark = 0x80;
  if (*how == Communication::enciphered) return enciphered(data, to_the_end ? end_mark : 0);
  return done(data);
}

DesfireEv1::Reply DesfireEv1::write_data(Bytes in) {
  if (in.size() < range_header) return failed(Status::length);
  const Bytes header = in.first(range_header);
  const auto found = current().files.find(in[0]);
  if (found == current().files.end()) return failed(Status::file_not_found);
  const auto how = access(found->second, to_write);
  if (!how) return failed(how.error());
  Writing writing;
  writing.file = in[0];
  writing.how = *how;
  writing.offset = little_endian(in.subspan(1, 3));
  writing.size = little_endian(in.subspan(4, 3));
  const std::size_t room = found->second.data.size();
  if (writing.size == 0) return failed(Status::parameter);
  if (writing.offset > room || writing.size > room - writing.offset)
    return failed(Status::boundary);
  writing.command = {0x3d};
  writing.command.insert(writing.command.end(), header.begin(), header.end());
  const Bytes data = in.subspan(range_header);
  writing.data.assign(data.begin(), data.end());
  writing_ = std::move(writing);
  return write_when_complete();
}

DesfireEv1::Reply DesfireEv1::write_when_complete() {
  const std::size_t size = writing_->size;
  std::size_t whole = size;
  if (writing_->how == Communication::maced) whole += mac_size;
  if (writing_->how == Communication::enciphered)
    whole = (size + crc_size + block_size - 1) / block_size * block_size;
  if (writing_->data.size() < whole) return {Status::additional_frame, {}};
  if (writing_->data.size() > whole) return failed(Status::length);

  const Writing writing = std::move(*writing_);
  writing_.reset();
  ByteVector data = writing.data;
  ByteVector covered = writing.command;
  if (writing.how == Communication::enciphered) {
    data = session_->decrypted(data);
    covered.insert(covered.end(), data.begin(), data.begin() + static_cast<std::ptrdiff_t>(size));
    if (!std::ranges::equal(Bytes(data).subspan(size, crc_size), crc32(covered)))
      return failed(Status::integrity);
  } else if (session_) {
    covered.insert(covered.end(), data.begin(), data.begin() + static_cast<std::ptrdiff_t>(size));
    const Mac mac = session_->mac(covered);
    if (writing.how == Communication::maced && !std::ranges::equal(Bytes(data).subspan(size), mac))
      return failed(Status::integrity);
  }
  std::copy_n(
      data.begin(), size,
      current().files.at(writing.file).data.begin() + static_cast<std::ptrdiff_t>(writing.offset));
  return done();
}

}  // namespace rollcall::hal::sim
