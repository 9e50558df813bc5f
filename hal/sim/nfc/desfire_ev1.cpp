// Framing, authentication and the card's own commands; files are in desfire_files.cpp.
#include "hal/sim/nfc/desfire_ev1.hpp"

#include <algorithm>

namespace rollcall::hal::sim {

using namespace desfire;

namespace {

constexpr std::size_t frame_data = 59;  // bytes of an answer in one frame
constexpr std::size_t applications_most = 28;
constexpr std::size_t keys_most = 14;
constexpr std::uint8_t aes_keys = 0x80;  // in a number of keys or a key's number

ByteVector joined(std::uint8_t first, Bytes rest) {
  ByteVector out{first};
  out.insert(out.end(), rest.begin(), rest.end());
  return out;
}

}  // namespace

DesfireEv1::DesfireEv1(Bytes uid, Entropy& entropy)
    : uid_(uid.begin(), uid.end()), entropy_(entropy) {
  uid_.resize(7);
  applications_[0].keys.resize(1);
}

CardIdentity DesfireEv1::identity() const {
  return {.atqa = 0x0344, .sak = 0x20, .uid = uid_};
}

ByteVector DesfireEv1::ats() const {
  return {0x06, 0x75, 0x77, 0x81, 0x02, 0x80};  // frames of 64 bytes
}

void DesfireEv1::application_reset() {
  selected_ = 0;
  session_.reset();
  challenge_.reset();
  writing_.reset();
  parts_.clear();
}

ByteVector DesfireEv1::apdu(Bytes command) {
  constexpr std::uint8_t wrapped = 0x90, wrapped_status = 0x91;
  constexpr std::uint8_t select_by_name[] = {0x00, 0xa4, 0x04, 0x00};
  constexpr std::uint8_t card_name[] = {0xd2, 0x76, 0x00, 0x00, 0x85, 0x01, 0x00};
  constexpr std::size_t header = 5;
  if (command.empty()) return {static_cast<std::uint8_t>(Status::length)};
  if (command[0] != wrapped && command[0] != 0x00) {
    Reply reply = run(command[0], command.subspan(1));
    return joined(static_cast<std::uint8_t>(reply.status), reply.data);
  }
  // CLA INS P1 P2 [Lc data] [Le]
  Bytes data;
  if (command.size() > header) {
    if (command.size() < header + command[4]) return {0x67, 0x00};
    data = command.subspan(header, command[4]);
  }
  if (command[0] == wrapped) {
    if (command.size() < header) return {0x67, 0x00};
    Reply reply = run(command[1], data);
    reply.data.insert(reply.data.end(), {wrapped_status, static_cast<std::uint8_t>(reply.status)});
    return reply.data;
  }
  if (command.size() < 4 || !std::ranges::equal(command.first(4), select_by_name))
    return {0x6d, 0x00};
  if (!std::ranges::equal(data, card_name)) return {0x6a, 0x82};
  application_reset();
  return {0x90, 0x00};
}

DesfireEv1::Reply DesfireEv1::run(std::uint8_t instruction, Bytes in) {
  constexpr std::uint8_t additional = 0xaf, select = 0x5a, authenticate_legacy = 0x0a,
                         authenticate_iso = 0x1a, authenticate_aes = 0xaa;
  if (instruction == additional) return additional_frame(in);
  challenge_.reset();
  writing_.reset();
  parts_.clear();
  switch (instruction) {
    case select:
      return select_application(in);
    case authenticate_aes:
      return authenticate(in);
    case authenticate_legacy:
    case authenticate_iso:
      return failed(Status::authentication);  // there are no DES keys
    default:
      return run_in_session(instruction, in);
  }
}

DesfireEv1::Reply DesfireEv1::run_in_session(std::uint8_t instruction, Bytes in) {
  constexpr std::uint8_t change_key_command = 0xc4, change_settings = 0x54, write_command = 0x3d;
  // These carry enciphered data; every other command runs through the session's vector.
  switch (instruction) {
    case change_key_command:
      return change_key(in);
    case change_settings:
      return change_key_settings(in);
    case write_command:
      return write_data(in);
    default:
      break;
  }
  if (session_) (void)session_->mac(joined(instruction, in));
  switch (instruction) {
    case 0x60:
      return version();
    case 0x6a:
      return application_ids();
    case 0xca:
      return create_application(in);
    case 0xda:
      return delete_application(in);
    case 0xfc:
      return format();
    case 0x6e: {
      const auto bytes = static_cast<std::uint32_t>(free_memory());
      return done(ByteVector{static_cast<std::uint8_t>(bytes),
                             static_cast<std::uint8_t>(bytes >> 8),
                             static_cast<std::uint8_t>(bytes >> 16)});
    }
    case 0x51:
      return card_uid();
    case 0x45:
      return key_settings();
    case 0x64:
      return key_version(in);
    case 0x6f:
      return file_ids();
    case 0xf5:
      return file_settings(in);
    case 0xcd:
      return create_data_file(in);
    case 0xdf:
      return delete_file(in);
    case 0xbd:
      return read_data(in);
    default:
      return failed(Status::illegal_command);
  }
}

// An error ends the session.
DesfireEv1::Reply DesfireEv1::failed(Status status) {
  session_.reset();
  challenge_.reset();
  writing_.reset();
  parts_.clear();
  return {status, {}};
}

// In a session the answer and its status are followed by their MAC.
ByteVector DesfireEv1::with_mac(Bytes data) {
  ByteVector out(data.begin(), data.end());
  if (!session_) return out;
  out.push_back(static_cast<std::uint8_t>(Status::ok));
  const Mac mac = session_->mac(out);
  out.pop_back();
  out.insert(out.end(), mac.begin(), mac.end());
  return out;
}

DesfireEv1::Reply DesfireEv1::done(Bytes data) {
  return in_parts(with_mac(data));
}

DesfireEv1::Reply DesfireEv1::enciphered(Bytes data, std::uint8_t padding) {
  ByteVector out(data.begin(), data.end());
  out.push_back(static_cast<std::uint8_t>(Status::ok));
  const auto crc = crc32(out);
  out.pop_back();
  out.insert(out.end(), crc.begin(), crc.end());
  if (padding != 0) out.push_back(padding);
  pad(out);
  return in_parts(session_->encrypted(out));
}

DesfireEv1::Reply DesfireEv1::in_parts(ByteVector data) {
  Bytes rest(data);
  do {
    const Bytes part = rest.first(std::min(frame_data, rest.size()));
    parts_.emplace_back(part.begin(), part.end());
    rest = rest.subspan(part.size());
  } while (!rest.empty());
  return next_part();
}

DesfireEv1::Reply DesfireEv1::next_part() {
  ByteVector part = std::move(parts_.front());
  parts_.pop_front();
  return {parts_.empty() ? Status::ok : Status::additional_frame, std::move(part)};
}

DesfireEv1::Reply DesfireEv1::additional_frame(Bytes in) {
  if (!parts_.empty()) return in.empty() ? next_part() : failed(Status::length);
  if (challenge_) return prove(in);
  if (writing_) {
    writing_->data.insert(writing_->data.end(), in.begin(), in.end());
    return write_when_complete();
  }
  return failed(Status::illegal_command);
}

// --- the card ---

DesfireEv1::Reply DesfireEv1::select_application(Bytes in) {
  if (in.size() != 3) return failed(Status::length);
  session_.reset();
  const std::uint32_t wanted = little_endian(in);
  if (!applications_.contains(wanted)) return failed(Status::application_not_found);
  selected_ = wanted;
  return {};
}

DesfireEv1::Reply DesfireEv1::authenticate(Bytes in) {
  session_.reset();
  if (in.size() != 1) return failed(Status::length);
  if (in[0] >= current().keys.size()) return failed(Status::no_such_key);
  Challenge challenge{.key = in[0]};
  entropy_.fill(challenge.random);
  ByteVector sent = encrypt(current().keys[in[0]].value, challenge.vector, challenge.random);
  challenge_ = challenge;
  return {Status::additional_frame, std::move(sent)};
}

// The reader's random number and the card's, turned by a byte.
DesfireEv1::Reply DesfireEv1::prove(Bytes in) {
  const Challenge challenge = *challenge_;
  challenge_.reset();
  if (in.size() != 2 * block_size) return failed(Status::length);
  const desfire::Block& key = current().keys[challenge.key].value;
  desfire::Block vector = challenge.vector;
  const ByteVector tokens = decrypt(key, vector, in);
  desfire::Block theirs{};
  std::copy_n(tokens.begin(), block_size, theirs.begin());
  if (!std::ranges::equal(Bytes(tokens).subspan(block_size), rotated_left(challenge.random)))
    return failed(Status::authentication);
  session_.emplace(theirs, challenge.random);
  session_key_ = challenge.key;
  return {Status::ok, encrypt(key, vector, rotated_left(theirs))};
}

DesfireEv1::Reply DesfireEv1::version() {
  // Hardware and software of an EV1 with 4 KB, then UID, batch and week of production.
  ByteVector all{0x04, 0x01, 0x01, 0x01, 0x00, 0x18, 0x05,
                 0x04, 0x01, 0x01, 0x01, 0x04, 0x18, 0x05};
  all.insert(all.end(), uid_.begin(), uid_.end());
  constexpr std::uint8_t production[] = {0xba, 0x12, 0x34, 0x56, 0x78, 0x20, 0x24};
  all.insert(all.end(), std::begin(production), std::end(production));
  constexpr std::size_t part = 7;
  const ByteVector sent = with_mac(all);
  parts_.emplace_back(sent.begin(), sent.begin() + part);
  parts_.emplace_back(sent.begin() + part, sent.begin() + 2 * part);
  parts_.emplace_back(sent.begin() + 2 * part, sent.end());
  return next_part();
}

std::size_t DesfireEv1::free_memory() const {
  constexpr std::size_t capacity = 4864;
  std::size_t used = 0;
  for (const auto& [id, application] : applications_) {
    if (id != 0) used += memory_unit * (1 + application.keys.size());
    for (const auto& [number, file] : application.files) used += memory_of(file.data.size());
  }
  return capacity - std::min(capacity, used);
}

DesfireEv1::Reply DesfireEv1::application_ids() {
  if (!on_card_level()) return failed(Status::permission_denied);
  if ((current().settings & free_listing) == 0 && !session_) return failed(Status::authentication);
  ByteVector ids;
  for (const auto& [id, application] : applications_) {
    if (id == 0) continue;
    for (int shift = 0; shift < 24; shift += 8)
      ids.push_back(static_cast<std::uint8_t>(id >> shift));
  }
  return done(ids);
}

DesfireEv1::Reply DesfireEv1::create_application(Bytes in) {
  if (in.size() != 5) return failed(Status::length);
  if (!on_card_level()) return failed(Status::permission_denied);
  if ((current().settings & free_create_delete) == 0 && !session_)
    return failed(Status::authentication);
  const std::uint32_t id = little_endian(in.first(3));
  const std::size_t keys = in[4] & 0x0f;
  if (id == 0 || (in[4] & 0xf0) != aes_keys || keys == 0 || keys > keys_most)
    return failed(Status::parameter);
  if (applications_.contains(id)) return failed(Status::duplicate);
  if (applications_.size() > applications_most) return failed(Status::count);
  if (free_memory() < memory_unit * (1 + keys)) return failed(Status::out_of_memory);
  applications_[id] = {.settings = in[3], .keys = std::vector<Key>(keys), .files = {}};
  return done();
}

DesfireEv1::Reply DesfireEv1::delete_application(Bytes in) {
  if (in.size() != 3) return failed(Status::length);
  const std::uint32_t id = little_endian(in);
  if (id == 0 || !applications_.contains(id)) return failed(Status::application_not_found);
  // The card's master key, or the application's own from inside it.
  if (!authenticated_with(0) || (!on_card_level() && selected_ != id))
    return failed(Status::authentication);
  Reply reply = on_card_level() ? done() : Reply{};
  applications_.erase(id);
  if (!on_card_level()) application_reset();
  return reply;
}

DesfireEv1::Reply DesfireEv1::format() {
  if (!on_card_level()) return failed(Status::permission_denied);
  if (!session_) return failed(Status::authentication);
  std::erase_if(applications_, [](const auto& entry) { return entry.first != 0; });
  Reply reply = done();
  session_.reset();  // readers count on it
  return reply;
}

DesfireEv1::Reply DesfireEv1::card_uid() {
  if (!session_) return failed(Status::authentication);
  return enciphered(uid_, 0);
}

// --- keys ---

DesfireEv1::Reply DesfireEv1::key_settings() {
  const Application& here = current();
  if ((here.settings & free_listing) == 0 && !session_) return failed(Status::authentication);
  return done(ByteVector{here.settings, static_cast<std::uint8_t>(aes_keys | here.keys.size())});
}

DesfireEv1::Reply DesfireEv1::change_key_settings(Bytes in) {
  constexpr std::uint8_t instruction = 0x54;
  if (in.size() != block_size) return failed(Status::length);
  if (!authenticated_with(0)) return failed(Status::authentication);
  const ByteVector plain = session_->decrypted(in);
  const std::uint8_t covered[] = {instruction, plain[0]};
  if (!std::ranges::equal(Bytes(plain).subspan(1, crc_size), crc32(covered)))
    return failed(Status::integrity);
  if ((current().settings & settings_changeable) == 0) return failed(Status::permission_denied);
  current().settings = plain[0];
  return done();
}

DesfireEv1::Reply DesfireEv1::key_version(Bytes in) {
  if (in.size() != 1) return failed(Status::length);
  if (in[0] >= current().keys.size()) return failed(Status::no_such_key);
  return done(ByteVector{current().keys[in[0]].version});
}

bool DesfireEv1::may_change_key(std::uint8_t number) const {
  const std::uint8_t settings = applications_.at(selected_).settings;
  if (number == 0) return (settings & master_key_changeable) != 0 && authenticated_with(0);
  const auto by = static_cast<std::uint8_t>(settings >> 4);
  if (by == 0x0f) return false;
  return authenticated_with(by == 0x0e ? number : by);
}

DesfireEv1::Reply DesfireEv1::change_key(Bytes in) {
  constexpr std::uint8_t instruction = 0xc4;
  constexpr std::size_t key_and_version = block_size + 1;
  if (in.size() != 1 + 2 * block_size) return failed(Status::length);
  const std::uint8_t number = in[0] & 0x0f;
  if (on_card_level() && (in[0] & 0xf0) != aes_keys) return failed(Status::parameter);
  if (number >= current().keys.size()) return failed(Status::no_such_key);
  if (!session_) return failed(Status::authentication);
  if (!may_change_key(number)) return failed(Status::permission_denied);

  const ByteVector plain = session_->decrypted(in.subspan(1));
  const Bytes given = Bytes(plain).first(key_and_version);
  ByteVector covered{instruction, in[0]};
  covered.insert(covered.end(), given.begin(), given.end());
  Key& key = current().keys[number];
  Key changed{.value = {}, .version = given[block_size]};
  std::copy_n(given.begin(), block_size, changed.value.begin());
  bool whole = std::ranges::equal(Bytes(plain).subspan(key_and_version, crc_size), crc32(covered));
  const bool own = number == session_key_;
  if (!own) {
    // Another key than the one of the session comes as the difference to the old one.
    for (std::size_t i = 0; i < block_size; ++i) changed.value[i] ^= key.value[i];
    whole = whole && std::ranges::equal(Bytes(plain).subspan(key_and_version + crc_size, crc_size),
                                        crc32(changed.value));
  }
  if (!whole) return failed(Status::integrity);
  key = changed;
  if (!own) return done();
  session_.reset();  // its key is no longer there
  return {};
}

}  // namespace rollcall::hal::sim
