#include "daemon/attendance/sighting.hpp"

#include <nlohmann/json.hpp>

namespace rollcall::attendance {
namespace {

using json = nlohmann::ordered_json;

std::optional<std::string> text(const json& data, const char* member) {
  const auto found = data.find(member);
  if (found == data.end() || !found->is_string()) return std::nullopt;
  return found->get<std::string>();
}

std::optional<Sighting> of_tap(store::Database& db, std::int64_t position) {
  auto row = db.prepare(
      "SELECT t.serial, t.epoch, t.number, t.time_ms, m.data FROM tap t"
      " JOIN payload_movement m ON m.position = t.position WHERE t.position = ?");
  if (!row.bind(position).step()) return std::nullopt;
  const json data = json::parse(row.text_view(4));
  Sighting seen;
  seen.tap = events::TapIdentity{row.text(0), row.fixed<16>(1),
                                 static_cast<std::uint64_t>(row.integer(2))};
  if (!row.is_null(3)) seen.time_ms = row.integer(3);
  seen.room = text(data, "room");
  seen.terminal = text(data, "terminal");
  seen.method = data.at("reading") == "code" ? "code" : "card";
  seen.assurance = data.at("assurance").get<std::string>();
  seen.credential = text(data, "credential");
  seen.time = data.at("time").dump();
  return seen;
}

}  // namespace

std::optional<json> attendance_data(store::Database& db, std::int64_t position) {
  auto row = db.prepare("SELECT data FROM payload_attendance WHERE position = ?");
  if (!row.bind(position).step()) return std::nullopt;
  return json::parse(row.text_view(0));
}

std::string event_id(store::Database& db, std::int64_t position) {
  auto row = db.prepare("SELECT event_id FROM log WHERE position = ?");
  return row.bind(position).step() ? row.text(0) : std::string();
}

std::optional<Sighting> sighting_of(store::Database& db, std::int64_t position) {
  if (auto seen = of_tap(db, position)) return seen;
  const auto data = attendance_data(db, position);
  if (!data) return std::nullopt;
  Sighting seen;
  seen.room = text(*data, "room");
  seen.method = "assisted";
  seen.assurance = "staff";
  seen.time = data->at("time").dump();
  auto row = db.prepare("SELECT time_ms FROM log WHERE position = ?");
  if (row.bind(position).step() && !row.is_null(0)) seen.time_ms = row.integer(0);
  return seen;
}

}  // namespace rollcall::attendance
