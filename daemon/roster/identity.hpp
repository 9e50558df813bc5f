// Two ids that turned out to be one person. Events of the id that ends stay as they are; whoever
// counts them counts them for the one that stays.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "daemon/store/database.hpp"

namespace rollcall::roster {

// The id that counts: of two that were merged, however often, the one that stays; otherwise `id`.
std::string id_that_stays(store::Database& db, const std::string& id);

// Every id whose events count for `id`, itself first.
std::vector<std::string> ids_of(store::Database& db, const std::string& id);

// From now on `from` is `into`: cards, codes, enrolments, guardianships (a restriction of either
// stays one), assignments, what they give and where they are go over; the log and the taps stay as
// they are. Of two cards that were issued, the one of `from` counts as replaced. The caller has
// seen to it that `into` stays and is not `from`. Thread: the writer.
void merge(store::Database& db, const std::string& from, const std::string& into,
           std::int64_t now_ms);

}  // namespace rollcall::roster
