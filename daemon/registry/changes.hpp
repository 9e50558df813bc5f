// What can be done to a terminal's row, each with its event, in the caller's transaction.
// Thread: the writer.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "daemon/config/config.hpp"
#include "daemon/events/event.hpp"
#include "daemon/registry/entry.hpp"
#include "daemon/registry/key_seal.hpp"
#include "daemon/store/database.hpp"

namespace rollcall::registry {

// Why nothing was changed; the text is a clause that a full stop may follow.
struct Refusal {
  enum class Kind : std::uint8_t {
    unknown,  // no terminal has this serial here
    state,    // the terminal's state does not allow it
  } kind;
  std::string text;
};
using Done = std::expected<void, Refusal>;

// Where a terminal stands and what it is for.
struct Placement {
  std::string room;
  protocol::TerminalMode mode = protocol::TerminalMode::training;
  std::vector<std::string> languages;  // empty = those of the site
};
// What `move` changes; nothing = as it is.
struct Move {
  std::optional<std::string> room = {};
  std::optional<protocol::TerminalMode> mode = {};
  std::optional<std::vector<std::string>> languages = {};
};

// Why a terminal cannot be enrolled while a rotation of its key is under way.
std::string rotation_under_way(const std::string& serial);

struct Ledger {
  store::Database& db;
  const KeySeal& seal;
  const config::Site& site;
  events::TimeBlock now;  // the host's

  // The numbers agreed: `key` becomes the pending one. Until it is proven an enrolled terminal
  // stays where it is, and a revoked one stays revoked.
  // Refused while a rotation is under way: the terminal may hold nothing but that key.
  Done grant(const std::string& serial, const Placement& placement, const crypto::Key& key,
             const std::string& actor) const;
  // A handshake with the pending key succeeded: event terminal.enrolled or terminal.key_rotated.
  // Refused when `key` is not the pending one any more.
  Done prove(const std::string& serial, const crypto::Key& key, const std::string& firmware) const;
  // The grant was not confirmed: its key is forgotten. A terminal that was never enrolled is
  // revoked.
  Done withdraw(const std::string& serial) const;
  Done move(const std::string& serial, const Move& move, const std::string& actor) const;
  // Makes `key` the pending one. A rotation that is under way goes on with its own key, because the
  // terminal may have stored that one already. Returns the key that the terminal must be given.
  std::expected<crypto::Key, Refusal> rotate(const std::string& serial, const crypto::Key& key,
                                             const std::string& actor) const;
  // Forgets all keys: event terminal.retired. `waiting`: taps in its queue, nothing = not known.
  Done revoke(const std::string& serial, const std::string& reason, const std::string& actor,
              std::optional<std::uint32_t> waiting) const;
};

}  // namespace rollcall::registry
