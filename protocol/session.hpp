// What stands between frame and message: seals and opens payloads under the keys of a handshake,
// with the frame header as associated data, and changes keys in time (docs/protocol.md, "Frames of
// a session"). On a link that enrols a terminal it adds nothing.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>

#include "protocol/bytes.hpp"
#include "protocol/frame.hpp"
#include "protocol/noise.hpp"
#include "protocol/ticks.hpp"

namespace rollcall::protocol {

enum class SessionError : std::uint8_t {
  bad_tag,   // a security event: the link counts it and closes the session
  no_space,  // the output buffer is too small
  closed,    // there is no session
};

inline constexpr std::uint64_t rekey_after_frames = std::uint64_t{1} << 16;
inline constexpr std::chrono::milliseconds rekey_after_time{std::chrono::hours{1}};

class Session {
 public:
  enum class Kind : std::uint8_t { closed, untagged, sealed };

  Session() = default;
  ~Session() { close(); }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void open_untagged() { kind_ = Kind::untagged; }
  void open_sealed(const crypto::Key& sending, const crypto::Key& receiving, Ticks now);
  // Forgets the keys.
  void close();

  Kind kind() const { return kind_; }
  // Bytes that `seal` adds after the payload.
  std::size_t tag_size() const { return kind_ == Kind::sealed ? crypto::tag_size : 0; }

  // The sending key has done its work. The link calls rekey() when no frame waits to be repeated.
  bool rekey_due(std::uint64_t counter, Ticks now) const;
  void rekey(std::uint64_t counter, Ticks now);

  // Sets the key phase in `header`, then writes payload and tag to `out`. `counter`: of the frame.
  std::expected<std::size_t, SessionError> seal(std::uint64_t counter, FrameHeader& header,
                                                Bytes payload, MutableBytes out) const;
  // Checks the tag at the end of the frame's payload and opens it in place; the size of what is
  // left. `newest`: no newer frame was accepted, so it may be the first under the next key.
  std::expected<std::size_t, SessionError> open(std::uint64_t counter, const Frame& frame,
                                                bool newest);

 private:
  struct Direction {
    ~Direction() { crypto::wipe(key); }
    crypto::Key key{};
    std::uint8_t phase = 0;  // 0 or frame_flag::key_phase
  };

  Kind kind_ = Kind::closed;
  Direction sending_;
  Direction receiving_;
  std::uint64_t rekeyed_counter_ = 0;
  Ticks rekeyed_at_ = 0;
};

}  // namespace rollcall::protocol
