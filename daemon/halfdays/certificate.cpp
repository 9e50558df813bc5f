#include "daemon/halfdays/certificate.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <utility>

#include "daemon/events/event.hpp"
#include "daemon/roster/identity.hpp"

namespace rollcall::halfdays {
namespace {

using sheets::Sheet;

// UUIDv8 (RFC 9562 section 5.8): the first half of the SHA-256, so that it is the same for the same
// content.
std::string uuid_of(std::string_view content) {
  const crypto::Digest digest =
      crypto::sha256({reinterpret_cast<const std::uint8_t*>(content.data()), content.size()});
  std::array<std::uint8_t, 16> id{};
  std::copy_n(digest.begin(), id.size(), id.begin());
  id[6] = static_cast<std::uint8_t>((id[6] & 0x0f) | 0x80);
  id[8] = static_cast<std::uint8_t>((id[8] & 0x3f) | 0x80);
  std::string text = events::hex(id);
  for (const std::size_t dash : {8u, 13u, 18u, 23u}) text.insert(dash, 1, '-');
  return text;
}

std::string id_of(const sheets::Certificate& certificate, const std::string& site,
                  const Period& period) {
  std::string text = site;
  for (const std::string& part :
       {certificate.person.id, certificate.course, period.from, period.to}) {
    text += "\n" + part;
  }
  for (const auto& half_day : certificate.half_days) text += "\n" + events::hex(half_day.sheet);
  return uuid_of(text);
}

bool is_on(const Sheet& sheet, const std::vector<std::string>& ids) {
  return std::ranges::any_of(sheet.lines, [&](const sheets::Line& line) {
    return std::ranges::find(ids, line.person.id) != ids.end();
  });
}

// Held for the person by now, whether or not anybody came.
std::vector<SheetKey> held_for(store::Database& db, const Rules& rules, const std::string& person,
                               const std::string& day, std::int64_t now_ms) {
  std::vector<SheetKey> held;
  const auto date = sheets::date_from_iso(day);
  if (!date || rules.calendar.is_holiday(*date)) return held;
  const attendance::TimeZone zone(rules.config.site.timezone);
  for (const roster::SessionOn& session : roster::sessions_of(db, person, day)) {
    if (session.cancelled || session.trainer == person) continue;
    if (zone.instant(day, session.end_minute) <= now_ms) held.push_back({session.id, day});
  }
  return held;
}

}  // namespace

Certificates certificates_of(store::Database& db, const Rules& rules, const std::string& person,
                             const Period& period, std::int64_t now_ms) {
  Certificates result;
  const std::string stays = roster::id_that_stays(db, person);
  const std::vector<std::string> ids = roster::ids_of(db, stays);
  std::vector<SheetKey> confirmed;
  {
    auto row = db.prepare(
        "SELECT session, day FROM sheet WHERE confirmed IS NOT NULL AND day BETWEEN ? AND ?");
    row.bind(period.from, period.to);
    while (row.step()) confirmed.push_back({row.text(0), row.text(1)});
  }
  std::vector<Sheet> all;
  std::set<std::pair<std::string, std::string>> counted;  // day and session
  for (const SheetKey& key : confirmed) {
    auto sheet = confirmed_sheet(db, rules.config, key);
    if (!sheet || !is_on(*sheet, ids)) continue;
    counted.emplace(key.day, key.session);
    all.push_back(std::move(*sheet));
  }
  std::ranges::sort(all, {}, &Sheet::start_ms);

  const std::string today = attendance::TimeZone(rules.config.site.timezone).at(now_ms).day;
  std::vector<std::string> courses;
  for (const Sheet& sheet : all) {
    if (std::ranges::find(courses, sheet.course) == courses.end()) courses.push_back(sheet.course);
  }
  for (const std::string& course : courses) {
    std::vector<Sheet> of_course;
    std::ranges::copy_if(all, std::back_inserter(of_course),
                         [&](const Sheet& sheet) { return sheet.course == course; });
    auto made = sheets::certificate_for(ids, of_course);
    if (!made) continue;
    made->person = shown(db, stays);
    made->id = id_of(*made, rules.config.site.id, period);
    made->issued = sheets::date_from_iso(today).value();
    result.courses.push_back(std::move(*made));
  }

  const std::string last = std::min(period.to, today);
  for (std::string day = period.from; day <= last; day = roster::day_after(day, 1)) {
    for (SheetKey& key : held_for(db, rules, stays, day, now_ms)) {
      if (!counted.contains({day, key.session})) result.left_out.push_back(std::move(key));
    }
  }
  return result;
}

}  // namespace rollcall::halfdays
