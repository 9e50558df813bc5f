// Answers of the daemon as text for people. Pure functions; the JSON is that of
// docs/api/console.yaml.
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

namespace rollcall::provisioning {

std::string show_status(const nlohmann::ordered_json& status);
std::string show_inbox(const nlohmann::ordered_json& inbox);
std::string show_rejected(const nlohmann::ordered_json& rejected);

std::string show_people(const nlohmann::ordered_json& found);
std::string show_name(const nlohmann::ordered_json& answer);
std::string show_code(const nlohmann::ordered_json& answer);
std::string show_withdrawn_codes(const nlohmann::ordered_json& answer);

std::string show_checked_days(const nlohmann::ordered_json& answer);
std::string show_assisted(const nlohmann::ordered_json& answer);
std::string show_many_assisted(const nlohmann::ordered_json& answer);
std::string show_corrected(const nlohmann::ordered_json& answer);
std::string show_person_day(const nlohmann::ordered_json& day);
std::string show_waiting(const nlohmann::ordered_json& answer);
std::string show_now(const nlohmann::ordered_json& overview);
std::string show_evacuation(const nlohmann::ordered_json& list);

std::string show_terminals(const nlohmann::ordered_json& list);
std::string show_moved(const nlohmann::ordered_json& place);
std::string show_rotated(const nlohmann::ordered_json& answer);
std::string show_revoked(const nlohmann::ordered_json& answer);
std::string show_identified(const nlohmann::ordered_json& answer);
std::string show_stats(const nlohmann::ordered_json& answer);
std::string show_log(const nlohmann::ordered_json& answer);

std::string show_cards(const nlohmann::ordered_json& list);
std::string show_withdrawn(const nlohmann::ordered_json& answer);

std::string show_accounts(const nlohmann::ordered_json& list);
std::string show_account(const nlohmann::ordered_json& account);
std::string show_new_password(const nlohmann::ordered_json& answer);
std::string show_new_pin(const nlohmann::ordered_json& answer);
std::string show_link(const nlohmann::ordered_json& answer);
std::string show_audit(const nlohmann::ordered_json& answer);
std::string show_month(const nlohmann::ordered_json& answer);
std::string show_month_sent(const nlohmann::ordered_json& answer);
std::string show_sheets(const nlohmann::ordered_json& answer);
std::string show_sheet(const nlohmann::ordered_json& sheet);
std::string show_confirmed(const nlohmann::ordered_json& answer);
std::string show_signed(const nlohmann::ordered_json& answer);
std::string show_line_closed(const nlohmann::ordered_json& answer);
std::string show_excused(const nlohmann::ordered_json& answer);
std::string show_sheet_closed(const nlohmann::ordered_json& answer);
std::string show_withdrawn_signature(const nlohmann::ordered_json& answer);
std::string show_certificates(const nlohmann::ordered_json& answer);
std::string show_findings(const nlohmann::ordered_json& answer);

std::string show_import(const nlohmann::ordered_json& answer);
std::string show_roster(const nlohmann::ordered_json& answer);
std::string show_removals(const nlohmann::ordered_json& answer);
std::string show_corrected_day(const nlohmann::ordered_json& answer);

// A text, printable; "-" for what is none.
std::string show_text(const nlohmann::ordered_json& value);
// "2026-03-02T08:01:02.123Z" -> "2026-03-02 08:01:02Z"; null -> "-".
std::string show_time(const nlohmann::ordered_json& time);
// "3 d 4 h", "12 min", "40 s"
std::string show_span(long long seconds);

}  // namespace rollcall::provisioning
