#include "daemon/halfdays/months.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "daemon/attendance/sighting.hpp"
#include "daemon/events/contract.hpp"
#include "daemon/events/event.hpp"
#include "daemon/halfdays/rows.hpp"

namespace rollcall::halfdays {
namespace {

using nlohmann::ordered_json;

std::string day_after_month(const std::string& month) {
  constexpr int longest_month = 31;
  return roster::day_after(month + "-01", longest_month).substr(0, month_length) + "-01";
}

bool anybody_was_there(const sheets::Sheet& sheet) {
  return std::ranges::any_of(sheet.lines,
                             [](const sheets::Line& line) { return sheets::was_there(line.mark); });
}

void look_at(store::Database& db, const Rules& rules, const SheetKey& key,
             const attendance::HostTime& now, MonthState& month) {
  const auto read = read_sheet_now(db, rules.config, key, now.wall_ms);
  const auto state = state_of(db, rules, key);
  if (!read || !state || state->cancelled || state->holiday) return;
  if (state->closed && !read->outdated) {
    month.closed.push_back({key, read->sheet.id, read->sheet.version, sheets::digest(read->sheet)});
  } else if (state->confirmed) {
    month.open.push_back(key);
  } else if (anybody_was_there(read->sheet)) {
    const bool in_time = !too_long_ago(*state, {now.wall_ms, false});
    (in_time ? month.open : month.lapsed).push_back(key);
  }
}

ordered_json names(const std::vector<SheetKey>& keys) {
  ordered_json all = ordered_json::array();
  for (const SheetKey& key : keys) all.push_back({{"session", key.session}, {"date", key.day}});
  return all;
}

}  // namespace

std::optional<SentMonth> newest_sent(store::Database& db, const std::string& month) {
  auto row = db.prepare(
      "SELECT m.version, coalesce(l.time_ms, l.recorded_ms), m.digest FROM month_sent m"
      " JOIN log l ON l.position = m.position WHERE m.month = ? ORDER BY m.version DESC LIMIT 1");
  if (!row.bind(month).step()) return std::nullopt;
  return SentMonth{static_cast<int>(row.integer(0)), row.integer(1), row.text(2)};
}

MonthState month_state(store::Database& db, const Rules& rules, const std::string& month,
                       const attendance::HostTime& now) {
  const attendance::TimeZone zone(rules.config.site.timezone);
  MonthState state;
  state.month = month;
  state.over = now.wall_ms >= zone.instant(day_after_month(month), 0);
  for (std::string day = month + "-01"; day.starts_with(month); day = roster::day_after(day, 1)) {
    for (const roster::SessionOn& session : roster::sessions_on(db, day))
      look_at(db, rules, {session.id, day}, now, state);
  }
  state.sent = newest_sent(db, month);
  std::vector<crypto::Digest> digests;
  for (const MonthSheet& sheet : state.closed) digests.push_back(sheet.digest);
  state.digest = events::hex(sheets::digest(digests));
  return state;
}

Result<SentMonth> send_month(store::Database& db, const Rules& rules, const std::string& month,
                             const std::string& actor, const attendance::HostTime& now) {
  if (!events::is_actor(actor)) return refused("who sends it is needed");
  if (!roster::is_day(month + "-01")) return refused("the month is one such as 2026-03");
  if (now.trust == protocol::ClockTrust::unproven) return refused(phrase(Refusal::clock_in_doubt));
  const MonthState state = month_state(db, rules, month, now);
  if (!state.over) return refused("the month is not over yet");
  if (!state.open.empty()) {
    const SheetKey& first = state.open.front();
    return refused(std::to_string(state.open.size()) + " half-days are not closed, the first is " +
                   first.session + " on " + first.day);
  }
  if (state.sent && !state.changed()) return refused("it was sent and nothing has changed since");

  SentMonth sent{state.sent ? state.sent->version + 1 : 1, now.wall_ms, state.digest};
  ordered_json sheets = ordered_json::array();
  for (const MonthSheet& sheet : state.closed) {
    sheets.push_back({{"session", sheet.key.session},
                      {"date", sheet.key.day},
                      {"sheet", sheet.id},
                      {"version", sheet.version},
                      {"digest", events::hex(sheet.digest)}});
  }
  const std::int64_t position = append(db, "halfday.month_sent",
                                       {{"organisation", rules.config.site.organisation},
                                        {"site", rules.config.site.id},
                                        {"month", month},
                                        {"version", sent.version},
                                        {"sheets", std::move(sheets)},
                                        {"lapsed", names(state.lapsed)},
                                        {"digest", sent.digest},
                                        {"actor", actor}},
                                       std::nullopt, now);
  db.prepare("INSERT INTO month_sent (month, version, position, digest) VALUES (?, ?, ?, ?)")
      .bind(month, sent.version, position, sent.digest)
      .run();
  return sent;
}

}  // namespace rollcall::halfdays
