// One terminal as the site knows it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/crypto/crypto.hpp"
#include "protocol/types.hpp"

namespace rollcall::registry {

enum class State : std::uint8_t { active, revoked };

// Why there is a pending key.
enum class Origin : std::uint8_t { enrolment, rotation };

// Places in Entry::keys. Both keys are accepted; a handshake with the pending one makes it the
// current one and the older is forgotten.
inline constexpr std::size_t current_key = 0;
inline constexpr std::size_t pending_key = 1;

struct Entry {
  std::string serial;
  std::string room;
  protocol::TerminalMode mode = protocol::TerminalMode::training;
  std::vector<std::string> languages;  // ISO 639-1, its own first; empty = those of the site
  State state = State::active;
  // A revoked terminal has no current key, and a pending one only when it is enrolled again.
  std::array<std::optional<crypto::Key>, 2> keys;

  std::optional<Origin> pending_origin;      // why keys[pending_key] is there
  std::string pending_by;                    // who had it made
  std::optional<std::int64_t> enrolled_ms;   // Unix ms; nothing = no handshake with its key yet
  std::string enrolled_by;                   // account or staff id
  std::optional<std::int64_t> key_since_ms;  // since when the current key is the current one
  std::optional<std::int64_t> revoked_ms;
  std::string revoked_by;
  std::string revoked_reason;
};

std::string_view to_text(protocol::TerminalMode mode);  // training, childcare, work_site
std::optional<protocol::TerminalMode> mode_from(std::string_view text);
std::string_view to_text(State state);  // active, revoked

}  // namespace rollcall::registry
