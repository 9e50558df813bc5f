#include "daemon/halfdays/rows.hpp"

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

std::optional<json> attendance_json(store::Database& db, std::int64_t position) {
  auto row = db.prepare("SELECT data FROM payload_attendance WHERE position = ?");
  if (!row.bind(position).step()) return std::nullopt;
  return json::parse(row.text_view(0));
}

std::string event_id(store::Database& db, std::int64_t position) {
  auto row = db.prepare("SELECT event_id FROM log WHERE position = ?");
  return row.bind(position).step() ? row.text(0) : std::string();
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
  const json told = json::parse(text);
  sheets::Drawing drawing;
  drawing.aspect = told.at("aspect").get<double>();
  for (const json& points : told.at("strokes")) {
    std::vector<sheets::Point> stroke;
    for (const json& point : points)
      stroke.push_back({point.at(0).get<double>(), point.at(1).get<double>()});
    drawing.strokes.push_back(std::move(stroke));
  }
  return drawing;
}

std::optional<sheets::WhyNot> why_from(std::string_view text) {
  if (text == "left_early") return sheets::WhyNot::left_early;
  if (text == "unable") return sheets::WhyNot::unable;
  if (text == "refused") return sheets::WhyNot::refused;
  if (text == "absent") return sheets::WhyNot::absent;
  return std::nullopt;
}

}  // namespace rollcall::halfdays
