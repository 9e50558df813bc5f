// The inside of Api, shared by api.cpp (what is going on), admission.cpp (who may ask), actions.cpp
// (what changes something) and the *_route.cpp files.
#pragma once

#include <atomic>
#include <chrono>
#include <expected>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/steady_timer.hpp>

#include "daemon/console/api.hpp"
#include "daemon/console/queries.hpp"
#include "daemon/halfdays/sheet_book.hpp"
#include "daemon/store/on_writer.hpp"

namespace rollcall::console {

using boost::asio::awaitable;

struct Route;  // routes.hpp

struct Api::Impl : std::enable_shared_from_this<Api::Impl> {
  explicit Impl(Parts given);

  // Reading (api.cpp)
  awaitable<http::Response> overview(const http::Request&);
  awaitable<http::Response> status(const http::Request&);
  awaitable<http::Response> inbox(const http::Request&);
  awaitable<http::Response> rejected(const http::Request&);
  awaitable<http::Response> metrics(const http::Request&);  // metrics_route.cpp

  // Changing, by staff (actions.cpp)
  awaitable<http::Response> attach(const http::Request&);
  awaitable<http::Response> close_notice(const http::Request&);
  awaitable<http::Response> retry(const http::Request&);

  // Issued cards (cards_route.cpp)
  awaitable<http::Response> list_cards(const http::Request&);
  awaitable<http::Response> withdraw_card(const http::Request&);
  awaitable<http::Response> begin_issue(const http::Request&);
  awaitable<http::Response> see_issue(const http::Request&);
  awaitable<http::Response> cancel_issue(const http::Request&);

  // The desk (desk_route.cpp)
  awaitable<http::Response> find_people(const http::Request&);
  awaitable<http::Response> issue_code(const http::Request&);
  awaitable<http::Response> withdraw_codes(const http::Request&);

  // What staff record and correct of attendance (attendance_route.cpp)
  awaitable<http::Response> see_day(const http::Request&);
  awaitable<http::Response> see_group(const http::Request&);
  awaitable<http::Response> see_waiting(const http::Request&);
  awaitable<http::Response> see_evacuation(const http::Request&);
  awaitable<http::Response> assist(const http::Request&);
  awaitable<http::Response> assist_many(const http::Request&);
  awaitable<http::Response> correct(const http::Request&);

  // Certificates, and the name of a person who is shown without (people_route.cpp)
  awaitable<http::Response> see_certificates(const http::Request&);
  awaitable<http::Response> print_certificate(const http::Request&);
  awaitable<http::Response> see_name(const http::Request&);

  // Sheets of half-days (sheets_route.cpp)
  awaitable<http::Response> list_sheets(const http::Request&);
  awaitable<http::Response> check_sheets(const http::Request&);
  awaitable<http::Response> see_month(const http::Request&);
  awaitable<http::Response> send_month(const http::Request&);
  awaitable<http::Response> see_sheet(const http::Request&);
  awaitable<http::Response> print_sheet(const http::Request&);
  awaitable<http::Response> confirm_sheet(const http::Request&);
  awaitable<http::Response> sign_sheet(const http::Request&);
  awaitable<http::Response> withdraw_signature(const http::Request&);
  awaitable<http::Response> close_line(const http::Request&);
  awaitable<http::Response> excuse_person(const http::Request&);
  awaitable<http::Response> close_sheet(const http::Request&);
  // Does it on the writer and answers what became of it.
  template <class T>
  awaitable<http::Response> on_sheet(std::function<halfdays::Result<T>(store::Database&)> act,
                                     std::function<Json(const T&)> told);

  // The roster (roster_route.cpp)
  awaitable<http::Response> see_roster(const http::Request&);
  awaitable<http::Response> import_roster(const http::Request&);
  awaitable<http::Response> apply_removals(const http::Request&);
  awaitable<http::Response> correct_day(const http::Request&);
  // Days against the log (attendance_route.cpp)
  awaitable<http::Response> check_attendance(const http::Request&);

  // Terminals (terminals_route.cpp, update_route.cpp, enrolment_route.cpp)
  awaitable<http::Response> list_terminals(const http::Request&);
  awaitable<http::Response> move_terminal(const http::Request&);
  awaitable<http::Response> rotate_key(const http::Request&);
  awaitable<http::Response> revoke_terminal(const http::Request&);
  awaitable<http::Response> identify_terminal(const http::Request&);
  awaitable<http::Response> terminal_stats(const http::Request&);
  awaitable<http::Response> terminal_log(const http::Request&);
  awaitable<http::Response> begin_update(const http::Request&);
  awaitable<http::Response> see_update(const http::Request&);
  awaitable<http::Response> cancel_update(const http::Request&);
  awaitable<http::Response> open_enrolment(const http::Request&);
  awaitable<http::Response> see_enrolment(const http::Request&);
  awaitable<http::Response> type_number(const http::Request&);
  awaitable<http::Response> cancel_enrolment(const http::Request&);

  // Signing in and out (session_route.cpp)
  awaitable<http::Response> sign_in(const http::Request&);
  awaitable<http::Response> see_card_rooms(const http::Request&);
  awaitable<http::Response> begin_card_sign_in(const http::Request&);
  awaitable<http::Response> end_card_sign_in(const http::Request&);
  awaitable<http::Response> cancel_card_sign_in(const http::Request&);
  Json card_rooms(bool working) const;
  awaitable<http::Response> see_session(const http::Request&);
  awaitable<http::Response> sign_out(const http::Request&);
  awaitable<http::Response> change_password(const http::Request&);
  awaitable<http::Response> make_first_manager(const http::Request&);

  // Accounts and the record (accounts_route.cpp)
  awaitable<http::Response> list_accounts(const http::Request&);
  awaitable<http::Response> add_account(const http::Request&);
  awaitable<http::Response> reset_password(const http::Request&);
  awaitable<http::Response> reset_pin(const http::Request&);
  awaitable<http::Response> remove_pin(const http::Request&);
  awaitable<http::Response> change_role(const http::Request&);
  awaitable<http::Response> enable_account(const http::Request&);
  awaitable<http::Response> make_link(const http::Request&);
  awaitable<http::Response> list_audit(const http::Request&);

  // Who may ask (admission.cpp). Handlers see requests that were let in, with their actor.
  void add_routes();
  awaitable<http::Response> ask_on_console(const Route& route, const http::Request& request);
  awaitable<http::Response> ask_locally(const Route& route, const http::Request& request);
  // The visitor, or why this request of theirs is refused.
  std::expected<accounts::Visitor, http::Response> admit(const Route& route,
                                                         const http::Request& request) const;
  struct Who {
    std::optional<std::string> account;
    std::string actor;
    std::string role;
  };
  // Carries it out, and puts on record what has to be.
  awaitable<http::Response> recorded(const Route& route, const http::Request& request, Who who);
  awaitable<http::Response> carry_out(const Route& route, const http::Request& request);
  std::string address() const;  // of the page, as people open it
  bool tls() const { return !parts.config.console.certificate.empty(); }

  awaitable<Json> make_overview();
  awaitable<void> publish_changes();
  View view() { return {parts.config, zone, totals}; }
  Json terminals(const Json& stored) const;
  // Every terminal of the registry as its sessions know it, completed by what the database knew
  // before the start.
  std::map<std::string, TerminalView> seen(const Json& stored) const;
  static TerminalView completed(TerminalView now, const Json& stored);
  Json site_json(const attendance::HostTime& now) const;
  Json delivery_json(const delivery::Status& now) const;
  static void put_delivered(Json& counts, const delivery::Status& now);
  static std::uint64_t rejected_events(const delivery::Status& now);

  // As store::written, and this stays there until then.
  awaitable<store::Written> commit(store::Writer::Job job);

  Parts parts;
  attendance::TimeZone zone;
  Totals totals;
  http::Router console;
  http::Router control;
  std::chrono::steady_clock::time_point started = std::chrono::steady_clock::now();

  std::shared_ptr<http::EventSource> stream = std::make_shared<http::EventSource>();
  boost::asio::steady_timer pause;
  std::uint16_t port = 0;
  std::atomic<bool> dirty{true};
  std::atomic<bool> waking{false};  // a wake-up is on its way to the reactor
  bool running = false;
};

// 200 with a JSON body that nobody keeps a copy of.
http::Response answer(const Json& body);
// 200 with a PDF file that nobody keeps a copy of, shown in the browser.
http::Response pdf_answer(std::string file, std::string_view name);
// 503 or 500: a job that was not committed.
http::Response not_committed(const store::Written& outcome);

}  // namespace rollcall::console
