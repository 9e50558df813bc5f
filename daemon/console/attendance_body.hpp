// What staff record and correct of attendance, as the contract has it. Those that read a request
// throw BadRequest.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "daemon/attendance/assist.hpp"
#include "daemon/attendance/correct.hpp"
#include "daemon/console/body.hpp"
#include "daemon/halfdays/lines.hpp"

namespace rollcall::console {

attendance::AssistRequest assist_of(const http::Request& request);

struct ManyAssisted {
  attendance::AssistRequest request;  // of nobody yet
  std::vector<std::string> people;    // at least one, each once
};
ManyAssisted assist_many_of(const http::Request& request);

attendance::CorrectRequest correction_of(const http::Request& request);

// The day in the path, or `today` where it says so.
std::string day_in_path(const http::Request& request, const std::string& today);

Json assisted_json(const std::string& person, attendance::Direction direction,
                   const attendance::Assisted& assisted);
Json assisted_json(attendance::Direction direction,
                   const std::vector<attendance::AssistedPerson>& all);
Json corrected_json(const attendance::Corrected& corrected);

// Group of docs/api/console.yaml; null when the timetable has no such session on that day.
Json group_json(store::Database& db, const config::Config& config, const halfdays::SheetKey& key,
                std::int64_t now_ms);

}  // namespace rollcall::console
