// Frames between a host and a PN532 over its serial line (UM0701-02 6.2.1).
#pragma once

#include <array>
#include <optional>

#include "hal/sim/nfc/virtual_card.hpp"

namespace rollcall::hal::sim {

inline constexpr std::uint8_t host_to_chip = 0xd4;  // frame identifier, first byte of the data
inline constexpr std::uint8_t chip_to_host = 0xd5;

inline constexpr std::array<std::uint8_t, 6> ack_frame{0x00, 0x00, 0xff, 0x00, 0xff, 0x00};
inline constexpr std::array<std::uint8_t, 6> nack_frame{0x00, 0x00, 0xff, 0xff, 0x00, 0x00};
// Application level error: the chip cannot make sense of a command.
inline constexpr std::array<std::uint8_t, 8> error_frame{0x00, 0x00, 0xff, 0x01,
                                                         0xff, 0x7f, 0x81, 0x00};

// Largest data of an extended frame, identifier included.
inline constexpr std::size_t data_most = 265;

// A normal frame up to 255 bytes of data, an extended one above; identifier included.
ByteVector encode_frame(Bytes data);

struct HostFrame {
  enum class Kind : std::uint8_t { data, ack, nack };
  Kind kind = Kind::data;
  ByteVector data;  // identifier included
};

// Finds frames in a stream of bytes. Whatever is no frame is skipped in silence, as the chip does:
// wrong checksums of length or data, lengths of 0 or too many bytes.
class HostFrameReader {
 public:
  std::optional<HostFrame> push(std::uint8_t byte);
  void reset() { bytes_.clear(); }

 private:
  std::optional<HostFrame> restart();

  ByteVector bytes_;  // since the start code 00 FF, the code included
};

}  // namespace rollcall::hal::sim
