#include "daemon/events/event.hpp"

#include <algorithm>
#include <stdexcept>

#include <nlohmann/json.hpp>
#include <openssl/rand.h>
#include <sqlite3.h>

#include "daemon/events/json.hpp"
#include "protocol/crypto/crypto.hpp"

namespace rollcall::events {
namespace {

constexpr std::size_t salt_size = 16;

std::array<std::uint8_t, salt_size> fresh_salt() {
  std::array<std::uint8_t, salt_size> salt{};
  if (RAND_bytes(salt.data(), static_cast<int>(salt.size())) != 1) {
    throw std::runtime_error("no random numbers to be had");
  }
  return salt;
}

// The leaf of a log row: SHA-256(salt | payload). Without the salt the payload cannot be guessed
// from it.
crypto::Digest leaf_of(std::span<const std::uint8_t> salt, std::string_view data) {
  std::vector<std::uint8_t> input(salt.begin(), salt.end());
  input.insert(input.end(), data.begin(), data.end());
  return crypto::sha256(input);
}

std::string meta_value(store::Database& db, std::string_view key) {
  auto find = db.prepare("SELECT value FROM meta WHERE key = ?");
  find.bind(key);
  return find.step() ? find.text(0) : std::string();
}

void set_meta(store::Database& db, std::string_view key, std::string_view value) {
  db.prepare(
        "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = "
        "excluded.value")
      .bind(key, value)
      .run();
}

std::int64_t next_sequence(store::Database& db, const std::string& epoch) {
  auto last = db.prepare("SELECT coalesce(max(sequence), 0) FROM log WHERE epoch = ?");
  last.bind(epoch);
  last.step();
  return last.integer(0) + 1;
}

// Appends `,"name":"value"`.
void add_member(std::string& json, std::string_view name, std::string_view value) {
  const bool plain = std::ranges::all_of(
      value, [](char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; });
  json.append(",\"").append(name).append("\":");
  if (plain) {
    json.append(1, '"').append(value).append(1, '"');
  } else {
    json += nlohmann::json(value).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  }
}

std::string_view payload_query(Purpose purpose) {
  static const auto queries = [] {
    std::array<std::string, all_purposes.size()> all;
    for (const Purpose each : all_purposes) {
      all[static_cast<std::size_t>(each)] =
          "SELECT data FROM " + std::string(payload_table(each)) + " WHERE position = ?";
    }
    return all;
  }();
  return queries[static_cast<std::size_t>(purpose)];
}

std::string sequence_text(std::int64_t sequence) {
  std::string digits = std::to_string(sequence);
  return std::string(20 - std::min<std::size_t>(20, digits.size()), '0') + digits;
}

}  // namespace

std::string_view name(Purpose purpose) {
  switch (purpose) {
    case Purpose::movement:
      return "movement";
    case Purpose::attendance:
      return "attendance";
    case Purpose::assessment:
      return "assessment";
    case Purpose::childcare:
      return "childcare";
    case Purpose::operation:
      return "operation";
  }
  throw std::logic_error("a purpose without a name");
}

std::string_view payload_table(Purpose purpose) {
  switch (purpose) {
    case Purpose::movement:
      return "payload_movement";
    case Purpose::attendance:
      return "payload_attendance";
    case Purpose::assessment:
      return "payload_assessment";
    case Purpose::childcare:
      return "payload_childcare";
    case Purpose::operation:
      return "payload_operation";
  }
  throw std::logic_error("a purpose without a table");
}

std::optional<Purpose> purpose_from(std::string_view text) {
  for (const Purpose purpose : all_purposes) {
    if (name(purpose) == text) return purpose;
  }
  return std::nullopt;
}

std::string current_epoch(store::Database& db) {
  std::string epoch = meta_value(db, "log_epoch");
  return epoch.empty() ? open_new_epoch(db) : epoch;
}

std::string open_new_epoch(store::Database& db) {
  const std::string epoch = random_uuid();
  set_meta(db, "log_epoch", epoch);
  return epoch;
}

Appended append(store::Database& db, const Event& event, std::int64_t recorded_ms) {
  {
    auto known = db.prepare("SELECT position FROM log WHERE event_id = ?");
    known.bind(event.id);
    if (known.step()) return {known.integer(0), false};
  }
  const std::string epoch = current_epoch(db);
  return {insert(db, event, {epoch, next_sequence(db, epoch), recorded_ms}), true};
}

std::int64_t insert(store::Database& db, const Event& event, const Place& place) {
  const auto salt = fresh_salt();
  db.prepare(
        "INSERT INTO log (epoch, sequence, event_id, type, subject, time_ms, recorded_ms, purpose, "
        "leaf)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .bind(place.epoch, place.sequence, event.id, event.type, event.subject, event.time_ms,
            place.recorded_ms, name(event.purpose), leaf_of(salt, event.data))
      .run();
  const std::int64_t position = sqlite3_last_insert_rowid(db.handle());
  db.prepare("INSERT INTO " + std::string(payload_table(event.purpose)) +
             " (position, salt, data) VALUES (?, ?, ?)")
      .bind(position, salt, event.data)
      .run();
  return position;
}

std::string to_cloudevent(store::Database& db, std::string_view site, std::int64_t position,
                          int attempt) {
  auto row = db.prepare(
      "SELECT coalesce(w.epoch, l.epoch), coalesce(w.sequence, l.sequence), event_id, type, "
      "subject, time_ms, recorded_ms, purpose FROM log l "
      "LEFT JOIN wire_place w ON w.position = l.position WHERE l.position = ?");
  row.bind(position);
  if (!row.step()) throw std::logic_error("no log row at position " + std::to_string(position));

  // Written by hand: delivery makes hundreds of thousands of these, and parsing what was stored as
  // JSON only to write it again took most of its time.
  std::string event = R"({"specversion":"1.0")";
  event.reserve(1024);
  add_member(event, "id", row.text_view(2));
  add_member(event, "source", "urn:rollcall:site:" + std::string(site));
  add_member(event, "type", "org.rollcall." + row.text(3) + ".v1");
  if (!row.is_null(4)) add_member(event, "subject", row.text_view(4));
  if (!row.is_null(5)) add_member(event, "time", rfc3339(row.integer(5)));
  add_member(event, "recordedtime", rfc3339(row.integer(6)));
  add_member(event, "logepoch", row.text_view(0));
  add_member(event, "sequence", sequence_text(row.integer(1)));
  event.append(R"(,"attempt":)").append(std::to_string(attempt));
  add_member(event, "datacontenttype", "application/json");

  const auto purpose = purpose_from(row.text_view(7));
  if (!purpose) throw std::logic_error("a log row has no known purpose");
  auto payload = db.prepare(payload_query(*purpose));
  payload.bind(position);
  if (payload.step()) event.append(R"(,"data":)").append(payload.text_view(0));
  event += '}';
  return event;
}

nlohmann::ordered_json to_json(const TimeBlock& time) {
  const auto or_null = [](const std::optional<std::int64_t>& unix_ms) {
    return unix_ms ? nlohmann::ordered_json(rfc3339(*unix_ms)) : nlohmann::ordered_json();
  };
  return {{"wall", or_null(time.wall_ms)},
          {"trust", to_text(time.wall_ms ? time.trust : protocol::ClockTrust::unproven)},
          {"monotonic_ms", time.monotonic_ms},
          {"boot", time.boot},
          {"not_before", or_null(time.not_before_ms)},
          {"not_after", or_null(time.not_after_ms)}};
}

nlohmann::ordered_json to_json(const TapIdentity& tap) {
  return {{"terminal", tap.serial}, {"epoch", hex(tap.epoch)}, {"number", tap.number}};
}

std::string_view to_text(protocol::ClockTrust trust) {
  switch (trust) {
    case protocol::ClockTrust::unproven:
      return "unproven";
    case protocol::ClockTrust::drifting:
      return "drifting";
    case protocol::ClockTrust::synced:
      return "synced";
  }
  return "unproven";  // a terminal sent a number that has no meaning: the least is believed
}

}  // namespace rollcall::events
