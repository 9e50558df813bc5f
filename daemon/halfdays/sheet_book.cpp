#include "daemon/halfdays/sheet_book.hpp"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include "daemon/attendance/desk_deed.hpp"
#include "daemon/attendance/sighting.hpp"
#include "daemon/events/contract.hpp"
#include "daemon/events/json.hpp"
#include "daemon/halfdays/forms.hpp"
#include "daemon/halfdays/months.hpp"
#include "daemon/halfdays/rows.hpp"

namespace rollcall::halfdays {
namespace {

using attendance::event_id;
using nlohmann::ordered_json;
using sheets::Line;
using sheets::Sheet;

constexpr std::array<std::string_view, 5> withdrawal_reasons = {
    "wrong_half_day", "wrong_session", "content_changed", "by_mistake", "other"};

ordered_json or_null(const std::optional<std::string>& text) {
  return text ? ordered_json(*text) : ordered_json();
}

std::unexpected<std::string> refused(std::string_view clause) {
  return std::unexpected(std::string(clause));
}

// One sheet while something is done to it.
class Open {
 public:
  static Result<Open> open(store::Database& db, const Rules& rules, const SheetKey& key,
                           const attendance::HostTime& now) {
    const auto session = roster::session_on(db, key.session, key.day);
    if (!session) return refused("the timetable has no such session on that day");
    Open opened(db, rules, key, now, *session);
    opened.row_ = sheet_row(db, key);
    return opened;
  }

  HalfDayState state() const {
    const auto date = sheets::date_from_iso(key_.day);
    HalfDayState state;
    state.end_ms = zone_.instant(key_.day, session_.end_minute);
    state.cancelled = session_.cancelled;
    state.holiday = date && rules_.calendar.is_holiday(*date);
    state.confirmed = row_ && row_->confirmed;
    if (state.confirmed) state.confirmation = event_id(db_, *row_->confirmed);
    state.closed = row_ && row_->closed;
    return state;
  }
  Moment moment() const { return {now_.wall_ms, now_.trust == protocol::ClockTrust::unproven}; }

  ordered_json common() const {
    return {{"organisation", rules_.config.site.organisation},
            {"site", rules_.config.site.id},
            {"room", session_.room.empty() ? ordered_json() : ordered_json(session_.room)},
            {"terminal", nullptr},
            {"session", session_.id},
            {"half_day", {{"date", key_.day}, {"part", session_.half_day}}},
            {"programme", or_null(session_.programme)},
            {"grant", or_null(session_.grant)},
            {"contract", or_null(session_.contract)}};
  }

  std::int64_t append(const char* type, ordered_json data,
                      const std::optional<std::string>& subject) {
    return halfdays::append(db_, type, std::move(data), subject, now_);
  }

  // Takes back the signature or confirmation that stands at `position`.
  void withdraw(std::int64_t position, std::string_view what,
                const std::optional<std::string>& signer, std::string_view reason,
                std::string_view text, std::string_view actor) {
    ordered_json data = common();
    data["sheet"] = row_->id;
    data["withdraws"] = event_id(db_, position);
    data["what"] = what;
    data["reason"] = reason;
    data["text"] = text;
    data["actor"] = actor;
    const std::int64_t withdrawn = append("halfday.withdrawn", std::move(data), signer);
    db_.prepare("UPDATE signature SET withdrawn = ? WHERE position = ?")
        .bind(withdrawn, position)
        .run();
  }

  // Something was taken back: it waits to be closed again.
  void reopen() {
    db_.prepare("UPDATE sheet SET closed = NULL WHERE session = ? AND day = ?")
        .bind(key_.session, key_.day)
        .run();
  }

  struct Standing {
    std::int64_t position;
    std::string person;
    bool trainer;
  };
  std::vector<Standing> signatures() const {
    std::vector<Standing> all;
    auto row = db_.prepare(
        "SELECT position, person, role = 'trainer' FROM signature WHERE session = ? AND day = ?"
        " AND withdrawn IS NULL ORDER BY position");
    row.bind(key_.session, key_.day);
    while (row.step()) all.push_back({row.integer(0), row.text(1), row.integer(2) != 0});
    return all;
  }
  // Of those whose signature falls with what it was given for.
  template <class Falls>
  int withdraw_signatures(std::string_view text, Falls&& falls) {
    int withdrawn = 0;
    for (const Standing& one : signatures()) {
      if (!falls(one)) continue;
      withdraw(one.position, "signature", one.person, "content_changed", text, "rule");
      ++withdrawn;
    }
    return withdrawn;
  }

  std::optional<Sheet> read() const { return read_sheet(db_, rules_.config, key_, now_.wall_ms); }

  const roster::SessionOn& session() const { return session_; }
  const attendance::TimeZone& zone() const { return zone_; }
  std::optional<SheetRow>& row() { return row_; }

 private:
  Open(store::Database& db, const Rules& rules, SheetKey key, const attendance::HostTime& now,
       roster::SessionOn session)
      : db_(db),
        rules_(rules),
        key_(std::move(key)),
        now_(now),
        session_(std::move(session)),
        zone_(rules.config.site.timezone) {}

  store::Database& db_;
  const Rules& rules_;
  SheetKey key_;
  attendance::HostTime now_;
  roster::SessionOn session_;
  attendance::TimeZone zone_;
  std::optional<SheetRow> row_;
};

// Takes what the trainer says of stays with an end that nobody saw into the lines.
Result<void> state_minutes(const std::map<std::string, int>& stated,
                           std::vector<Participant>& participants) {
  for (const auto& [person, minutes] : stated) {
    const auto found = std::ranges::find(participants, person, &Participant::person);
    if (found == participants.end()) return refused(person + " is not on this sheet");
    const int most = found->half_day.minutes + found->half_day.unproven_minutes;
    if (minutes < found->half_day.minutes || minutes > most) {
      return refused("of " + person + " between " + std::to_string(found->half_day.minutes) +
                     " and " + std::to_string(most) +
                     " minutes can be stated: what was seen, and what the stay may have been");
    }
    found->line.minutes = minutes;
  }
  return {};
}

// The signatures of those whose own line says something else than they signed, or of everybody when
// it is another title or other hours. The trainer has signed for all lines.
int withdraw_what_changed(Open& sheet, const ordered_json& before, const ordered_json& after,
                          const std::vector<Participant>& people) {
  const bool same_half_day =
      before.at("title") == after.at("title") && before.at("planned") == after.at("planned");
  const auto own_line_holds = [&](const std::string& person) {
    const auto line = std::ranges::find_if(
        before.at("people"), [&](const ordered_json& told) { return told.at("person") == person; });
    const auto now = std::ranges::find(people, person, &Participant::person);
    if (line == before.at("people").end() || now == people.end()) return false;
    const auto minutes = now->line.minutes ? ordered_json(*now->line.minutes) : ordered_json();
    return still_says(*line, *now) && line->at("minutes") == minutes;
  };
  return sheet.withdraw_signatures("The sheet was confirmed again with other content.",
                                   [&](const Open::Standing& one) {
                                     if (one.trainer)
                                       return before.at("digest") != after.at("digest");
                                     return !same_half_day || !own_line_holds(one.person);
                                   });
}

void keep_confirmed(store::Database& db, const SheetKey& key, const SheetRow& row) {
  db.prepare(
        "INSERT INTO sheet (session, day, id, version, confirmed) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (session, day) DO UPDATE SET version = excluded.version, confirmed = "
        "excluded.confirmed, closed = NULL")
      .bind(key.session, key.day, row.id, row.version, row.confirmed)
      .run();
}

bool was_there(const Sheet& sheet, const std::string& person) {
  const auto line =
      std::ranges::find(sheet.lines, person, [](const Line& l) { return l.person.id; });
  return line != sheet.lines.end() && sheets::was_there(line->mark);
}

}  // namespace

Result<Confirmed> confirm(store::Database& db, const Rules& rules, const ConfirmRequest& request,
                          const attendance::HostTime& now) {
  if (!events::is_actor(request.actor)) return refused("who confirms it is needed");
  auto sheet = Open::open(db, rules, request.sheet, now);
  if (!sheet) return std::unexpected(sheet.error());
  HalfDayState state = sheet->state();
  if (state.confirmed) {
    const auto read = read_sheet_now(db, rules.config, request.sheet, now.wall_ms);
    state.outdated = read && read->outdated;
  }
  if (const auto refusal = refuse_confirmation(state, sheet->moment()))
    return refused(phrase(*refusal));

  // Who is here shortly before the end is there until then: the trainer's confirmation says so.
  auto people = participants(db, rules.config, sheet->zone(), sheet->session(),
                             std::max(now.wall_ms, state.end_ms));
  if (const auto stated = state_minutes(request.minutes, people); !stated)
    return std::unexpected(stated.error());
  Sheet content = planned_sheet(db, rules.config, sheet->zone(), sheet->session());
  for (const Participant& participant : people) content.lines.push_back(participant.line);

  std::optional<SheetRow>& row = sheet->row();
  const auto before = row ? row->confirmed : std::nullopt;
  if (!row) row = SheetRow{events::random_uuid(), 0, {}, {}};
  const std::string digest = events::hex(sheets::digest(content));
  ordered_json data = sheet->common();
  const nlohmann::json shown_to_signers = sheets::signed_content(content);
  for (const auto& [member, value] : shown_to_signers.items()) data[member] = value;
  data["sheet"] = row->id;
  data["digest"] = digest;
  data["decided_by"] = {{"rule", "half-day"},
                        {"version", attendance::rule_version},
                        {"reason", "stays within the half-day"}};
  data["replaces"] = before ? ordered_json(event_id(db, *before)) : ordered_json();
  data["method"] = "assisted";
  data["assurance"] = "staff";
  data["actor"] = request.actor;
  const int withdrawn =
      before
          ? withdraw_what_changed(*sheet, *attendance::attendance_data(db, *before), data, people)
          : 0;
  row->confirmed = sheet->append("halfday.confirmed", std::move(data), std::nullopt);
  ++row->version;
  keep_confirmed(db, request.sheet, *row);
  return Confirmed{row->id, event_id(db, *row->confirmed), digest, withdrawn};
}

Result<std::string> sign(store::Database& db, const Rules& rules, const SignRequest& request,
                         const attendance::HostTime& now) {
  const auto fields = fields_of(request);
  if (!fields) return std::unexpected(fields.error());
  if (request.actor && !events::is_actor(*request.actor))
    return refused("who witnesses it is needed");
  auto sheet = Open::open(db, rules, request.sheet, now);
  if (!sheet) return std::unexpected(sheet.error());
  const auto content = sheet->state().confirmed ? sheet->read() : std::nullopt;
  const bool trainer = request.role == "trainer";
  Signer signer;
  signer.was_there = content && (trainer ? content->trainer.id == request.person
                                         : was_there(*content, request.person));
  signer.has_signed = std::ranges::any_of(
      sheet->signatures(), [&](const auto& s) { return s.person == request.person; });
  if (const auto refusal = refuse_signature(sheet->state(), signer, sheet->moment()))
    return refused(phrase(*refusal));
  if (request.confirmed && request.confirmed != sheet->state().confirmation)
    return refused("the half-day was confirmed again since it was shown");
  const auto programme = config::programme_of(rules.config, sheet->session().programme);
  if (const auto why = refuse_form(db, programme, request, *fields)) return refused(*why);

  ordered_json data = sheet->common();
  if (!request.terminal.empty()) data["terminal"] = request.terminal;
  data["sheet"] = sheet->row()->id;
  data["confirmed"] = event_id(db, *sheet->row()->confirmed);
  data["digest"] = events::hex(sheets::digest(*content));
  data["role"] = trainer ? "trainer" : "participant";
  data["form"] = fields->form;
  const auto bytes = [](const std::string& text) {
    return std::span(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
  };
  data["signature"] = fields->drawing
                          ? ordered_json(events::hex(crypto::sha256(bytes(*fields->drawing))))
                          : ordered_json();
  data["tap"] = fields->tap ? events::to_json(*fields->tap) : ordered_json();
  data["method"] = request.method;
  data["assurance"] = request.assurance;
  data["actor"] = or_null(request.actor);
  if (fields->reason) data["reason"] = *fields->reason;
  const std::int64_t position = sheet->append("halfday.signed", std::move(data), request.person);
  db.prepare(
        "INSERT INTO signature (position, session, day, person, role, form, drawing, witness, "
        "reason)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .bind(position, request.sheet.session, request.sheet.day, request.person,
            trainer ? "trainer" : "participant", fields->form, fields->drawing, fields->witness,
            fields->reason)
      .run();
  db.prepare("DELETE FROM not_signed WHERE session = ? AND day = ? AND person = ?")
      .bind(request.sheet.session, request.sheet.day, request.person)
      .run();
  return event_id(db, position);
}

Result<int> withdraw(store::Database& db, const Rules& rules, const WithdrawRequest& request,
                     const attendance::HostTime& now) {
  if (const auto sound = attendance::check_deed(request.actor, request.text); !sound)
    return std::unexpected(sound.error());
  if (std::ranges::find(withdrawal_reasons, request.reason) == withdrawal_reasons.end())
    return refused(
        "the reason is one of wrong_half_day, wrong_session, content_changed, by_mistake, other");
  SheetKey key;
  std::int64_t position = 0;
  std::optional<std::string> signer;
  {
    auto row = db.prepare(
        "SELECT s.session, s.day, s.position, s.person FROM signature s JOIN log l ON l.position = "
        "s.position"
        " WHERE l.event_id = ?1 AND s.withdrawn IS NULL"
        " UNION ALL SELECT s.session, s.day, s.confirmed, NULL FROM sheet s JOIN log l ON "
        "l.position = s.confirmed"
        " WHERE l.event_id = ?1");
    if (!row.bind(request.event).step())
      return refused("no signature or confirmation in force has this id");
    key = {row.text(0), row.text(1)};
    position = row.integer(2);
    signer = row.optional_text(3);
  }
  auto sheet = Open::open(db, rules, key, now);
  if (!sheet) return std::unexpected(sheet.error());
  if (sheet->state().closed) {
    const std::string month = key.day.substr(0, month_length);
    if (const auto sent = newest_sent(db, month))
      return refused("the month " + month + " was sent; it can only be corrected now");
    sheet->reopen();
  }
  if (signer) {
    sheet->withdraw(position, "signature", signer, request.reason, request.text, request.actor);
    return 1;
  }
  const int signatures =
      sheet->withdraw_signatures("The confirmation that was signed was withdrawn.",
                                 [](const Open::Standing&) { return true; });
  sheet->withdraw(position, "confirmation", std::nullopt, request.reason, request.text,
                  request.actor);
  db.prepare("UPDATE sheet SET confirmed = NULL WHERE session = ? AND day = ?")
      .bind(key.session, key.day)
      .run();
  return signatures + 1;
}

Result<void> close_unsigned(store::Database& db, const Rules& rules,
                            const NotSignedRequest& request, const attendance::HostTime& now) {
  if (const auto sound = attendance::check_deed(request.actor, request.reason); !sound)
    return std::unexpected(sound.error());
  if (!why_from(request.why)) return refused("why is one of left_early, unable, refused, absent");
  auto sheet = Open::open(db, rules, request.sheet, now);
  if (!sheet) return std::unexpected(sheet.error());
  const HalfDayState state = sheet->state();
  if (state.closed) return refused(phrase(Refusal::closed));
  if (!state.confirmed) return refused(phrase(Refusal::not_confirmed));
  const auto content = sheet->read();
  if (!content || !was_there(*content, request.person)) return refused(phrase(Refusal::not_there));
  if (std::ranges::any_of(sheet->signatures(),
                          [&](const auto& s) { return s.person == request.person; }))
    return refused(phrase(Refusal::signed_already));
  db.prepare(
        "INSERT INTO not_signed (session, day, person, why, reason, actor, at_ms) VALUES (?, ?, ?, "
        "?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET why = excluded.why, reason = excluded.reason, actor = "
        "excluded.actor,"
        " at_ms = excluded.at_ms")
      .bind(request.sheet.session, request.sheet.day, request.person, request.why, request.reason,
            request.actor, now.wall_ms)
      .run();
  return {};
}

Result<void> excuse(store::Database& db, const Rules& rules, const ExcuseRequest& request,
                    const attendance::HostTime& now) {
  if (!events::is_actor(request.actor)) return refused("who says so is needed");
  auto sheet = Open::open(db, rules, request.sheet, now);
  if (!sheet) return std::unexpected(sheet.error());
  if (sheet->state().closed) return refused(phrase(Refusal::closed));
  const auto people = participants(db, rules.config, sheet->zone(), sheet->session(), now.wall_ms);
  if (std::ranges::find(people, request.person, &Participant::person) == people.end())
    return refused(request.person + " is not on this sheet");
  if (request.excused) {
    db.prepare(
          "INSERT INTO excuse (session, day, person, actor, at_ms) VALUES (?, ?, ?, ?, ?) ON "
          "CONFLICT DO NOTHING")
        .bind(request.sheet.session, request.sheet.day, request.person, request.actor, now.wall_ms)
        .run();
  } else {
    db.prepare("DELETE FROM excuse WHERE session = ? AND day = ? AND person = ?")
        .bind(request.sheet.session, request.sheet.day, request.person)
        .run();
  }
  return {};
}

std::optional<HalfDayState> state_of(store::Database& db, const Rules& rules, const SheetKey& key) {
  const auto sheet = Open::open(db, rules, key, {});
  return sheet ? std::optional(sheet->state()) : std::nullopt;
}

Result<std::string> close(store::Database& db, const Rules& rules, const SheetKey& key,
                          const std::string& actor, const attendance::HostTime& now) {
  if (!events::is_actor(actor)) return refused("who closes it is needed");
  auto sheet = Open::open(db, rules, key, now);
  if (!sheet) return std::unexpected(sheet.error());
  const HalfDayState state = sheet->state();
  if (state.closed) return refused(phrase(Refusal::closed));
  if (!state.confirmed) return refused(phrase(Refusal::not_confirmed));
  const Sheet content = sheet->read().value();
  ordered_json signatures = ordered_json::array(), unsigned_people = ordered_json::array(),
               not_signed = ordered_json::array();
  int present = 0, without_exit = 0;
  if (content.trainer_signature) signatures.push_back(content.trainer_signature->id);
  for (const Line& line : content.lines) {
    if (!sheets::was_there(line.mark)) continue;
    ++present;
    if (line.no_exit_tap) ++without_exit;
    if (const auto* signature = std::get_if<sheets::Signature>(&line.closing)) {
      signatures.push_back(signature->id);
    } else if (const auto* why = std::get_if<sheets::NotSigned>(&line.closing)) {
      unsigned_people.push_back(line.person.id);
      not_signed.push_back(
          {{"person", line.person.id}, {"why", to_text(why->why)}, {"reason", why->reason}});
    } else {
      return refused(line.person.id +
                     " was there and has neither signed nor is closed as not signed");
    }
  }
  ordered_json data = sheet->common();
  data["sheet"] = sheet->row()->id;
  data["confirmed"] = event_id(db, *sheet->row()->confirmed);
  data["digest"] = events::hex(sheets::digest(content));
  data["present"] = present;
  data["absent"] = content.lines.size() - static_cast<std::size_t>(present);
  data["signatures"] = std::move(signatures);
  data["unsigned"] = std::move(unsigned_people);
  data["not_signed"] = std::move(not_signed);
  data["no_exit_tap"] = without_exit;
  data["decided_by"] = {{"rule", "staff"},
                        {"version", attendance::rule_version},
                        {"reason", "each line is signed or closed"}};
  data["actor"] = actor;
  const std::int64_t position = sheet->append("halfday.closed", std::move(data), std::nullopt);
  db.prepare("UPDATE sheet SET closed = ? WHERE session = ? AND day = ?")
      .bind(position, key.session, key.day)
      .run();
  return event_id(db, position);
}

}  // namespace rollcall::halfdays
