// The roster: who is known here, by which cards, and what the timetable says. This header is what
// the daemon does with the files of its configuration; other sources are in
// daemon/roster/sources.hpp.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "daemon/config/config.hpp"
#include "daemon/roster/apply.hpp"
#include "daemon/roster/files.hpp"
#include "protocol/crypto/crypto.hpp"

namespace rollcall::roster {

// Reads the files outside any transaction. The error is one sentence for each file that cannot be
// used at all.
std::expected<Reading, std::vector<std::string>> read(const config::Roster& config,
                                                      const CardHash& hash);

// Chip numbers become tokens on the way in; the numbers themselves are not kept.
CardHash card_hash(const crypto::Key& card_key);

}  // namespace rollcall::roster
