#include "daemon/delivery/outbox.hpp"

#include <algorithm>

#include "daemon/events/event.hpp"

namespace rollcall::delivery::outbox {
namespace {

constexpr const char* frontier_key = "delivery_frontier";

// Queries name "state <> 'accepted'" word for word: only then SQLite uses the index that leaves the
// accepted ones, nearly all, out.

// Log rows with their place in what is delivered.
constexpr const char* placed =
    "SELECT l.position, coalesce(w.epoch, l.epoch), coalesce(w.sequence, l.sequence), l.event_id,"
    " coalesce(d.attempt, 1)"
    " FROM log l LEFT JOIN wire_place w ON w.position = l.position"
    " LEFT JOIN delivery d ON d.position = l.position ";

Item item_of(const store::Statement& row) {
  return {
      row.integer(0), {row.text(1), row.integer(2)}, row.text(3), static_cast<int>(row.integer(4))};
}

// All events at positions up to the frontier have a delivery row: the search begins behind it.
std::int64_t frontier(store::Database& db) {
  auto row = db.prepare("SELECT value FROM meta WHERE key = ?");
  row.bind(frontier_key);
  return row.step() ? std::stoll(row.text(0)) : 0;
}

void set_frontier(store::Database& db, std::int64_t position) {
  db.prepare(
        "INSERT INTO meta (key, value) VALUES (?, ?)"
        " ON CONFLICT (key) DO UPDATE SET value = excluded.value")
      .bind(frontier_key, std::to_string(position))
      .run();
}

std::vector<Item> items_to_retry(store::Database& db, std::size_t limit) {
  auto rows = db.prepare(
      "SELECT d.position, coalesce(w.epoch, l.epoch), coalesce(w.sequence, l.sequence),"
      " l.event_id, d.attempt"
      " FROM delivery d JOIN log l ON l.position = d.position"
      " LEFT JOIN wire_place w ON w.position = d.position"
      " WHERE d.state <> 'accepted' AND d.state = 'waiting' ORDER BY d.position LIMIT ?");
  rows.bind(limit);
  std::vector<Item> items;
  while (rows.step()) {
    Item item = item_of(rows);
    const bool continues = items.empty() || (item.place.epoch == items.back().place.epoch &&
                                             item.place.sequence > items.back().place.sequence);
    if (!continues) break;
    items.push_back(std::move(item));
  }
  return items;
}

std::string_view reason_for_staff(std::string_view reason) {
  if (reason == "unknown-person") return "the case system does not know the person";
  if (reason == "unknown-session") return "the case system does not know the session";
  if (reason == "duplicate-person") return "the person was merged into another one";
  if (reason == "not-allowed") return "this site may not send them";
  return "the case system cannot read them";
}

void tell_of_rejections(store::Database& db, std::int64_t now_ms) {
  std::map<std::string, std::int64_t> open;
  {
    auto rows = db.prepare(
        "SELECT reason, count(*) FROM delivery WHERE state <> 'accepted' AND state = 'rejected'"
        " GROUP BY reason");
    while (rows.step()) open[rows.text(0)] = rows.integer(1);
  }
  for (const std::string_view reason : rejection_reasons) {
    const auto found = open.find(std::string(reason));
    if (found == open.end()) {
      close_matter(db, "rejected", reason, now_ms);
      continue;
    }
    tell_staff(db, "rejected", reason,
               std::to_string(found->second) +
                   " events were not taken: " + std::string(reason_for_staff(reason)) +
                   ". They are kept here; once that is repaired there, send them again.",
               now_ms);
  }
}

// A batch without a receipt changed nothing at the case system that a later one would not repeat.
void take_back(store::Database& db, const std::string& batch_id) {
  db.prepare("DELETE FROM batch WHERE id = ? AND receipt IS NULL").bind(batch_id).run();
}

}  // namespace

std::vector<Item> next_items(store::Database& db, std::size_t limit) {
  std::vector<Item> items = items_to_retry(db, limit);
  if (!items.empty()) return items;
  auto rows = db.prepare(std::string(placed) +
                         "WHERE l.position > ? AND d.position IS NULL ORDER BY l.position LIMIT ?");
  rows.bind(frontier(db), limit);
  while (rows.step()) {
    Item item = item_of(rows);
    if (!items.empty()) {
      const Place& before = items.back().place;
      if (item.place != Place{before.epoch, before.sequence + 1}) break;
    }
    items.push_back(std::move(item));
  }
  return items;
}

std::optional<Batch> first_open(store::Database& db) {
  auto row = db.prepare(
      "SELECT id, body, digest FROM batch WHERE receipt IS NULL ORDER BY first_sequence LIMIT 1");
  if (!row.step()) return std::nullopt;
  Batch batch;
  batch.id = row.text(0);
  batch.body = row.blob(1);
  batch.digest = row.fixed<32>(2);
  auto rows = db.prepare(std::string(placed) +
                         "WHERE d.batch = ? AND d.state = 'sent'"
                         " ORDER BY coalesce(w.sequence, l.sequence)");
  rows.bind(batch.id);
  while (rows.step()) batch.items.push_back(item_of(rows));
  return batch;
}

Counts counts(store::Database& db) {
  Counts result;
  {
    auto rows = db.prepare(
        "SELECT state, coalesce(reason, ''), count(*) FROM delivery WHERE state <> 'accepted'"
        " GROUP BY 1, 2");
    while (rows.step()) {
      const auto count = static_cast<std::uint64_t>(rows.integer(2));
      if (rows.text_view(0) == "rejected") {
        result.rejected[rows.text(1)] = count;
      } else {
        result.waiting += count;
      }
    }
  }
  {
    // Positions have no holes, so this counts new events without reading them.
    const std::int64_t known = frontier(db);
    auto row = db.prepare(
        "SELECT coalesce((SELECT max(position) FROM log), 0) - ?1"
        " - (SELECT count(*) FROM delivery WHERE position > ?1)");
    row.bind(known).step();
    result.waiting += static_cast<std::uint64_t>(std::max<std::int64_t>(row.integer(0), 0));
  }
  {
    auto row = db.prepare("SELECT count(*) FROM batch WHERE receipt IS NULL");
    row.step();
    result.open_batches = static_cast<std::uint64_t>(row.integer(0));
  }
  auto row = db.prepare("SELECT max(receipt_ms) FROM batch");
  if (row.step() && !row.is_null(0)) result.last_receipt_ms = row.integer(0);
  return result;
}

void freeze(store::Database& db, const Batch& batch, std::int64_t now_ms) {
  db.prepare(
        "INSERT INTO batch (id, epoch, first_sequence, last_sequence, events, digest, body,"
        " created_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
      .bind(batch.id, batch.epoch(), batch.first(), batch.last(), batch.items.size(), batch.digest,
            batch.body, now_ms)
      .run();
  for (const Item& item : batch.items) {
    db.prepare(
          "INSERT INTO delivery (position, batch, attempt, state) VALUES (?, ?, ?, 'sent')"
          " ON CONFLICT (position) DO UPDATE SET batch = excluded.batch,"
          " attempt = excluded.attempt, state = 'sent', reason = NULL, detail = NULL")
        .bind(item.position, batch.id, item.attempt)
        .run();
  }
  // New events are taken from the front of the outbox, so all before the last one have their row.
  const bool is_retry = batch.items.front().attempt > 1;
  if (!is_retry) set_frontier(db, std::max(frontier(db), batch.items.back().position));
}

void keep_receipt(store::Database& db, const Batch& batch, const Receipt& receipt,
                  std::int64_t now_ms) {
  std::map<std::string_view, std::int64_t> position_of;
  for (const Item& item : batch.items) position_of[item.event_id] = item.position;
  for (const Rejection& rejection : receipt.rejected) {
    db.prepare(
          "UPDATE delivery SET state = 'rejected', reason = ?, detail = ?"
          " WHERE position = ? AND batch = ?")
        .bind(rejection.reason, rejection.detail, position_of.at(rejection.event_id), batch.id)
        .run();
  }
  db.prepare("UPDATE delivery SET state = 'accepted' WHERE batch = ? AND state = 'sent'")
      .bind(batch.id)
      .run();
  db.prepare(
        "UPDATE batch SET receipt = ?, receipt_ms = ?, attempts = attempts + ?, body = NULL"
        " WHERE id = ?")
      .bind(receipt.id, now_ms, batch.attempts, batch.id)
      .run();
  const bool was_retry =
      std::ranges::any_of(batch.items, [](const Item& item) { return item.attempt > 1; });
  if (was_retry || !receipt.rejected.empty()) tell_of_rejections(db, now_ms);
}

void replace(store::Database& db, const Batch& batch, const std::vector<Batch>& instead,
             std::int64_t now_ms) {
  take_back(db, batch.id);
  for (const Batch& each : instead) freeze(db, each, now_ms);
}

std::uint64_t retry_rejected(store::Database& db, const std::optional<std::string>& reason) {
  db.prepare(
        "UPDATE delivery SET state = 'waiting', attempt = attempt + 1, reason = NULL,"
        " detail = NULL WHERE state <> 'accepted' AND state = 'rejected'"
        " AND (?1 IS NULL OR reason = ?1)")
      .bind(reason)
      .run();
  return static_cast<std::uint64_t>(db.changes());
}

namespace {

// Batches of the epoch that wait for a receipt are taken back; their events wait again: new ones
// lose their row, those under a retry keep their attempt number.
void take_back_epoch(store::Database& db, const std::string& epoch) {
  db.prepare(
        "UPDATE delivery SET state = 'waiting' WHERE state = 'sent' AND attempt > 1 AND batch IN"
        " (SELECT id FROM batch WHERE epoch = ? AND receipt IS NULL)")
      .bind(epoch)
      .run();
  db.prepare(
        "DELETE FROM delivery WHERE state = 'sent' AND batch IN"
        " (SELECT id FROM batch WHERE epoch = ? AND receipt IS NULL)")
      .bind(epoch)
      .run();
  db.prepare("DELETE FROM batch WHERE epoch = ? AND receipt IS NULL").bind(epoch).run();
}

constexpr const char* in_epoch_from =
    " (SELECT l.position FROM log l LEFT JOIN wire_place w ON w.position = l.position"
    " WHERE coalesce(w.epoch, l.epoch) = ?1 AND coalesce(w.sequence, l.sequence) >= ?2) ";

}  // namespace

bool send_again_from(store::Database& db, const Place& from) {
  take_back_epoch(db, from.epoch);
  db.prepare(std::string("DELETE FROM delivery WHERE position IN") + in_epoch_from)
      .bind(from.epoch, from.sequence)
      .run();
  set_frontier(db, 0);
  auto row = db.prepare(std::string("SELECT min(coalesce(w.sequence, l.sequence)) FROM log l"
                                    " LEFT JOIN wire_place w ON w.position = l.position"
                                    " WHERE l.position IN") +
                        in_epoch_from);
  row.bind(from.epoch, from.sequence).step();
  return !row.is_null(0) && row.integer(0) == from.sequence;
}

std::uint64_t move_to_new_epoch(store::Database& db, const Place& from) {
  take_back_epoch(db, from.epoch);
  std::vector<std::int64_t> positions;
  {
    auto rows = db.prepare(std::string("SELECT l.position FROM log l"
                                       " LEFT JOIN wire_place w ON w.position = l.position"
                                       " LEFT JOIN delivery d ON d.position = l.position"
                                       " WHERE d.position IS NULL AND l.position IN") +
                           in_epoch_from + "ORDER BY coalesce(w.sequence, l.sequence)");
    rows.bind(from.epoch, from.sequence);
    while (rows.step()) positions.push_back(rows.integer(0));
  }
  const std::string epoch = events::random_uuid();
  std::int64_t sequence = 0;
  for (const std::int64_t position : positions) {
    db.prepare(
          "INSERT INTO wire_place (position, epoch, sequence) VALUES (?, ?, ?)"
          " ON CONFLICT (position) DO UPDATE SET epoch = excluded.epoch,"
          " sequence = excluded.sequence")
        .bind(position, epoch, ++sequence)
        .run();
  }
  set_frontier(db, 0);
  return positions.size();
}

void tell_staff(store::Database& db, std::string_view kind, std::string_view subject,
                std::string_view detail, std::int64_t now_ms) {
  db.prepare("UPDATE inbox SET detail = ? WHERE kind = ? AND subject = ? AND closed_ms IS NULL")
      .bind(detail, kind, subject)
      .run();
  if (db.changes() > 0) return;
  db.prepare("INSERT INTO inbox (kind, subject, detail, created_ms) VALUES (?, ?, ?, ?)")
      .bind(kind, subject, detail, now_ms)
      .run();
}

void close_matter(store::Database& db, std::string_view kind, std::string_view subject,
                  std::int64_t now_ms) {
  db.prepare(
        "UPDATE inbox SET closed_ms = ?, closed_by = 'delivery'"
        " WHERE kind = ? AND subject = ? AND closed_ms IS NULL")
      .bind(now_ms, kind, subject)
      .run();
}

}  // namespace rollcall::delivery::outbox
