#include "protocol/session.hpp"

namespace rollcall::protocol {
namespace {

#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
constexpr bool tag_is_checked = false;  // a fuzzer does not guess tags
#else
constexpr bool tag_is_checked = true;
#endif

std::expected<std::size_t, SessionError> copy(Bytes from, MutableBytes to) {
  if (to.size() < from.size()) return std::unexpected(SessionError::no_space);
  if (!from.empty()) std::memmove(to.data(), from.data(), from.size());
  return from.size();
}

std::expected<std::size_t, crypto::CryptoError> open_with(const crypto::Key& key,
                                                          std::uint64_t counter,
                                                          const Frame& frame) {
  if constexpr (!tag_is_checked) return frame.payload.size() - crypto::tag_size;
  return crypto::open(key, noise::nonce_of(counter), frame.header_bytes, frame.payload,
                      frame.payload);
}

}  // namespace

void Session::open_sealed(const crypto::Key& sending, const crypto::Key& receiving, Ticks now) {
  kind_ = Kind::sealed;
  sending_ = {sending, 0};
  receiving_ = {receiving, 0};
  rekeyed_counter_ = 0;
  rekeyed_at_ = now;
}

void Session::close() {
  kind_ = Kind::closed;
  crypto::wipe(sending_.key);
  crypto::wipe(receiving_.key);
}

bool Session::rekey_due(std::uint64_t counter, Ticks now) const {
  return kind_ == Kind::sealed && (counter - rekeyed_counter_ >= rekey_after_frames ||
                                   now - rekeyed_at_ >= ticks(rekey_after_time));
}

void Session::rekey(std::uint64_t counter, Ticks now) {
  sending_.key = noise::rekey(sending_.key);
  sending_.phase ^= frame_flag::key_phase;
  rekeyed_counter_ = counter;
  rekeyed_at_ = now;
}

std::expected<std::size_t, SessionError> Session::seal(std::uint64_t counter, FrameHeader& header,
                                                       Bytes payload, MutableBytes out) const {
  if (kind_ == Kind::closed) return std::unexpected(SessionError::closed);
  if (kind_ == Kind::untagged) return copy(payload, out);
  header.flags |= sending_.phase;
  const auto size =
      crypto::seal(sending_.key, noise::nonce_of(counter), header_bytes(header), payload, out);
  if (!size) return std::unexpected(SessionError::no_space);
  return *size;
}

std::expected<std::size_t, SessionError> Session::open(std::uint64_t counter, const Frame& frame,
                                                       bool newest) {
  if (kind_ == Kind::closed) return std::unexpected(SessionError::closed);
  if (kind_ == Kind::untagged) return frame.payload.size();
  const std::uint8_t phase = frame.header.flags & frame_flag::key_phase;
  if (phase == receiving_.phase) {
    if (const auto size = open_with(receiving_.key, counter, frame)) return *size;
    return std::unexpected(SessionError::bad_tag);
  }
  if (!newest) return std::unexpected(SessionError::bad_tag);
  const crypto::Key next = noise::rekey(receiving_.key);
  const auto size = open_with(next, counter, frame);
  if (!size) return std::unexpected(SessionError::bad_tag);
  receiving_ = {next, phase};
  return *size;
}

}  // namespace rollcall::protocol
