// The registry's rows in the database. Thread: whoever owns the connection.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daemon/registry/entry.hpp"
#include "daemon/registry/key_seal.hpp"
#include "daemon/store/database.hpp"

namespace rollcall::registry {

std::optional<Entry> read_entry(store::Database& db, const KeySeal& seal,
                                const std::string& serial);

struct Loaded {
  std::vector<Entry> entries;         // by serial
  std::vector<std::string> unopened;  // serials whose key does not open with this site's key
};
Loaded read_all(store::Database& db, const KeySeal& seal);

// Serials of enrolments whose key was granted and never proven.
std::vector<std::string> unproven_enrolments(store::Database& db);

// What a tap of this terminal is decided on. Nothing: the terminal is in no row.
struct Place {
  std::string room;
  protocol::TerminalMode mode = protocol::TerminalMode::training;
};
std::optional<Place> place_of(store::Database& db, const std::string& serial);

// Languages as a column holds them: "fr en".
std::string joined(const std::vector<std::string>& languages);

}  // namespace rollcall::registry
