// MIFARE DESFire EV1 from the reader's end, with AES keys: native commands wrapped in short APDUs
// (ISO/IEC 7816-4 5.1, class 90), AuthenticateAES, and what a session puts around its commands. The
// same as libfreefare speaks, which tests/conformance/nfc holds it against.
#pragma once

#include <optional>

#include "daemon/credentials/aes.hpp"

namespace rollcall::credentials::desfire {

enum class Instruction : std::uint8_t {
  write_data = 0x3d,
  select_application = 0x5a,
  authenticate_aes = 0xaa,
  additional_frame = 0xaf,
  read_data = 0xbd,
  change_key = 0xc4,
  create_application = 0xca,
  create_standard_file = 0xcd,
  delete_application = 0xda,
};

// Those that are told apart here; a card may say others.
enum class Status : std::uint8_t {
  ok = 0x00,
  illegal_command = 0x1c,
  no_such_key = 0x40,
  permission_denied = 0x9d,
  application_not_found = 0xa0,
  authentication_error = 0xae,
  additional_frame = 0xaf,
  boundary_error = 0xbe,
  file_not_found = 0xf0,
};

using Command = Bounded<64>;  // a whole APDU
inline constexpr std::size_t max_command_data = Command::capacity() - 6;

// Header, `data` (at most max_command_data bytes; more end the program) and Le.
Command wrapped(Instruction instruction, Bytes data);

struct Answer {
  Status status = Status::ok;
  Bytes data;  // of the response it was unwrapped from
};

// Nothing when the response does not end with 91 and a status.
std::optional<Answer> unwrapped(Bytes response);

// What AuthenticateAES leaves: a key of this session alone and a vector that runs through it.
// Owns both and wipes the key.
class Session {
 public:
  static constexpr std::size_t mac_size = 8;
  static constexpr std::size_t crc_size = 4;

  // Of both sides' random numbers.
  Session(const Secret& ours, const Secret& theirs);

  // A command that goes as it is: the vector runs over it all the same.
  Command plain(Instruction instruction, Bytes data);
  // A command whose data after `header` are enciphered, with the CRC-32 of the whole command.
  Command enciphered(Instruction instruction, Bytes header, Bytes data) {
    return enciphered(instruction, header, data, {});
  }
  // ChangeKey of a key that is zeros. `own`: of the one this session was made with; the session is
  // then over, and the answer has no MAC.
  Command change_key(std::uint8_t number, const Secret& to, std::uint8_t version, bool own);

  // Whether `mac` is that of an answer `ok` without data.
  bool confirms(Bytes mac);
  // Deciphers the data of an answer `ok`, as many as `out` has. False when `sealed` is not of that
  // size, its CRC-32 is wrong or its padding is not zeros; `out` is then of no use.
  bool open(Bytes sealed, MutableBytes out);
  static constexpr std::size_t sealed_size(std::size_t size) {
    return (size + crc_size + block_size - 1) / block_size * block_size;
  }

 private:
  Command enciphered(Instruction instruction, Bytes header, Bytes data, Bytes appendix);

  Secret key_;
  Block vector_{};
};

// One AuthenticateAES: each side shows that it holds the key. Wipes its copies.
class Authentication {
 public:
  static constexpr std::size_t challenge_size = block_size;
  static constexpr std::size_t proof_size = 2 * block_size;

  // Asks the card for its challenge.
  static Command begin(std::uint8_t key_number);

  // `random`: 16 fresh bytes, never used again.
  Authentication(const Secret& key, const Secret& random) : key_(key), ours_(random) {}

  // Our proof for the card's challenge of challenge_size bytes.
  std::array<std::uint8_t, proof_size> prove(Bytes challenge);
  // The card's proof, after ours. Nothing when it does not hold the key.
  std::optional<Session> check(Bytes proof) const;

 private:
  Secret key_;
  Secret ours_;
  Secret theirs_;
  Block vector_{};
};

}  // namespace rollcall::credentials::desfire
