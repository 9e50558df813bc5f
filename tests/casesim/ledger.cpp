#include "tests/casesim/ledger.hpp"

#include <cstdio>
#include <set>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/casesim/ledger_schema.hpp"
#include "tests/casesim/range.hpp"

namespace rollcall::casesim {
namespace {

using nlohmann::json;

constexpr std::size_t max_nesting = 32;  // deepest value of any schema is about 8
constexpr std::size_t max_events = 10000;
constexpr std::size_t longest_detail = 500;  // receipt.json

// Brackets outside texts; so that a hostile body cannot exhaust the stack later.
bool nested_within(std::string_view text, std::size_t limit) {
  std::size_t depth = 0;
  bool quoted = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (quoted) {
      if (c == '\\') {
        ++at;
      } else if (c == '"') {
        quoted = false;
      }
    } else if (c == '"') {
      quoted = true;
    } else if (c == '{' || c == '[') {
      if (++depth > limit) return false;
    } else if ((c == '}' || c == ']') && depth > 0) {
      --depth;
    }
  }
  return true;
}

std::string dump(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::int64_t sequence_of(const json& event) {
  return std::stoll(event.at("sequence").get_ref<const std::string&>());
}

std::optional<std::string> subject_of(const json& event) {
  if (!event.contains("subject")) return std::nullopt;
  return event.at("subject").get<std::string>();
}

std::string limited(std::string text) {
  if (text.size() > longest_detail) text.resize(longest_detail);
  return text;
}

// COMMIT or, on every other way out, ROLLBACK.
class Transaction {
 public:
  explicit Transaction(store::Database& db) : db_(db) { db_.exec("BEGIN IMMEDIATE"); }
  ~Transaction() {
    if (open_) db_.exec("ROLLBACK");
  }
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit() {
    db_.exec("COMMIT");
    open_ = false;
  }

 private:
  store::Database& db_;
  bool open_ = true;
};

}  // namespace

Ledger::Ledger(const std::string& path, const Schemas& schemas, PersonList& rejected_people,
               LedgerOptions options)
    : db_(path, store::Database::Mode::read_write),
      schemas_(schemas),
      rejected_people_(rejected_people),
      options_(std::move(options)) {
  db_.exec(ledger_schema);
}

std::expected<std::string, Problem> Ledger::submit(const Submission& submission) {
  rejected_people_.refresh();
  Transaction transaction(db_);
  try {
    auto receipt = process(submission);
    if (receipt) transaction.commit();
    return receipt;
  } catch (const json::exception& error) {  // only without schema checks, under --discard
    return std::unexpected(malformed(error.what()));
  }
}

std::expected<std::string, Problem> Ledger::process(const Submission& submission) {
  if (!nested_within(submission.body, max_nesting)) {
    return std::unexpected(malformed("the body is nested too deeply"));
  }
  const json batch = json::parse(submission.body, nullptr, false);
  if (batch.is_discarded()) return std::unexpected(malformed("the body is not JSON"));
  if (auto fault = batch_fault(submission, batch)) return std::unexpected(std::move(*fault));

  auto stored = stored_receipt(submission);
  if (!stored) return std::unexpected(std::move(stored.error()));
  if (*stored) return std::move(**stored);

  const json& range = batch.at("range");
  const std::string epoch = range.at("epoch");
  const std::int64_t held = head(submission.site, epoch).sequence;
  std::vector<std::int64_t> sequences;
  for (const json& event : batch.at("events")) sequences.push_back(sequence_of(event));
  const RangeVerdict verdict = judge_range(held, {range.at("first"), range.at("last")}, sequences);
  if (verdict.standing == Standing::malformed) return std::unexpected(malformed(verdict.detail));
  if (auto forked = fork(batch)) return std::unexpected(std::move(*forked));
  if (verdict.standing == Standing::gap) {
    Problem gap{.status = 409, .name = "gap", .title = "Events are missing before this batch"};
    gap.epoch = epoch;
    gap.expected = held + 1;
    return std::unexpected(std::move(gap));
  }

  json accepted = json::array();
  json rejected = json::array();
  for (const json& event : batch.at("events")) {
    if (const auto no = take(submission.site, submission.key, event)) {
      rejected.push_back({{"id", event.at("id")}, {"type", no->reason}, {"detail", no->detail}});
    } else {
      accepted.push_back(event.at("id"));
    }
  }
  advance(submission.site, batch);
  return write_receipt(submission, batch, accepted, rejected);
}

std::expected<std::optional<std::string>, Problem> Ledger::stored_receipt(
    const Submission& submission) {
  auto known = db_.prepare("SELECT digest FROM batch WHERE site = ? AND id = ?");
  known.bind(submission.site, submission.key);
  if (!known.step()) return std::nullopt;
  if (known.blob(0) != submission.digest) {
    return std::unexpected(Problem{.status = 422,
                                   .name = "key-reused",
                                   .title = "The key was used with other bytes",
                                   .detail = "batch " + submission.key + " was received before"});
  }
  db_.prepare("UPDATE batch SET requests = requests + 1 WHERE site = ? AND id = ?")
      .bind(submission.site, submission.key)
      .run();
  auto receipt = db_.prepare("SELECT body FROM receipt WHERE site = ? AND batch = ?");
  receipt.bind(submission.site, submission.key);
  receipt.step();
  return receipt.text(0);
}

std::optional<Problem> Ledger::batch_fault(const Submission& submission, const json& batch) const {
  const bool has_events = batch.is_object() && batch.contains("events");
  if (!has_events || !batch.at("events").is_array() || batch.at("events").empty()) {
    return malformed("the body carries no events");
  }
  if (batch.at("events").size() > max_events) {
    Problem large{.status = 413, .name = "too-large", .title = "Too many events in one batch"};
    large.limit = static_cast<std::int64_t>(max_events);
    return large;
  }
  if (!options_.discard) {
    if (auto fault = schemas_.fault("batch.json", batch)) return malformed(*fault);
  }
  if (batch.at("site") != submission.site) {
    Problem mismatch = malformed("the body names another site than the path");
    mismatch.name = "site-mismatch";
    return mismatch;
  }
  if (batch.at("batch") != submission.key) {
    return malformed("Idempotency-Key is not the batch's id");
  }
  std::set<std::string_view> ids;
  const std::string source = "urn:rollcall:site:" + submission.site;
  for (const json& event : batch.at("events")) {
    const auto& id = event.at("id").get_ref<const std::string&>();
    if (!ids.insert(id).second) return malformed("event " + id + " is in the batch twice");
    if (event.at("logepoch") != batch.at("range").at("epoch")) {
      return malformed("event " + id + " has another logepoch than the range");
    }
    if (event.at("source") != source) return malformed("event " + id + " is of another site");
  }
  return std::nullopt;
}

std::optional<Problem> Ledger::fork(const json& batch) {
  if (options_.discard) return std::nullopt;
  const std::string site = batch.at("site");
  const std::string epoch = batch.at("range").at("epoch");
  for (const json& event : batch.at("events")) {
    auto slot =
        db_.prepare("SELECT event_id FROM slot WHERE site = ? AND epoch = ? AND sequence = ?");
    slot.bind(site, epoch, sequence_of(event));
    if (!slot.step() || slot.text_view(0) == event.at("id").get_ref<const std::string&>()) continue;
    Problem fork{
        .status = 409, .name = "fork", .title = "Another event is known at this place of the log"};
    fork.epoch = epoch;
    fork.sequence = sequence_of(event);
    fork.event = slot.text(0);
    return fork;
  }
  return std::nullopt;
}

Ledger::Head Ledger::head(std::string_view site, std::string_view epoch) {
  auto row = db_.prepare("SELECT sequence, event_id FROM head WHERE site = ? AND epoch = ?");
  row.bind(site, epoch);
  if (!row.step()) return {};
  return {row.integer(0), row.text(1)};
}

std::optional<Ledger::Rejection> Ledger::take(const std::string& site, const std::string& batch,
                                              const json& event) {
  if (options_.discard) return std::nullopt;
  cover(site, event);
  const std::string id = event.at("id");
  const int attempt = event.at("attempt");
  {
    auto known = db_.prepare("SELECT 1 FROM event WHERE event_id = ?");
    known.bind(id);
    if (known.step()) return std::nullopt;
  }
  const auto rejection = judge(event);
  const std::string epoch = event.at("logepoch");
  const std::string type = event.at("type");
  if (rejection) {
    db_.prepare(
           "INSERT INTO rejected (event_id, site, epoch, sequence, type, subject, reason, detail,"
           " attempt, batch, rejected_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
           " ON CONFLICT (event_id) DO UPDATE SET times = times + 1, reason = excluded.reason,"
           " detail = excluded.detail, attempt = excluded.attempt, batch = excluded.batch,"
           " rejected_ms = excluded.rejected_ms")
        .bind(id, site, epoch, sequence_of(event), type, subject_of(event), rejection->reason,
              rejection->detail, attempt, batch, options_.now_ms())
        .run();
    return rejection;
  }
  db_.prepare(
         "INSERT INTO event (event_id, site, epoch, sequence, type, subject, body, attempt, batch,"
         " accepted_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .bind(id, site, epoch, sequence_of(event), type, subject_of(event), dump(event), attempt,
            batch, options_.now_ms())
      .run();
  db_.prepare("UPDATE rejected SET resolved_ms = ? WHERE event_id = ?")
      .bind(options_.now_ms(), id)
      .run();
  return std::nullopt;
}

std::optional<Ledger::Rejection> Ledger::judge(const json& event) const {
  if (auto fault = event_fault(schemas_, event)) {
    return Rejection{"schema", limited(std::move(*fault))};
  }
  const auto subject = subject_of(event);
  if (subject && rejected_people_.contains(*subject)) {
    return Rejection{"unknown-person", "subject " + *subject + " is not known here"};
  }
  return std::nullopt;
}

void Ledger::cover(const std::string& site, const json& event) {
  db_.prepare("INSERT OR IGNORE INTO slot (site, epoch, sequence, event_id) VALUES (?, ?, ?, ?)")
      .bind(site, event.at("logepoch").get_ref<const std::string&>(), sequence_of(event),
            event.at("id").get_ref<const std::string&>())
      .run();
}

void Ledger::advance(const std::string& site, const json& batch) {
  const json& newest = batch.at("events").back();
  db_.prepare(
         "INSERT INTO head (site, epoch, opened, sequence, event_id) VALUES (?1, ?2,"
         " (SELECT count(*) + 1 FROM head WHERE site = ?1), ?3, ?4)"
         " ON CONFLICT (site, epoch) DO UPDATE SET sequence = excluded.sequence,"
         " event_id = excluded.event_id WHERE excluded.sequence > sequence")
      .bind(site, batch.at("range").at("epoch").get_ref<const std::string&>(), sequence_of(newest),
            newest.at("id").get_ref<const std::string&>())
      .run();
}

std::string Ledger::write_receipt(const Submission& submission, const json& batch,
                                  const json& accepted, const json& rejected) {
  const json& range = batch.at("range");
  db_.prepare(
         "INSERT INTO batch (id, site, epoch, first_sequence, last_sequence, events, digest,"
         " received_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
      .bind(submission.key, submission.site, range.at("epoch").get_ref<const std::string&>(),
            range.at("first").get<std::int64_t>(), range.at("last").get<std::int64_t>(),
            static_cast<std::int64_t>(batch.at("events").size()), submission.digest,
            options_.now_ms())
      .run();
  auto next = db_.prepare("SELECT coalesce(max(number), 0) + 1 FROM receipt");
  next.step();
  const std::int64_t number = next.integer(0);
  char id[32];
  std::snprintf(id, sizeof id, "r-%012lld", static_cast<long long>(number));
  std::string body = dump({{"receipt", id},
                           {"accepted", accepted},
                           {"rejected", rejected},
                           {"checkpoint", batch.at("checkpoint")}});
  db_.prepare("INSERT INTO receipt (number, site, batch, body, created_ms) VALUES (?, ?, ?, ?, ?)")
      .bind(number, submission.site, submission.key, body, options_.now_ms())
      .run();
  return body;
}

std::string Ledger::state(std::string_view site) {
  auto newest = db_.prepare(
      "SELECT epoch, sequence, event_id FROM head WHERE site = ? ORDER BY opened DESC LIMIT 1");
  newest.bind(site);
  json state = {{"epoch", nullptr}, {"sequence", nullptr}, {"event", nullptr}};
  if (newest.step()) {
    state = {{"epoch", newest.text(0)}, {"sequence", newest.integer(1)}, {"event", newest.text(2)}};
  }
  return dump(state);
}

std::string Ledger::events(std::string_view site, std::string_view epoch, std::int64_t after,
                           int limit) {
  auto rows = db_.prepare(
      "SELECT sequence, body FROM event WHERE site = ? AND epoch = ? AND sequence > ?"
      " ORDER BY sequence LIMIT ?");
  rows.bind(site, epoch, after, limit + 1);
  json page = {{"epoch", std::string(epoch)}, {"events", json::array()}, {"after", nullptr}};
  std::int64_t last = after;
  while (rows.step()) {
    if (page["events"].size() == static_cast<std::size_t>(limit)) {
      page["after"] = last;
      break;
    }
    last = rows.integer(0);
    page["events"].push_back(json::parse(rows.text_view(1)));
  }
  return dump(page);
}

Ledger::Totals Ledger::totals() {
  auto row = db_.prepare(
      "SELECT (SELECT count(*) FROM event), (SELECT count(*) FROM rejected WHERE resolved_ms IS"
      " NULL), (SELECT count(*) FROM batch)");
  row.step();
  return {row.integer(0), row.integer(1), row.integer(2)};
}

}  // namespace rollcall::casesim
