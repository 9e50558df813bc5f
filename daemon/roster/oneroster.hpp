// OneRoster 1.2 CSV (1EdTech, "OneRoster 1.2 CSV Binding") as records; version 1.1, whose role is a
// column of users.csv, is read too.
//
//   users.csv + roles.csv   people; their name is preferred or given name and family name
//   classes.csv             one session each, without weekdays where the class states no hours
//   enrollments.csv         students: enrolments; teachers: who gives the class
//   courses.csv, orgs.csv, academicSessions.csv   what a row of the others must be able to refer to
//
// A row whose reference leads nowhere is skipped. Columns `metadata.*` carry what OneRoster has no
// place for (docs/roster.md). Agents of a user become no guardianships: who may collect a child is
// nothing to be concluded.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "daemon/roster/files.hpp"

namespace rollcall::roster {

// Whether these are the files of a OneRoster export.
bool is_oneroster(const std::vector<File>& files);

// Whole when the manifest calls every file `bulk`, or there is none; otherwise rows with the status
// `tobedeleted` are removed and nothing else is. The error is one sentence for each file that
// cannot be used at all.
std::expected<Reading, std::vector<std::string>> read_oneroster(const std::vector<File>& files,
                                                                const CardHash& hash);

}  // namespace rollcall::roster
