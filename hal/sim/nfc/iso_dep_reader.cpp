#include "hal/sim/nfc/iso_dep_reader.hpp"

#include <algorithm>

#include "hal/sim/nfc/iso_dep.hpp"

namespace rollcall::hal::sim {

using namespace iso_dep;

namespace {

constexpr std::uint8_t fsdi = 5;  // 64 bytes, the chip's buffer

ByteVector information(std::uint8_t number, bool more, Bytes data) {
  ByteVector block{static_cast<std::uint8_t>(i_block | number | (more ? chaining_bit : 0))};
  block.insert(block.end(), data.begin(), data.end());
  return block;
}

// FWT = 256 * 16 / fc * 2^FWI (5.2.5); a byte of nine bits takes 9 * 128 / fc.
std::size_t frame_waiting_time(Bytes ats) {
  constexpr std::uint8_t has_ta = 0x10, has_tb = 0x20;
  std::uint8_t fwi = 4;
  if (ats.size() > 1 && (ats[1] & has_tb) != 0) {
    const std::size_t tb = (ats[1] & has_ta) != 0 ? 3 : 2;
    if (tb < ats.size()) fwi = ats[tb] >> 4;
  }
  return (std::size_t{256 * 16} << fwi) / (9 * 128);
}

}  // namespace

std::expected<CardAnswer, RfError> IsoDepReader::send(RfField& field, Bytes block) const {
  auto answer = field.exchange(block);
  if (!answer) field.wait(card_time_);
  return answer;
}

std::expected<ByteVector, RfError> IsoDepReader::activate(RfField& field) {
  number_ = 0;
  const std::uint8_t command[] = {rats, fsdi << 4};
  auto answer = field.exchange(command);
  if (!answer) return std::unexpected(answer.error());
  ByteVector& ats = answer->bytes;
  if (ats[0] != ats.size()) return std::unexpected(RfError::protocol);
  card_frame_ = frame_size(ats.size() > 1 ? ats[1] & 0x0f : 2);
  card_time_ = frame_waiting_time(ats);
  return std::move(ats);
}

std::expected<void, RfError> IsoDepReader::set_speed(RfField& field, std::uint8_t divisors) {
  const std::uint8_t command[] = {pps, 0x11, divisors};
  const auto answer = send(field, command);
  if (!answer) return std::unexpected(answer.error());
  if (answer->bytes != ByteVector{pps}) return std::unexpected(RfError::protocol);
  return {};
}

std::expected<ByteVector, RfError> IsoDepReader::transceive(RfField& field, Bytes command) {
  ByteVector result;
  ByteVector sent;       // the last I-block
  std::size_t part = 0;  // bytes of `command` in it
  const auto next_information = [&] {
    command = command.subspan(part);
    part = std::min(card_frame_ - 3, command.size());
    return sent = information(number_, part < command.size(), command.first(part));
  };

  ByteVector block = next_information();
  bool receiving = false;
  for (unsigned failures = 0; failures <= retries;) {
    const auto answer = send(field, block);
    const auto again = [&](RfError error) -> std::optional<RfError> {
      // Rules 4 and 5 of 7.5.4.
      block = {static_cast<std::uint8_t>((receiving ? r_ack : r_nak) | number_)};
      return ++failures > retries ? std::optional(error) : std::nullopt;
    };
    if (!answer || answer->nibble) {
      if (const auto error = again(answer ? RfError::framing : answer.error()))
        return std::unexpected(*error);
      continue;
    }
    const ByteVector& in = answer->bytes;
    const std::uint8_t pcb = in[0];
    const std::uint8_t number = pcb & number_bit;
    if (is_waiting(pcb) && in.size() == 2) {
      field.wait(card_time_);  // the card asks when its time is nearly over
      block = {s_wtx, std::min<std::uint8_t>(in[1] & 0x3f, wtx_most)};
    } else if (is_receipt(pcb) && !is_negative(pcb) && number != number_) {
      block = sent;  // rule 6
      ++failures;
    } else if (is_receipt(pcb) && !is_negative(pcb) && part < command.size()) {
      number_ ^= 1;
      block = next_information();
      failures = 0;
    } else if (is_information(pcb) && number == number_ && (pcb & (cid_bit | nad_bit)) == 0) {
      number_ ^= 1;
      result.insert(result.end(), in.begin() + 1, in.end());
      if ((pcb & chaining_bit) == 0) return result;
      if (result.size() > answer_most) return std::unexpected(RfError::buffer);
      receiving = true;
      block = {static_cast<std::uint8_t>(r_ack | number_)};
      failures = 0;
    } else if (const auto error = again(RfError::protocol)) {
      return std::unexpected(*error);
    }
  }
  return std::unexpected(RfError::protocol);
}

bool IsoDepReader::deselect(RfField& field) {
  const std::uint8_t block[] = {s_deselect};
  const auto answer = send(field, block);
  return answer && is_deselect(answer->bytes[0]);
}

std::expected<void, RfError> IsoDepReader::check_presence(RfField& field) {
  const std::uint8_t block[] = {static_cast<std::uint8_t>(r_nak | number_)};
  const auto answer = send(field, block);
  if (!answer) return std::unexpected(answer.error());
  if (!is_receipt(answer->bytes[0])) return std::unexpected(RfError::protocol);
  return {};
}

}  // namespace rollcall::hal::sim
