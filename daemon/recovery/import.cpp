#include "daemon/recovery/import.hpp"

#include <array>
#include <charconv>
#include <chrono>

#include <nlohmann/json.hpp>

#include "daemon/delivery/outbox.hpp"

namespace rollcall::recovery {
namespace {

using json = nlohmann::ordered_json;

std::optional<std::string> text_member(const json& object, const char* name) {
  const auto member = object.find(name);
  if (member == object.end() || !member->is_string()) return std::nullopt;
  return member->get<std::string>();
}

std::optional<std::int64_t> number(std::string_view digits) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size() || value < 0) {
    return std::nullopt;
  }
  return value;
}

// Retention purposes by family, as docs/api/events/index.json lists them.
events::Purpose purpose_of(std::string_view type) {
  if (type.starts_with("tap.")) return events::Purpose::movement;
  if (type.starts_with("attendance.") || type.starts_with("halfday.") ||
      type.starts_with("card.")) {
    return events::Purpose::attendance;
  }
  if (type.starts_with("child.")) return events::Purpose::childcare;
  if (type.starts_with("assessment.")) return events::Purpose::assessment;
  return events::Purpose::operation;
}

std::optional<Fetched> read_event(const json& envelope, std::string_view site) {
  constexpr std::string_view prefix = "org.rollcall.";
  constexpr std::string_view version = ".v1";
  if (!envelope.is_object()) return std::nullopt;
  const auto id = text_member(envelope, "id");
  const auto type = text_member(envelope, "type");
  const auto source = text_member(envelope, "source");
  const auto epoch = text_member(envelope, "logepoch");
  const auto sequence = text_member(envelope, "sequence");
  const auto recorded = text_member(envelope, "recordedtime");
  const auto data = envelope.find("data");
  if (!id || !type || !source || !epoch || !sequence || !recorded || data == envelope.end()) {
    return std::nullopt;
  }
  if (*source != "urn:rollcall:site:" + std::string(site) || !data->is_object()) {
    return std::nullopt;
  }
  if (!type->starts_with(prefix) || !type->ends_with(version)) return std::nullopt;
  const auto place = number(*sequence);
  const auto recorded_ms = events::parse_rfc3339(*recorded);
  if (!place || *place < 1 || !recorded_ms) return std::nullopt;

  Fetched fetched;
  fetched.place = {*epoch, *place};
  fetched.recorded_ms = *recorded_ms;
  if (const auto attempt = envelope.find("attempt");
      attempt != envelope.end() && attempt->is_number_integer()) {
    fetched.attempt = attempt->get<int>();
  }
  fetched.event.id = *id;
  fetched.event.type = type->substr(prefix.size(), type->size() - prefix.size() - version.size());
  fetched.event.subject = text_member(envelope, "subject");
  if (const auto time = text_member(envelope, "time"))
    fetched.event.time_ms = events::parse_rfc3339(*time);
  fetched.event.purpose = purpose_of(fetched.event.type);
  fetched.event.data = data->dump();
  return fetched;
}

struct Known {
  std::int64_t position;
  delivery::Place place;
};

std::optional<Known> find_event(store::Database& db, const std::string& id) {
  auto row = db.prepare(
      "SELECT l.position, coalesce(w.epoch, l.epoch), coalesce(w.sequence, l.sequence) FROM log l"
      " LEFT JOIN wire_place w ON w.position = l.position WHERE l.event_id = ?");
  if (!row.bind(id).step()) return std::nullopt;
  return Known{row.integer(0), {row.text(1), row.integer(2)}};
}

// The case system holds `fetched` at its place. When another event stands there that was taken
// after the restore, it and all behind it without a receipt go on in an epoch of their own.
void leave_contested_place(store::Database& db, const Fetched& fetched) {
  bool contested = false;
  {
    auto row = db.prepare(
        "SELECT 1 FROM log l LEFT JOIN wire_place w ON w.position = l.position"
        " LEFT JOIN delivery d ON d.position = l.position"
        " WHERE l.epoch = ? AND l.sequence = ? AND l.event_id <> ? AND w.position IS NULL"
        " AND coalesce(d.state, '') NOT IN ('accepted', 'rejected')");
    contested = row.bind(fetched.place.epoch, fetched.place.sequence, fetched.event.id).step();
  }
  if (contested) delivery::outbox::move_to_new_epoch(db, fetched.place);
}

bool place_is_free(store::Database& db, const delivery::Place& place) {
  auto row = db.prepare("SELECT 1 FROM log WHERE epoch = ? AND sequence = ?");
  return !row.bind(place.epoch, place.sequence).step();
}

// The place is taken here by an event that came after the restore: the fetched one is kept in an
// epoch that only this database knows, with its real place beside it.
std::int64_t insert_aside(store::Database& db, const Fetched& fetched) {
  const std::string epoch = "aside-" + fetched.place.epoch;
  std::int64_t sequence = 1;
  {
    auto row = db.prepare("SELECT coalesce(max(sequence), 0) + 1 FROM log WHERE epoch = ?");
    row.bind(epoch).step();
    sequence = row.integer(0);
  }
  const std::int64_t position =
      events::insert(db, fetched.event, {epoch, sequence, fetched.recorded_ms});
  db.prepare("INSERT INTO wire_place (position, epoch, sequence) VALUES (?, ?, ?)")
      .bind(position, fetched.place.epoch, fetched.place.sequence)
      .run();
  return position;
}

void mark_accepted(store::Database& db, std::int64_t position, int attempt) {
  db.prepare(
        "INSERT INTO delivery (position, batch, attempt, state) VALUES (?, '', ?, 'accepted')"
        " ON CONFLICT (position) DO UPDATE SET state = 'accepted', reason = NULL, detail = NULL"
        " WHERE state <> 'sent'")
      .bind(position, attempt)
      .run();
}

}  // namespace

std::expected<Page, std::string> read_page(std::string_view body, std::string_view site,
                                           std::string_view epoch, std::int64_t after) {
  const json page = json::parse(body, nullptr, false);
  if (!page.is_object() || !page.contains("events") || !page["events"].is_array()) {
    return std::unexpected("the page of events cannot be read");
  }
  Page result;
  std::int64_t last = after;
  for (const json& envelope : page["events"]) {
    auto fetched = read_event(envelope, site);
    if (!fetched)
      return std::unexpected("the page holds something that is not an event of this site");
    if (fetched->place.epoch != epoch || fetched->place.sequence <= last) {
      return std::unexpected("the page holds events that were not asked for, or not in order");
    }
    last = fetched->place.sequence;
    result.events.push_back(std::move(*fetched));
  }
  if (const auto next = page.find("after"); next != page.end() && next->is_number_integer()) {
    result.after = next->get<std::int64_t>();
    if (*result.after <= after) return std::unexpected("the page does not lead any further");
  }
  return result;
}

std::size_t import(store::Database& db, const std::vector<Fetched>& events,
                   const attendance::TimeZone& zone) {
  std::size_t fresh = 0;
  for (const Fetched& fetched : events) {
    leave_contested_place(db, fetched);
    if (const auto known = find_event(db, fetched.event.id)) {
      // Taken again meanwhile at another place: it is sent from there, so that no hole remains; the
      // case system knows it by its id.
      if (known->place == fetched.place) mark_accepted(db, known->position, fetched.attempt);
      continue;
    }
    const std::int64_t position =
        place_is_free(db, fetched.place)
            ? events::insert(db, fetched.event,
                             {fetched.place.epoch, fetched.place.sequence, fetched.recorded_ms})
            : insert_aside(db, fetched);
    mark_accepted(db, position, fetched.attempt);
    rebuild_from(db, fetched.event, position, zone);
    ++fresh;
  }
  return fresh;
}

void ask_terminals_again(store::Database& db) {
  db.prepare("UPDATE terminal_epoch SET resend_pending = 1").run();
}

}  // namespace rollcall::recovery
