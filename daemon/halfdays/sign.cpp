// Signatures on a confirmed half-day, and what is taken back.
#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include "daemon/attendance/desk_deed.hpp"
#include "daemon/attendance/sighting.hpp"
#include "daemon/events/contract.hpp"
#include "daemon/events/json.hpp"
#include "daemon/halfdays/forms.hpp"
#include "daemon/halfdays/months.hpp"
#include "daemon/halfdays/open_sheet.hpp"

namespace rollcall::halfdays {
namespace {

using attendance::event_id;
using nlohmann::ordered_json;

constexpr std::array<std::string_view, 5> withdrawal_reasons = {
    "wrong_half_day", "wrong_session", "content_changed", "by_mistake", "other"};

}  // namespace

Result<std::string> sign(store::Database& db, const Rules& rules, const SignRequest& request,
                         const attendance::HostTime& now) {
  const auto fields = fields_of(request);
  if (!fields) return std::unexpected(fields.error());
  if (request.actor && !events::is_actor(*request.actor))
    return refused("who witnesses it is needed");
  auto sheet = OpenSheet::open(db, rules, request.sheet, now);
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
  data["actor"] = request.actor ? ordered_json(*request.actor) : ordered_json();
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
  auto sheet = OpenSheet::open(db, rules, key, now);
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
                                 [](const OpenSheet::Standing&) { return true; });
  sheet->withdraw(position, "confirmation", std::nullopt, request.reason, request.text,
                  request.actor);
  db.prepare("UPDATE sheet SET confirmed = NULL WHERE session = ? AND day = ?")
      .bind(key.session, key.day)
      .run();
  return signatures + 1;
}

}  // namespace rollcall::halfdays
