// The roster: who is known here, by which cards, and what the timetable says. Read from the CSV
// files named in the configuration; rows are applied one by one, a bad row is reported and skipped.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "daemon/config/config.hpp"
#include "daemon/store/database.hpp"
#include "protocol/crypto/crypto.hpp"

namespace rollcall::roster {

struct Loaded {
  int people = 0, cards = 0, sessions = 0, enrolments = 0, guardianships = 0;
  std::vector<std::string>
      problems;  // "FILE:LINE: what is wrong": the row was skipped, the others stand
};

// Reads the files outside any transaction. The error is a file that cannot be used at all.
class Files;
std::expected<std::shared_ptr<const Files>, std::vector<std::string>> read(
    const config::Roster& config);

// Puts what was read into the tables, in the caller's transaction. People who are no longer in the
// file stay known (their records need them) but lose their place in courses. Cards that the desk
// attached stay. `card_key` turns chip numbers into tokens: the chip numbers themselves are not
// kept. Thread: the writer.
Loaded apply(store::Database& db, const Files& files, const crypto::Key& card_key);

}  // namespace rollcall::roster
