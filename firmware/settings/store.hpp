// What enrolment leaves on a terminal, durable over raw storage of its own: two erase units or
// more, used in turn. Format and promises: docs/settings-format.md. No heap; keeps nothing in RAM.
#pragma once

#include <cstdint>
#include <expected>

#include "firmware/storage/kept_record.hpp"
#include "hal/storage.hpp"
#include "protocol/bytes.hpp"
#include "protocol/crypto/crypto.hpp"
#include "protocol/types.hpp"

namespace rollcall::firmware {

struct Settings {
  crypto::Key link_key{};  // shared with the host: whoever has it is this terminal
  crypto::Key site_key{};  // X25519 public key that readings are sealed to
  Bounded<32> site;        // id of the site
  Bounded<48> room;        // UTF-8
  protocol::TerminalMode mode = protocol::TerminalMode::training;
  Bounded<32> languages;         // in the order they are offered, as "fr,en"
  std::uint64_t generation = 0;  // counts saves to this storage from 1; given by load()

  Settings() = default;
  Settings(const Settings&) = default;
  Settings& operator=(const Settings&) = default;
  // No copy of the key outlives its owner.
  ~Settings() { crypto::wipe(link_key); }
};

enum class SettingsError : std::uint8_t {
  none,          // nothing was ever saved, or it was erased
  damaged,       // something is written and nothing is whole: a first save or an erase() was cut
                 // short. erase() clears what may be left of a key
  newer_format,  // written by a later firmware; neither read nor overwritten, only erase() goes on
  bad_geometry,  // fewer than 2 erase units, units too small, or program units above 512 bytes
  storage,       // the device failed
};

class SettingsStore {
 public:
  // Keeps the reference.
  explicit SettingsStore(hal::Storage& storage);

  // The newest whole settings. Errors: all.
  std::expected<Settings, SettingsError> load();

  // Returns the generation under which load() will find them. A power cut inside leaves the
  // settings before or these. Errors: newer_format, bad_geometry, storage; after `storage` too,
  // load() says which of the two it is.
  std::expected<std::uint64_t, SettingsError> save(const Settings& settings);

  // Factory reset: every erase unit, the one in use last. A power cut inside leaves the settings in
  // use or none; then load() says `damaged` while anything is left. Stops at a unit that fails.
  // Errors: bad_geometry, storage.
  std::expected<void, SettingsError> erase();

 private:
  KeptRecord record_;
};

}  // namespace rollcall::firmware
