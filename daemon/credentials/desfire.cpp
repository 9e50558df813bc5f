#include "daemon/credentials/desfire.hpp"

#include <algorithm>
#include <cstdlib>

#include <zlib.h>

#include "protocol/crypto/crypto.hpp"

namespace rollcall::credentials::desfire {
namespace {

constexpr std::uint8_t wrapped_class = 0x90;
constexpr std::uint8_t wrapped_status = 0x91;

void append(Command& to, Bytes data) {
  if (data.size() > Command::capacity() - to.size) std::abort();
  std::ranges::copy(data, to.data + to.size);
  to.size = static_cast<std::uint16_t>(to.size + data.size());
}

// CRC-32 of IEEE 802.3 over parts, without the final inversion; lowest byte first.
class Crc {
 public:
  Crc& add(Bytes part) {
    // zlib takes an empty part without an address for a new start.
    if (!part.empty()) value_ = crc32_z(value_, part.data(), part.size());
    return *this;
  }
  std::array<std::uint8_t, Session::crc_size> bytes() const {
    const auto value = static_cast<std::uint32_t>(~value_);
    return {static_cast<std::uint8_t>(value), static_cast<std::uint8_t>(value >> 8),
            static_cast<std::uint8_t>(value >> 16), static_cast<std::uint8_t>(value >> 24)};
  }

 private:
  uLong value_ = 0;
};

Secret rotated_left(const Secret& secret) {
  Secret out = secret;
  std::ranges::rotate(out.bytes(), out.bytes().begin() + 1);
  return out;
}

}  // namespace

Command wrapped(Instruction instruction, Bytes data) {
  Command command;
  if (data.size() > max_command_data) std::abort();
  const std::uint8_t header[] = {wrapped_class, static_cast<std::uint8_t>(instruction), 0, 0,
                                 static_cast<std::uint8_t>(data.size())};
  constexpr std::uint8_t any_length[] = {0};
  append(command, data.empty() ? Bytes(header).first(4) : Bytes(header));
  append(command, data);
  append(command, any_length);
  return command;
}

std::optional<Answer> unwrapped(Bytes response) {
  if (response.size() < 2 || response[response.size() - 2] != wrapped_status) return {};
  return Answer{.status = static_cast<Status>(response.back()),
                .data = response.first(response.size() - 2)};
}

Session::Session(const Secret& ours, const Secret& theirs) {
  constexpr std::size_t part = 4;
  const auto out = key_.bytes();
  std::ranges::copy(ours.view().first(part), out.begin());
  std::ranges::copy(theirs.view().first(part), out.subspan(part).begin());
  std::ranges::copy(ours.view().last(part), out.subspan(2 * part).begin());
  std::ranges::copy(theirs.view().last(part), out.subspan(3 * part).begin());
}

Command Session::plain(Instruction instruction, Bytes data) {
  const Command command = wrapped(instruction, data);
  std::array<std::uint8_t, 1 + max_command_data> native{static_cast<std::uint8_t>(instruction)};
  std::ranges::copy(data, native.begin() + 1);
  cmac(key_, vector_, Bytes(native).first(1 + data.size()));
  return command;
}

Command Session::enciphered(Instruction instruction, Bytes header, Bytes data, Bytes appendix) {
  const std::uint8_t first[] = {static_cast<std::uint8_t>(instruction)};
  auto crc = Crc().add(first).add(header).add(data).bytes();
  Command plain;
  append(plain, header);
  append(plain, data);
  append(plain, crc);
  crypto::wipe(crc);
  append(plain, appendix);
  constexpr Block zeros{};
  const std::size_t secret = plain.size - header.size();
  append(plain, Bytes(zeros).first((block_size - secret % block_size) % block_size));
  encrypt(key_, vector_, MutableBytes(plain.data, plain.size).subspan(header.size()));
  return wrapped(instruction, plain.view());
}

Command Session::change_key(std::uint8_t number, const Secret& to, std::uint8_t version, bool own) {
  const std::uint8_t header[] = {number};
  // Another key than the session's comes as the difference to what it was, with a CRC of its own.
  std::array<std::uint8_t, block_size + 1> data{};
  std::ranges::copy(to.view(), data.begin());
  data[block_size] = version;
  auto crc = Crc().add(to.view()).bytes();
  const Command command =
      enciphered(Instruction::change_key, header, data, own ? Bytes() : Bytes(crc));
  crypto::wipe(data);
  crypto::wipe(crc);
  return command;
}

bool Session::confirms(Bytes mac) {
  constexpr std::uint8_t answer[] = {static_cast<std::uint8_t>(Status::ok)};
  cmac(key_, vector_, answer);
  return crypto::equal(Bytes(vector_).first(mac_size), mac);
}

bool Session::open(Bytes sealed, MutableBytes out) {
  Command plain;
  if (sealed.size() != sealed_size(out.size()) || !plain.assign(sealed)) return false;
  decrypt(key_, vector_, MutableBytes(plain.data, plain.size));
  std::ranges::copy(plain.view().first(out.size()), out.begin());
  constexpr std::uint8_t status[] = {static_cast<std::uint8_t>(Status::ok)};
  const auto crc = Crc().add(out).add(status).bytes();
  constexpr Block zeros{};
  const Bytes rest = plain.view().subspan(out.size());
  const bool whole =
      crypto::equal(rest.first(crc_size), crc) &&
      crypto::equal(rest.subspan(crc_size), Bytes(zeros).first(rest.size() - crc_size));
  crypto::wipe(plain.data);
  return whole;
}

Command Authentication::begin(std::uint8_t key_number) {
  const std::uint8_t data[] = {key_number};
  return wrapped(Instruction::authenticate_aes, data);
}

std::array<std::uint8_t, Authentication::proof_size> Authentication::prove(Bytes challenge) {
  std::ranges::copy(challenge.first(challenge_size), theirs_.bytes().begin());
  vector_ = {};
  decrypt(key_, vector_, theirs_.bytes());
  std::array<std::uint8_t, proof_size> proof{};
  std::ranges::copy(ours_.view(), proof.begin());
  std::ranges::copy(rotated_left(theirs_).view(), proof.begin() + block_size);
  encrypt(key_, vector_, proof);
  return proof;
}

std::optional<Session> Authentication::check(Bytes proof) const {
  Secret shown;
  if (proof.size() != block_size) return {};
  std::ranges::copy(proof, shown.bytes().begin());
  Block vector = vector_;
  decrypt(key_, vector, shown.bytes());
  if (shown != rotated_left(ours_)) return {};
  return Session(ours_, theirs_);
}

}  // namespace rollcall::credentials::desfire
