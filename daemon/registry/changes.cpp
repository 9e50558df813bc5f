#include "daemon/registry/changes.hpp"

#include <nlohmann/json.hpp>

#include "daemon/events/json.hpp"
#include "daemon/registry/rows.hpp"

namespace rollcall::registry {
namespace {

using json = nlohmann::ordered_json;

Refusal unknown(const std::string& serial) {
  return {Refusal::Kind::unknown, "no terminal " + serial + " is known here"};
}

std::string digest_of(const crypto::Key& key) {
  return events::hex(crypto::sha256(key_id(key)));
}

json head(const config::Site& site, const Entry& entry) {
  return {{"organisation", site.organisation},
          {"site", site.id},
          {"room", entry.room},
          {"terminal", entry.serial}};
}

void drop_pending(store::Database& db, const std::string& serial) {
  db.prepare(
        "UPDATE registry SET pending_key = NULL, pending_origin = NULL, pending_by = NULL,"
        " pending_room = NULL, pending_mode = NULL, pending_languages = NULL WHERE serial = ?")
      .bind(serial)
      .run();
}

void append(const Ledger& ledger, const std::string& type, json data, const std::string& actor) {
  data["actor"] = actor;
  data["time"] = events::to_json(ledger.now);
  const std::int64_t recorded_ms = ledger.now.wall_ms.value_or(0);
  events::append(ledger.db,
                 {.id = events::new_event_id(recorded_ms),
                  .type = type,
                  .subject = std::nullopt,
                  .time_ms = ledger.now.wall_ms,
                  .purpose = events::Purpose::operation,
                  .data = data.dump()},
                 recorded_ms);
}

}  // namespace

std::string rotation_under_way(const std::string& serial) {
  return serial +
         " was given a new key and has not used it yet; let it connect once, or revoke it first";
}

Done Ledger::grant(const std::string& serial, const Placement& placement, const crypto::Key& key,
                   const std::string& actor) const {
  const auto before = read_entry(db, seal, serial);
  if (before && before->pending_origin == Origin::rotation) {
    return std::unexpected(Refusal{Refusal::Kind::state, rotation_under_way(serial)});
  }
  db.prepare(
        "INSERT INTO registry (serial, state, room, mode, languages, pending_room, pending_mode,"
        " pending_languages, pending_key, pending_origin, pending_by)"
        " VALUES (?1, 'active', ?2, ?3, ?4, ?2, ?3, ?4, ?5, 'enrolment', ?6)"
        " ON CONFLICT (serial) DO UPDATE SET pending_room = excluded.pending_room,"
        " pending_mode = excluded.pending_mode, pending_languages = excluded.pending_languages,"
        " pending_key = excluded.pending_key, pending_origin = excluded.pending_origin,"
        " pending_by = excluded.pending_by")
      .bind(serial, placement.room, to_text(placement.mode), joined(placement.languages),
            seal.seal(serial, key), actor)
      .run();
  return {};
}

Done Ledger::prove(const std::string& serial, const crypto::Key& key,
                   const std::string& firmware) const {
  const auto before = read_entry(db, seal, serial);
  if (!before) return std::unexpected(unknown(serial));
  if (before->keys[current_key] == key) return {};  // proven by another connection meanwhile
  if (before->keys[pending_key] != key) {
    return std::unexpected(
        Refusal{Refusal::Kind::state, "the key that was proven is not expected any more"});
  }
  const bool enrolment = before->pending_origin == Origin::enrolment;
  if (enrolment) {
    db.prepare(
          "UPDATE registry SET state = 'active', room = pending_room, mode = pending_mode,"
          " languages = pending_languages, enrolled_ms = ?, enrolled_by = pending_by,"
          " revoked_ms = NULL, revoked_by = NULL, revoked_reason = NULL WHERE serial = ?")
        .bind(now.wall_ms.value_or(0), serial)
        .run();
  }
  db.prepare("UPDATE registry SET key = pending_key, key_since_ms = ? WHERE serial = ?")
      .bind(now.wall_ms.value_or(0), serial)
      .run();
  drop_pending(db, serial);
  const Entry after = read_entry(db, seal, serial).value();
  json data = head(site, after);
  if (enrolment) {
    data["mode"] = to_text(after.mode);
    data["firmware"] = firmware;
    data["key_digest"] = digest_of(key);
    append(*this, "terminal.enrolled", std::move(data), before->pending_by);
  } else {
    const auto& older = before->keys[current_key];
    data["key_digest"] = digest_of(key);
    data["previous_key_digest"] = older ? json(digest_of(*older)) : json();
    append(*this, "terminal.key_rotated", std::move(data), before->pending_by);
  }
  return {};
}

Done Ledger::withdraw(const std::string& serial) const {
  const auto entry = read_entry(db, seal, serial);
  if (!entry) return std::unexpected(unknown(serial));
  if (entry->pending_origin != Origin::enrolment)
    return std::unexpected(Refusal{Refusal::Kind::state, "no enrolment of it is under way"});
  drop_pending(db, serial);
  if (entry->enrolled_ms) return {};
  db.prepare(
        "UPDATE registry SET state = 'revoked', revoked_ms = ?, revoked_by = ?,"
        " revoked_reason = 'its enrolment was not completed' WHERE serial = ?")
      .bind(now.wall_ms.value_or(0), entry->pending_by, serial)
      .run();
  return {};
}

Done Ledger::move(const std::string& serial, const Move& move, const std::string& actor) const {
  const auto before = read_entry(db, seal, serial);
  if (!before) return std::unexpected(unknown(serial));
  if (before->state == State::revoked) {
    return std::unexpected(
        Refusal{Refusal::Kind::state, serial + " is revoked; enrol it again where it stands now"});
  }
  Entry after = *before;
  if (move.room) after.room = *move.room;
  if (move.mode) after.mode = *move.mode;
  if (move.languages) after.languages = *move.languages;
  if (after.room == before->room && after.mode == before->mode &&
      after.languages == before->languages) {
    return {};
  }
  db.prepare("UPDATE registry SET room = ?, mode = ?, languages = ? WHERE serial = ?")
      .bind(after.room, to_text(after.mode), joined(after.languages), serial)
      .run();
  json data = head(site, after);
  data["mode"] = to_text(after.mode);
  data["languages"] = after.languages;
  data["previous"] = {
      {"room", before->room}, {"mode", to_text(before->mode)}, {"languages", before->languages}};
  append(*this, "terminal.moved", std::move(data), actor);
  return {};
}

std::expected<crypto::Key, Refusal> Ledger::rotate(const std::string& serial,
                                                   const crypto::Key& key,
                                                   const std::string& actor) const {
  const auto entry = read_entry(db, seal, serial);
  if (!entry) return std::unexpected(unknown(serial));
  const auto refuse = [](std::string why) {
    return std::unexpected(Refusal{Refusal::Kind::state, std::move(why)});
  };
  if (entry->state == State::revoked) return refuse(serial + " is revoked; enrol it again");
  if (entry->pending_origin == Origin::enrolment)
    return refuse("an enrolment of " + serial + " is not completed; a new key comes with it");
  if (entry->keys[pending_key]) return *entry->keys[pending_key];
  if (!entry->keys[current_key])
    return refuse(serial + " has no key that this site can open; enrol it again");
  db.prepare(
        "UPDATE registry SET pending_key = ?, pending_origin = 'rotation', pending_by = ?"
        " WHERE serial = ?")
      .bind(seal.seal(serial, key), actor, serial)
      .run();
  return key;
}

Done Ledger::revoke(const std::string& serial, const std::string& reason, const std::string& actor,
                    std::optional<std::uint32_t> waiting) const {
  const auto entry = read_entry(db, seal, serial);
  if (!entry) return std::unexpected(unknown(serial));
  const bool was_active = entry->state == State::active;
  if (!was_active && !entry->pending_origin)
    return std::unexpected(Refusal{Refusal::Kind::state, serial + " is revoked already"});
  drop_pending(db, serial);
  db.prepare(
        "UPDATE registry SET state = 'revoked', key = NULL, key_since_ms = NULL, revoked_ms = ?,"
        " revoked_by = ?, revoked_reason = ? WHERE serial = ?")
      .bind(now.wall_ms.value_or(0), actor, reason, serial)
      .run();
  if (!was_active) return {};  // only an enrolment was under way
  json data = head(site, *entry);
  data["emptied"] = waiting == 0u;
  data["waiting"] = waiting ? json(*waiting) : json();
  data["reason"] = reason;
  append(*this, "terminal.retired", std::move(data), actor);
  return {};
}

}  // namespace rollcall::registry
