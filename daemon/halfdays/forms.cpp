#include "daemon/halfdays/forms.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "daemon/events/contract.hpp"
#include "daemon/halfdays/rows.hpp"

namespace rollcall::halfdays {
namespace {

constexpr std::size_t most_points = 20'000;  // of one drawing; a signature has a few hundred
constexpr std::size_t most_strokes = 200;

std::size_t points_of(const sheets::Drawing& drawing) {
  std::size_t points = 0;
  for (const auto& stroke : drawing.strokes) points += stroke.size();
  return points;
}

bool within_field(const sheets::Drawing& drawing) {
  const auto inside = [](const sheets::Point& p) {
    return p.x >= 0 && p.x <= 1 && p.y >= 0 && p.y <= 1;
  };
  return drawing.aspect > 0 && std::ranges::all_of(drawing.strokes, [&](const auto& stroke) {
           return std::ranges::all_of(stroke, inside);
         });
}

// A drawn signature can be read as a name.
bool is_protected(store::Database& db, const std::string& person) {
  auto row = db.prepare("SELECT 1 FROM person WHERE id = ? AND protected = 1");
  return row.bind(person).step();
}

// Made at the screen that asked this person for it: any other tap says something else.
bool made_to_sign(store::Database& db, const events::TapIdentity& tap, const std::string& person) {
  auto row = db.prepare(
      "SELECT 1 FROM tap WHERE serial = ? AND epoch = ? AND number = ? AND person = ? AND signing "
      "= 1");
  return row.bind(tap.serial, tap.epoch, tap.number, person).step();
}

bool has_signed_with(store::Database& db, const events::TapIdentity& tap,
                     const std::string& person) {
  auto row = db.prepare(
      "SELECT 1 FROM signature s JOIN payload_attendance p ON p.position = s.position"
      " WHERE s.person = ? AND s.form IN ('tap', 'code')"
      " AND json_extract(p.data, '$.tap.terminal') = ? AND json_extract(p.data, '$.tap.epoch') = ?"
      " AND json_extract(p.data, '$.tap.number') = ?");
  return row.bind(person, tap.serial, events::hex(tap.epoch), tap.number).step();
}

}  // namespace

std::optional<sheets::Drawing> drawing_of(const nlohmann::ordered_json& told) {
  const auto strokes = told.find("strokes");
  const auto aspect = told.find("aspect");
  if (strokes == told.end() || !strokes->is_array() || strokes->size() > most_strokes ||
      aspect == told.end() || !aspect->is_number()) {
    return std::nullopt;
  }
  sheets::Drawing drawing;
  drawing.aspect = aspect->get<double>();
  for (const auto& points : *strokes) {
    if (!points.is_array()) return std::nullopt;
    std::vector<sheets::Point> stroke;
    for (const auto& point : points) {
      if (!point.is_array() || point.size() != 2 || !point[0].is_number() || !point[1].is_number())
        return std::nullopt;
      stroke.push_back({point[0].get<double>(), point[1].get<double>()});
    }
    drawing.strokes.push_back(std::move(stroke));
  }
  return drawing;
}

std::optional<std::string> refuse_drawing(const sheets::Drawing& drawing) {
  const std::size_t points = points_of(drawing);
  if (points < 2) return "nothing was drawn";
  if (points > most_points || !within_field(drawing)) return "this is no drawing of a signature";
  return std::nullopt;
}

Result<FormFields> fields_of(const SignRequest& request) {
  if (const auto* drawn = std::get_if<DrawnForm>(&request.form)) {
    if (const auto why = refuse_drawing(drawn->drawing)) return refused(*why);
    return FormFields{"drawn", to_text(drawn->drawing), {}, {}, drawn->tap};
  }
  if (const auto* tap = std::get_if<TapForm>(&request.form))
    return FormFields{request.method == "code" ? "code" : "tap", {}, {}, {}, tap->tap};
  const auto& witnessed = std::get<WitnessedForm>(request.form);
  if (!request.actor) return refused("who witnesses it is needed");
  if (!events::is_sentence(witnessed.reason))
    return refused("a reason of 1 to 300 characters is needed");
  return FormFields{"witnessed", {}, request.actor, witnessed.reason, {}};
}

Forms forms_of(store::Database& db, const config::Programme& programme, const std::string& person) {
  return {programme.allows("drawn") && !is_protected(db, person), programme.allows("tap")};
}

std::optional<std::string> refuse_form(store::Database& db, const config::Programme& programme,
                                       const SignRequest& request, const FormFields& fields) {
  const std::string or_witness = " or with a witness";
  if (fields.form == "witnessed") return std::nullopt;
  if (fields.form == "drawn") {
    const std::string otherwise =
        programme.allows("tap") ? "by card" + or_witness : "with a witness";
    if (is_protected(db, request.person)) return "this person signs " + otherwise;
    // A trainer signs on the console, where there is no reader.
    if (!programme.allows("drawn") && request.role != "trainer")
      return "in this programme people sign " + otherwise;
    return std::nullopt;
  }
  if (!programme.allows("tap")) return "in this programme people sign by drawing" + or_witness;
  if (!made_to_sign(db, *fields.tap, request.person))
    return "this tap was not made by this person to sign";
  if (has_signed_with(db, *fields.tap, request.person))
    return "this tap has signed a half-day already; each is signed by itself";
  return std::nullopt;
}

}  // namespace rollcall::halfdays
