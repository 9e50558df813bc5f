#include "daemon/halfdays/rows.hpp"

#include <algorithm>
#include <span>
#include <vector>

#include <nlohmann/json.hpp>

#include "daemon/events/event.hpp"
#include "daemon/events/json.hpp"

namespace rollcall::halfdays {

using nlohmann::json;

std::optional<SheetRow> sheet_row(store::Database& db, const SheetKey& key) {
  auto row =
      db.prepare("SELECT id, version, confirmed, closed FROM sheet WHERE session = ? AND day = ?");
  if (!row.bind(key.session, key.day).step()) return std::nullopt;
  SheetRow found{row.text(0), static_cast<int>(row.integer(1)), std::nullopt, std::nullopt};
  if (!row.is_null(2)) found.confirmed = row.integer(2);
  if (!row.is_null(3)) found.closed = row.integer(3);
  return found;
}

std::int64_t append(store::Database& db, const char* type, nlohmann::ordered_json data,
                    const std::optional<std::string>& subject, const attendance::HostTime& now) {
  data["time"] = events::to_json(now.time_block());
  events::Event event;
  event.id = events::new_event_id(now.wall_ms);
  event.type = type;
  event.subject = subject;
  event.time_ms = now.wall_ms;
  event.purpose = events::Purpose::attendance;
  event.data = data.dump();
  return events::append(db, event, now.wall_ms).position;
}

bool still_says(const nlohmann::ordered_json& told, const Participant& now) {
  const sheets::Line& line = now.line;
  if (told.at("person") != line.person.id || told.at("state") != sheets::state(line.mark))
    return false;
  const auto rested = told.at("rests_on").get<std::vector<std::string>>();
  const bool goes_on = rested.size() <= line.rests_on.size() &&
                       std::ranges::equal(rested, std::span(line.rests_on).first(rested.size()));
  if (!goes_on) return false;
  if (rested.size() == line.rests_on.size()) return true;
  const auto& minutes = told.at("minutes");
  const bool more = minutes.is_number() && line.minutes && *line.minutes > minutes.get<int>();
  return !now.half_day.left_early && !more;
}

std::string to_text(const sheets::Drawing& drawing) {
  json strokes = json::array();
  for (const auto& stroke : drawing.strokes) {
    json points = json::array();
    for (const sheets::Point& point : stroke) points.push_back({point.x, point.y});
    strokes.push_back(std::move(points));
  }
  return json({{"aspect", drawing.aspect}, {"strokes", std::move(strokes)}}).dump();
}

sheets::Drawing drawing_from(const std::string& text) {
  sheets::Drawing drawing;
  if (text.empty()) return drawing;  // it did not come back from the case system
  const json told = json::parse(text);
  drawing.aspect = told.at("aspect").get<double>();
  for (const json& points : told.at("strokes")) {
    std::vector<sheets::Point> stroke;
    for (const json& point : points)
      stroke.push_back({point.at(0).get<double>(), point.at(1).get<double>()});
    drawing.strokes.push_back(std::move(stroke));
  }
  return drawing;
}

sheets::Part part_from(std::string_view text) {
  if (text == "am") return sheets::Part::am;
  return text == "pm" ? sheets::Part::pm : sheets::Part::eve;
}

std::string_view to_text(sheets::WhyNot why) {
  switch (why) {
    case sheets::WhyNot::left_early:
      return "left_early";
    case sheets::WhyNot::unable:
      return "unable";
    case sheets::WhyNot::refused:
      return "refused";
    case sheets::WhyNot::absent:
      break;
  }
  return "absent";
}

std::optional<sheets::WhyNot> why_from(std::string_view text) {
  using sheets::WhyNot;
  for (const WhyNot why : {WhyNot::left_early, WhyNot::unable, WhyNot::refused, WhyNot::absent}) {
    if (text == to_text(why)) return why;
  }
  return std::nullopt;
}

}  // namespace rollcall::halfdays
