#include "daemon/console/evacuation.hpp"

#include <map>
#include <set>
#include <string>

#include <nlohmann/json.hpp>

#include "daemon/console/rows.hpp"
#include "daemon/events/event.hpp"

namespace rollcall::console {
namespace {

constexpr std::size_t card_start = 8;  // digits of a card's token that name it to people

struct Room {
  Json people = Json::array();
  Json cards = Json::array();
};

class List {
 public:
  List(store::Database& db, const View& view, std::int64_t now_ms)
      : db_(db),
        zone_(view.zone),
        today_(view.zone.at(now_ms).day),
        midnight_ms_(view.zone.instant(today_, 0)) {}

  Json told() {
    people_of_presence();
    people_of_unproven_taps();
    unknown_cards();
    Json rooms = Json::array();
    for (auto& [name, room] : rooms_)
      rooms.push_back(
          {{"room", name}, {"people", std::move(room.people)}, {"cards", std::move(room.cards)}});
    return {{"rooms", std::move(rooms)},
            {"counts", {{"inside", inside_}, {"in_doubt", in_doubt_}, {"unknown_cards", cards_}}}};
  }

 private:
  // Columns: person, name, protected, role, room, session's title, since.
  void put(const store::Statement& row, Json doubt) {
    (doubt.is_null() ? inside_ : in_doubt_)++;
    listed_.insert(row.text(0));
    rooms_[row.text(4)].people.push_back({{"person", row.text(0)},
                                          {"name", shown_name(row, 1, 2)},
                                          {"role", row.text(3)},
                                          {"title", text_or_null(row, 5)},
                                          {"since", clock_or_null(row, 6)},
                                          {"doubt", std::move(doubt)}});
  }

  void people_of_presence() {
    auto row = db_.prepare(
        "SELECT p.person, n.display_name, coalesce(n.protected, 1),"
        " coalesce(n.role, 'participant'), p.room, s.title, p.since_ms, m.closes, p.day = ?1"
        " FROM presence p JOIN movement m ON m.position = p.position"
        " LEFT JOIN person n ON n.id = p.person LEFT JOIN session s ON s.id = p.session"
        " WHERE p.direction = 'in' OR (p.day = ?1 AND m.closes = 1)"
        " ORDER BY coalesce(nullif(n.display_name, ''), p.person), p.person");
    row.bind(today_);
    while (row.step()) {
      Json doubt;
      if (row.integer(7) != 0) doubt = "no_exit_tap";
      if (row.integer(8) == 0) doubt = "earlier_day";
      put(row, std::move(doubt));
    }
  }

  // Their terminal did not know the time: nobody can say whether they have left since.
  void people_of_unproven_taps() {
    auto row = db_.prepare(
        "SELECT t.person, n.display_name, n.protected, n.role, coalesce(t.room, ''), NULL,"
        " max(l.recorded_ms) FROM tap t INDEXED BY tap_unproven"
        " JOIN log l ON l.position = t.position JOIN person n ON n.id = t.person"
        " WHERE t.trust = 0 AND t.aside = 0 AND t.stated IS NULL AND l.recorded_ms >= ?"
        " AND NOT EXISTS (SELECT 1 FROM movement m WHERE m.fact = t.position) GROUP BY t.person");
    row.bind(midnight_ms_);
    while (row.step())
      if (!listed_.contains(row.text(0))) put(row, "time_unproven");
  }

  void unknown_cards() {
    auto row = db_.prepare(
        "SELECT lower(hex(t.card)), coalesce(t.room, r.room, ''), max(t.time_ms)"
        " FROM tap t INDEXED BY tap_nobody LEFT JOIN registry r ON r.serial = t.serial"
        " WHERE t.person IS NULL AND t.aside = 0 AND t.time_ms >= ? GROUP BY t.card");
    row.bind(midnight_ms_);
    while (row.step()) {
      ++cards_;
      rooms_[row.text(1)].cards.push_back(
          {{"card", row.text(0).substr(0, card_start)}, {"last", clock_or_null(row, 2)}});
    }
  }

  // As the clock on the wall showed it; of another day with its date.
  Json clock_or_null(const store::Statement& row, int column) const {
    if (row.is_null(column)) return nullptr;
    const attendance::LocalTime then = zone_.at(row.integer(column));
    return then.day == today_ ? clock_text(then.minute) : then.day + " " + clock_text(then.minute);
  }

  store::Database& db_;
  const attendance::TimeZone& zone_;
  const std::string today_;
  const std::int64_t midnight_ms_;
  std::map<std::string, Room> rooms_;
  std::set<std::string> listed_;
  int inside_ = 0, in_doubt_ = 0, cards_ = 0;
};

}  // namespace

Json read_evacuation(store::Database& db, const View& view, std::int64_t now_ms) {
  const ReadTransaction snapshot{db};
  return List(db, view, now_ms).told();
}

}  // namespace rollcall::console
