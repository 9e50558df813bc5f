// The schema as it was: what a database of an older version looks like.
#pragma once

#include "daemon/store/database.hpp"

namespace rollcall::store {

// As migrate(), up to `version` and no further. Nothing when the database is there already.
void migrate_to(Database& database, int version);

}  // namespace rollcall::store
