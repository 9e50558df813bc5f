#include "daemon/accounts/audit.hpp"

namespace rollcall::accounts {

std::int64_t record(store::Database& db, const AuditEntry& entry) {
  db.prepare(
        "INSERT INTO audit (time_ms, account, actor, role, action, subject, detail, status) VALUES "
        "(?, ?, ?, ?, ?, ?, ?, ?)")
      .bind(entry.time_ms, entry.account, entry.actor, entry.role, entry.action, entry.subject,
            entry.detail, entry.status)
      .run();
  auto row = db.prepare("SELECT last_insert_rowid()");
  row.step();
  return row.integer(0);
}

void finish(store::Database& db, std::int64_t id, std::int64_t status,
            const std::optional<std::string>& subject) {
  db.prepare("UPDATE audit SET status = ?, subject = coalesce(subject, ?) WHERE id = ?")
      .bind(status, subject, id)
      .run();
}

std::vector<AuditRow> read_audit(store::Database& db, std::int64_t before,
                                 const AuditFilter& filter, int most) {
  std::vector<AuditRow> rows;
  auto row = db.prepare(
      "SELECT r.id, r.time_ms, r.account, r.actor, r.role, r.action, r.subject, r.detail, "
      "r.status, a.name FROM audit r LEFT JOIN account a ON a.id = r.account"
      " WHERE r.id < ?1 AND (?2 IS NULL OR r.subject = ?2) AND (?3 IS NULL OR r.actor = ?3 OR "
      "a.name = ?3) AND r.time_ms >= ?4 AND (?5 IS NULL OR r.time_ms < ?5) ORDER BY r.id DESC "
      "LIMIT ?6");
  row.bind(before, filter.subject, filter.actor, filter.from_ms, filter.until_ms, most);
  while (row.step()) {
    AuditRow one;
    one.id = row.integer(0);
    one.entry = {row.integer(1), row.optional_text(2), row.text(3), row.text(4),
                 row.text(5),    row.optional_text(6), row.text(7), {}};
    if (!row.is_null(8)) one.entry.status = row.integer(8);
    one.name = row.optional_text(9);
    rows.push_back(std::move(one));
  }
  return rows;
}

}  // namespace rollcall::accounts
