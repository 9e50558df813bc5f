// The computing part of a handshake, apart from the link: X25519 takes a quarter of a second on a
// small board, and on the host it belongs into a pool. The link hands out a step, its owner runs it
// wherever it likes and gives it back.
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <span>

#include "protocol/noise.hpp"

namespace rollcall::protocol {

// Link keys that may be in force for a peer: while one replaces another, both.
struct LinkKeys {
  std::array<crypto::Key, 2> keys{};
  std::uint8_t count = 0;

  ~LinkKeys() {
    for (crypto::Key& key : keys) crypto::wipe(key);
  }
  void add(const crypto::Key& key) {
    if (count < keys.size()) keys[count++] = key;
  }
};

class Handshake {
 public:
  using Message = std::array<std::uint8_t, noise::HandshakeState::overhead>;

  enum class Step : std::uint8_t {
    greet,   // initiator: make message 1
    answer,  // responder: check message 1, make message 2
    finish,  // initiator: check message 2
  };

  Handshake();

  // Runs the step that is due. `fresh`: 32 random bytes, used by no other call. Errors: bad_tag
  // when no key fits; weak_key and internal as of crypto.
  std::expected<void, crypto::CryptoError> run(const crypto::Key& fresh);

 private:
  friend class Link;

  std::expected<void, crypto::CryptoError> greet(const crypto::Key& fresh);
  std::expected<void, crypto::CryptoError> answer(const crypto::Key& fresh);
  std::expected<void, crypto::CryptoError> finish();

  Step step_ = Step::greet;
  std::uint8_t key_ = 0;      // answer: which of `keys_` fitted
  std::uint32_t ticket_ = 0;  // of the link: a step of an earlier session comes to nothing
  bool done_ = false;         // ran, and without error
  LinkKeys keys_;
  crypto::Digest begun_{};
  Message in_{};
  Message out_{};
  noise::HandshakeState state_;
};

}  // namespace rollcall::protocol
