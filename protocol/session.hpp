// The session layer between frames and messages: it turns a payload into what goes on the wire and
// back, authenticating the frame header as associated data. The secured session of a later protocol
// step replaces ClearSession behind this interface; frames and link do not change.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>

#include "protocol/bytes.hpp"

namespace rollcall::protocol {

enum class SessionError : std::uint8_t {
  bad_tag,   // a security event: the link counts it and closes the session
  no_space,  // the output buffer is too small
};

class Session {
 public:
  // Bytes that `seal` adds after the payload: 0 or 16.
  virtual std::size_t tag_size() const = 0;
  // True once messages may flow. ClearSession is established from the start.
  virtual bool established() const = 0;
  // Writes payload and tag to `out`; `nonce` is the sender's 64-bit frame counter, `aad` the
  // header.
  virtual std::expected<std::size_t, SessionError> seal(std::uint64_t nonce, Bytes aad,
                                                        Bytes payload, MutableBytes out) = 0;
  // Checks the tag at the end of `sealed`; writes the payload to `out`, which may overlap `sealed`.
  virtual std::expected<std::size_t, SessionError> open(std::uint64_t nonce, Bytes aad,
                                                        Bytes sealed, MutableBytes out) = 0;

 protected:
  ~Session() = default;
};

// No encryption, no authentication. The daemon accepts it only with `allow_unencrypted_links =
// true`, and then on loopback addresses and Unix sockets only.
class ClearSession final : public Session {
 public:
  std::size_t tag_size() const override { return 0; }
  bool established() const override { return true; }
  std::expected<std::size_t, SessionError> seal(std::uint64_t nonce, Bytes aad, Bytes payload,
                                                MutableBytes out) override;
  std::expected<std::size_t, SessionError> open(std::uint64_t nonce, Bytes aad, Bytes sealed,
                                                MutableBytes out) override;
};

}  // namespace rollcall::protocol
