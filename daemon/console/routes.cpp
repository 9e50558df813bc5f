#include "daemon/console/routes.hpp"

namespace rollcall::console {

std::span<const Route> table() {
  using I = Api::Impl;
  using enum accounts::Needs;
  using enum Records;
  static constexpr Route routes[] = {
      {"GET", "/api/v1/overview", viewer, view, &I::overview},
      {"GET", "/api/v1/stream", viewer, view, nullptr},
      {"GET", "/api/v1/status", viewer, nothing, &I::status},
      {"GET", "/api/v1/inbox", viewer, view, &I::inbox},
      {"POST", "/api/v1/inbox/close", desk, change, &I::close_notice},
      {"GET", "/api/v1/delivery/rejected", viewer, view, &I::rejected},
      {"POST", "/api/v1/delivery/retry", manager, change, &I::retry},
      {"POST", "/api/v1/cards/attach", desk, change, &I::attach},
      {"GET", "/api/v1/cards", desk, view, &I::list_cards},
      {"POST", "/api/v1/cards/withdraw", desk, change, &I::withdraw_card},
      {"POST", "/api/v1/cards/issue", desk, change, &I::begin_issue},
      {"GET", "/api/v1/cards/issue", desk, nothing, &I::see_issue},
      {"DELETE", "/api/v1/cards/issue", desk, change, &I::cancel_issue},
      {"GET", "/api/v1/people", desk, view, &I::find_people},
      {"GET", "/api/v1/people/{person}/certificates", manager, view, &I::see_certificates},
      {"GET", "/api/v1/people/{person}/certificates/pdf", manager, view, &I::print_certificate},
      {"POST", "/api/v1/people/{person}/name", manager, view, &I::see_name},
      {"POST", "/api/v1/attendance/assist", desk, change, &I::assist},
      {"POST", "/api/v1/attendance/assist-many", desk, change, &I::assist_many},
      {"POST", "/api/v1/attendance/correct", desk, change, &I::correct},
      {"GET", "/api/v1/attendance/waiting", desk, view, &I::see_waiting},
      {"GET", "/api/v1/attendance/{person}/{day}", desk, view, &I::see_day},
      {"GET", "/api/v1/attendance/group/{session}/{day}", desk, view, &I::see_group},
      {"GET", "/api/v1/evacuation", viewer, view, &I::see_evacuation},
      {"GET", "/api/v1/attendance/check", manager, view, &I::check_attendance},
      {"POST", "/api/v1/codes", desk, change, &I::issue_code},
      {"POST", "/api/v1/codes/withdraw", desk, change, &I::withdraw_codes},
      {"GET", "/api/v1/roster", manager, nothing, &I::see_roster},
      {"POST", "/api/v1/roster/import", local, change, &I::import_roster},
      {"POST", "/api/v1/roster/removals", manager, change, &I::apply_removals},
      {"POST", "/api/v1/roster/days/{session}/{day}", manager, change, &I::correct_day},
      {"GET", "/api/v1/sheets", trainer, nothing, &I::list_sheets},
      {"GET", "/api/v1/sheets/check", manager, view, &I::check_sheets},
      {"GET", "/api/v1/sheets/{session}/{day}", trainer, view, &I::see_sheet},
      {"GET", "/api/v1/sheets/{session}/{day}/pdf", trainer, view, &I::print_sheet},
      {"POST", "/api/v1/sheets/{session}/{day}/confirm", trainer, change, &I::confirm_sheet},
      {"POST", "/api/v1/sheets/{session}/{day}/sign", trainer, change, &I::sign_sheet},
      {"POST", "/api/v1/sheets/{session}/{day}/not-signed", trainer, change, &I::close_line},
      {"POST", "/api/v1/sheets/{session}/{day}/excuse", trainer, change, &I::excuse_person},
      {"POST", "/api/v1/sheets/{session}/{day}/close", trainer, change, &I::close_sheet},
      {"GET", "/api/v1/months/{month}", manager, nothing, &I::see_month},
      {"POST", "/api/v1/months/{month}/send", manager, change, &I::send_month},
      {"POST", "/api/v1/signatures/withdraw", trainer, change, &I::withdraw_signature},
      {"GET", "/api/v1/terminals", manager, nothing, &I::list_terminals},
      {"POST", "/api/v1/terminals/{serial}/move", manager, change, &I::move_terminal},
      {"POST", "/api/v1/terminals/{serial}/rotate-key", manager, change, &I::rotate_key},
      {"POST", "/api/v1/terminals/{serial}/revoke", manager, change, &I::revoke_terminal},
      {"POST", "/api/v1/terminals/{serial}/identify", manager, nothing, &I::identify_terminal},
      {"GET", "/api/v1/terminals/{serial}/stats", manager, nothing, &I::terminal_stats},
      {"GET", "/api/v1/terminals/{serial}/log", manager, nothing, &I::terminal_log},
      {"POST", "/api/v1/terminals/{serial}/update", local, change, &I::begin_update},
      {"GET", "/api/v1/update", manager, nothing, &I::see_update},
      {"DELETE", "/api/v1/update", manager, change, &I::cancel_update},
      {"POST", "/api/v1/enrolment", manager, change, &I::open_enrolment},
      {"GET", "/api/v1/enrolment", manager, nothing, &I::see_enrolment},
      {"DELETE", "/api/v1/enrolment", manager, change, &I::cancel_enrolment},
      {"POST", "/api/v1/enrolment/number", manager, change, &I::type_number},
      {"POST", "/api/v1/session", nobody, nothing, &I::sign_in},
      {"GET", "/api/v1/session", viewer, nothing, &I::see_session},
      {"DELETE", "/api/v1/session", viewer, change, &I::sign_out},
      {"POST", "/api/v1/session/password", viewer, change, &I::change_password},
      {"GET", "/api/v1/session/card", nobody, nothing, &I::see_card_rooms},
      {"POST", "/api/v1/session/card", nobody, nothing, &I::begin_card_sign_in},
      {"POST", "/api/v1/session/card/entry", nobody, nothing, &I::end_card_sign_in},
      {"POST", "/api/v1/session/card/cancel", nobody, nothing, &I::cancel_card_sign_in},
      {"POST", "/api/v1/first-manager", nobody, nothing, &I::make_first_manager},
      {"GET", "/api/v1/accounts", manager, nothing, &I::list_accounts},
      {"POST", "/api/v1/accounts", manager, change, &I::add_account},
      {"POST", "/api/v1/accounts/{name}/password", manager, change, &I::reset_password},
      {"POST", "/api/v1/accounts/{name}/pin", manager, change, &I::reset_pin},
      {"POST", "/api/v1/accounts/{name}/pin/remove", manager, change, &I::remove_pin},
      {"POST", "/api/v1/accounts/{name}/role", manager, change, &I::change_role},
      {"POST", "/api/v1/accounts/{name}/enabled", manager, change, &I::enable_account},
      {"POST", "/api/v1/one-time-link", local, change, &I::make_link},
      {"GET", "/api/v1/audit", manager, view, &I::list_audit},
      {"GET", "/metrics", nobody, nothing, &I::metrics},
  };
  return routes;
}

std::vector<RouteInfo> routes() {
  std::vector<RouteInfo> out;
  for (const Route& route : table()) out.push_back({route.method, route.path, route.needs});
  return out;
}

}  // namespace rollcall::console
