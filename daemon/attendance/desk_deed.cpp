#include "daemon/attendance/desk_deed.hpp"

#include <utility>

#include "daemon/events/contract.hpp"

namespace rollcall::attendance {

std::expected<void, std::string> check_deed(std::string_view actor, std::string_view reason) {
  if (!events::is_sentence(reason))
    return std::unexpected("a reason of 1 to 300 characters is needed");
  if (!events::is_actor(actor))
    return std::unexpected(
        "who decides it is needed: an id of 1 to 64 letters, digits and _ . : @ -");
  return {};
}

void append_deed(store::Database& db, const char* type, const std::string& person, std::string data,
                 const events::TimeBlock& now) {
  const std::int64_t now_ms = now.wall_ms.value_or(0);
  events::append(db,
                 {.id = events::new_event_id(now_ms),
                  .type = type,
                  .subject = person,
                  .time_ms = now.wall_ms,
                  .purpose = events::Purpose::attendance,
                  .data = std::move(data)},
                 now_ms);
}

}  // namespace rollcall::attendance
