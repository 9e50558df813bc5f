#include "protocol/handshake.hpp"

namespace rollcall::protocol {

using crypto::CryptoError;
using Done = std::expected<void, CryptoError>;

Handshake::Handshake() = default;

Done Handshake::run(const crypto::Key& fresh) {
  Done done = std::unexpected(CryptoError::internal);
  switch (step_) {
    case Step::greet:
      done = greet(fresh);
      break;
    case Step::answer:
      done = answer(fresh);
      break;
    case Step::finish:
      done = finish();
      break;
  }
  done_ = done.has_value();
  return done;
}

Done Handshake::greet(const crypto::Key& fresh) {
  state_ = noise::HandshakeState(begun_, keys_.keys[0]);
  const auto size = state_.write_first(fresh, {}, out_);
  if (!size) return std::unexpected(size.error());
  return {};
}

Done Handshake::answer(const crypto::Key& fresh) {
  for (key_ = 0; key_ < keys_.count; ++key_) {
    state_ = noise::HandshakeState(begun_, keys_.keys[key_]);
    if (!state_.read_first(in_, {})) continue;
    const auto size = state_.write_second(fresh, {}, out_);
    if (!size) return std::unexpected(size.error());
    return {};
  }
  return std::unexpected(CryptoError::bad_tag);
}

Done Handshake::finish() {
  const auto size = state_.read_second(in_, {});
  if (!size) return std::unexpected(size.error());
  return {};
}

}  // namespace rollcall::protocol
