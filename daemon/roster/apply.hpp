// A reading of one source put into the tables. Thread: the writer, inside the caller's transaction.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "daemon/roster/difference.hpp"
#include "daemon/store/database.hpp"

namespace rollcall::roster {

class NameSeal;  // protected_names.hpp

// When it is read.
struct Moment {
  std::int64_t wall_ms = 0;  // Unix ms
  std::string day;           // local ISO date: what is removed ends the day before
};

struct Outcome {
  PerKind<Counts> counts;
  std::vector<Problem> problems;  // rows that were skipped
  bool cards_changed = false;     // issued cards changed hands or were revoked

  int total(int Counts::* what) const;
};

// What the tables hold, as this reading sees it. `today`: ISO date.
Known known_to(store::Database& db, const Reading& reading, const std::string& today);

// What would be: nothing is changed.
Outcome preview(store::Database& db, const Reading& reading, const std::string& today);

// Each row in a SAVEPOINT of its own: one that the tables refuse is reported, the others stand.
// `cursor`, when there is one, is kept with the source. Held removals become one matter of the
// inbox that names counts only.
// Names of protected people are kept with `names` alone.
Outcome apply(store::Database& db, const Reading& reading, const Moment& now,
              const std::optional<std::string>& cursor = {}, const NameSeal* names = nullptr);

// Applies the removals that are held, of one source or of all; how many of each kind. Closes the
// matter in the inbox.
PerKind<int> apply_held(store::Database& db, const std::optional<std::string>& source,
                        const std::string& actor, const Moment& now);

// The cursor that was kept last.
std::optional<std::string> cursor_of(store::Database& db, const std::string& source);

inline constexpr const char* held_notice = "roster-removals";  // kind of the inbox
inline constexpr std::size_t kept_messages = 100;              // of a source's last reading

}  // namespace rollcall::roster
