#include "daemon/config/keys.hpp"

#include <algorithm>
#include <array>

#include "daemon/config/values.hpp"
#include "hal/host/readers/line_format.hpp"

namespace rollcall::config {
namespace {

const std::string& text(const Value& v) {
  return std::get<std::string>(v);
}
const std::vector<std::string>& texts(const Value& v) {
  return std::get<std::vector<std::string>>(v);
}
std::int64_t number(const Value& v) {
  return std::get<std::int64_t>(v);
}
std::chrono::milliseconds span_of(const Value& v) {
  return std::get<std::chrono::milliseconds>(v);
}

std::chrono::minutes minutes_of(const Value& v) {
  return std::chrono::duration_cast<std::chrono::minutes>(span_of(v));
}

constexpr std::int64_t seconds = 1000;
constexpr std::int64_t minutes = 60 * seconds;

const auto table = std::to_array<Key>({
    {"", "data_dir", Kind::path, true, "", "a folder",
     "Folder of the database, the keys and the control socket; made when it does not exist.",
     [](Config& c, const Value& v) { c.data_dir = text(v); }, 0, 0, check_own_folder},
    {"", "control_socket", Kind::path, false, "",
     "at most 107 bytes; by default `control.sock` in `data_dir`",
     "Unix socket through which `rollcall` talks to the daemon; only its owner may open it.",
     [](Config& c, const Value& v) { c.control_socket = text(v); }, 0, 0, check_socket_path},

    {"site", "id", Kind::text, true, "",
     "1 to 63 lower-case letters, digits and `-`, a letter or digit first and last",
     "The site's identity in every event, `urn:rollcall:site:<id>`; never changed once events "
     "exist.",
     [](Config& c, const Value& v) { c.site.id = text(v); }, 0, 0, check_site_id},
    {"site", "organisation", Kind::text, true, "", "1 to 200 bytes",
     "The organisation that runs the site, as the case system knows it; stated in every event.",
     [](Config& c, const Value& v) { c.site.organisation = text(v); }, 0, 0, check_label},
    {"site", "name", Kind::text, true, "", "1 to 200 bytes",
     "What people call the site; shown on console and screens.",
     [](Config& c, const Value& v) { c.site.name = text(v); }, 0, 0, check_label},
    {"site", "timezone", Kind::text, true, "",
     "a name of the IANA time zone database, such as `Europe/Brussels`",
     "Local time of the timetable and of days.",
     [](Config& c, const Value& v) { c.site.timezone = text(v); }, 0, 0, check_timezone},
    {"site", "languages", Kind::texts, false, "en", "two-letter ISO 639-1 codes",
     "Languages of the screens, the site's own first.",
     [](Config& c, const Value& v) { c.site.languages = texts(v); }, 0, 0, check_language},

    {"site", "opening_hours", Kind::texts, false, "",
     "days and hours, such as `mon-fri 08:00-12:30 13:30-18:00`; days are `mon` to `sun`",
     "When the site is open, on its own clocks: the [check of a month](sheets.md#checking-a-month) "
     "names what was planned or signed at other times. Without it nothing is said about that.",
     [](Config& c, const Value& v) { c.site.opening = together(texts(v)); }, 0, 0, check_opening},

    {"links", "listen", Kind::texts, true, "",
     "`tcp:ADDRESS:PORT`, `unix:PATH`, `serial:DEVICE` or `serial:DEVICE:BAUD`",
     "Where terminals connect, encrypted and with the key of their enrolment; port 0 takes any "
     "free port and the log names it. A serial line carries one terminal, at 115200 baud if "
     "nothing else is said; its device may be absent.",
     [](Config& c, const Value& v) { c.links.listen = texts(v); }, 0, 0, check_listen},

    {"links", "usb", Kind::choice, false, "auto", "auto, off",
     "`auto` serves every terminal that is plugged into a USB port, now or later; where there is "
     "no USB the log says so once. It needs the right to open such devices "
     "(`setup/70-rollcall-terminal.rules`).",
     [](Config& c, const Value& v) { c.links.usb = text(v); }},

    {"console", "address", Kind::text, false, "127.0.0.1", "an IP address",
     "Address of the console page. On any other than loopback it is served with TLS only: "
     "`certificate`, `key` and `host` are required there.",
     [](Config& c, const Value& v) { c.console.address = text(v); }, 0, 0, check_console_address},
    {"console", "port", Kind::integer, false, "8480", "0 to 65535",
     "Port of the console page; 0 takes any free port and the log names it.",
     [](Config& c, const Value& v) { c.console.port = static_cast<std::uint16_t>(number(v)); }, 0,
     65535},
    {"console", "certificate", Kind::file, false, "", "a PEM file; required with `key`",
     "The console's certificate and those between it and its root.",
     [](Config& c, const Value& v) { c.console.certificate = text(v); }},
    {"console", "key", Kind::file, false, "", "a PEM file; required with `certificate`",
     "The private key of `certificate`.",
     [](Config& c, const Value& v) { c.console.key = text(v); }},
    {"console", "host", Kind::text, false, "", "a host name or IP address, without port",
     "What people open in their browsers, as the certificate has it; requests for any other name "
     "are refused.",
     [](Config& c, const Value& v) { c.console.host = text(v); }, 0, 0, check_host_name},
    {"console", "card_readers", Kind::texts, false, "",
     "ids of readers of the host, and serial numbers of terminals",
     "Where staff may [sign in with card and PIN](sign-in.md#card-and-pin). Best a reader that "
     "stands at the desk: while somebody signs in, their card there is taken for that.",
     [](Config& c, const Value& v) { c.console.card_readers = texts(v); }, 0, 0, check_serial},

    {"roster", "people", Kind::file, false, "", "a CSV file", "People of the site.",
     [](Config& c, const Value& v) { c.roster.people = text(v); }},
    {"roster", "cards", Kind::file, false, "", "a CSV file", "Which card belongs to whom.",
     [](Config& c, const Value& v) { c.roster.cards = text(v); }},
    {"roster", "sessions", Kind::file, false, "", "a CSV file", "The timetable.",
     [](Config& c, const Value& v) { c.roster.sessions = text(v); }},
    {"roster", "days", Kind::file, false, "", "a CSV file",
     "Days on which a session is cancelled, moved, or takes place besides.",
     [](Config& c, const Value& v) { c.roster.days = text(v); }},
    {"roster", "enrolments", Kind::file, false, "", "a CSV file", "Who follows which course.",
     [](Config& c, const Value& v) { c.roster.enrolments = text(v); }},
    {"roster", "guardians", Kind::file, false, "", "a CSV file",
     "Which adult belongs to which child.",
     [](Config& c, const Value& v) { c.roster.guardians = text(v); }},
    {"roster", "merges", Kind::file, false, "", "a CSV file",
     "Ids that turned out to be one person.",
     [](Config& c, const Value& v) { c.roster.merges = text(v); }},
    {"roster", "protected_names", Kind::choice, false, "not_kept", "not_kept, sealed",
     "Whether names of people with protected identity are kept. `sealed`: enciphered and apart "
     "from "
     "all other names; a manager sees one, with a reason and on record ([how]"
     "(sheets.md#who-is-protected)).",
     [](Config& c, const Value& v) { c.roster.protected_names = text(v); }},
    {"roster", "case_system", Kind::choice, false, "off", "off, on",
     "`on` asks the case system (`delivery.url`) for its roster too, at start and then every "
     "`interval`.",
     [](Config& c, const Value& v) { c.roster.case_system = text(v) == "on"; }},
    {"roster", "interval", Kind::duration, false, "15min", "1s to 24h",
     "Time between two questions to the case system for its roster.",
     [](Config& c, const Value& v) { c.roster.interval = span_of(v); }, 1 * seconds,
     24 * 60 * minutes},

    {"assessments", "instruments", Kind::folder, false, "", "a folder",
     "Instrument files (`*.json`).",
     [](Config& c, const Value& v) { c.assessments.instruments = text(v); }},
    {"assessments", "assignments", Kind::file, false, "", "a CSV file",
     "Who is due which instrument, and from when.",
     [](Config& c, const Value& v) { c.assessments.assignments = text(v); }},

    {"attendance", "double_tap_window", Kind::duration, false, "60s", "1s to 15min",
     "A second tap of the same person at the same place within this time is a repeat and changes "
     "nothing.",
     [](Config& c, const Value& v) {
       c.attendance.double_tap_window =
           std::chrono::duration_cast<std::chrono::seconds>(span_of(v));
     },
     1 * seconds, 15 * minutes},
    {"attendance", "holidays", Kind::file, false, "",
     "a calendar file, such as one of `setup/calendars`",
     "Public holidays of the site's region: on these days nothing is confirmed or signed.",
     [](Config& c, const Value& v) { c.attendance.holidays = text(v); }},

    {"cards", "chip_numbers", Kind::choice, false, "accepted", "accepted, refused",
     "Whether a card that shows only its chip number, which can be copied, is a card of its "
     "person. "
     "`refused`: its taps are recorded and the person is asked to see staff; cards that were "
     "issued "
     "(docs/cards.md) are no matter of this.",
     [](Config& c, const Value& v) { c.cards.chip_numbers = text(v); }},

    {"delivery", "url", Kind::text, false, "", "`https://host` or `https://host:port`",
     "The central case system; without it nothing is sent and every event waits.",
     [](Config& c, const Value& v) { c.delivery.url = text(v); }, 0, 0, check_https_url},
    {"delivery", "ca_file", Kind::file, false, "", "a PEM file; required with `url`",
     "The only certificate authorities that are trusted for it; verification cannot be switched "
     "off.",
     [](Config& c, const Value& v) { c.delivery.ca_file = text(v); }},
    {"delivery", "batch_events", Kind::integer, false, "500", "1 to 5000",
     "A batch closes at this many events.",
     [](Config& c,
        const Value& v) { c.delivery.batch_events = static_cast<std::uint32_t>(number(v)); },
     1, 5000},
    {"delivery", "batch_age", Kind::duration, false, "1s", "10ms to 10min",
     "A batch closes at this age, however few events it holds.",
     [](Config& c, const Value& v) { c.delivery.batch_age = span_of(v); }, 10, 10 * minutes},
    {"delivery", "retry_first", Kind::duration, false, "500ms", "10ms to 10min",
     "First wait after a failed attempt is random up to this, then doubles.",
     [](Config& c, const Value& v) { c.delivery.retry_first = span_of(v); }, 10, 10 * minutes},
    {"delivery", "retry_max", Kind::duration, false, "60s",
     "10ms to 60min; not below `retry_first`", "The longest wait between attempts.",
     [](Config& c, const Value& v) { c.delivery.retry_max = span_of(v); }, 10, 60 * minutes},
    {"delivery", "timeout", Kind::duration, false, "15s", "100ms to 5min",
     "An attempt without an answer for this long has failed.",
     [](Config& c, const Value& v) { c.delivery.timeout = span_of(v); }, 100, 5 * minutes},

    {"log", "level", Kind::choice, false, "info", "debug, info, warning, error",
     "The least level that is written; levels say who must act (daemon/log/README.md).",
     [](Config& c, const Value& v) { c.log.level = text(v); }},
    {"log", "format", Kind::choice, false, "text", "text, json",
     "`text` writes key=value, `json` one object per line.",
     [](Config& c, const Value& v) { c.log.format = text(v); }},
    {"log", "file", Kind::path, false, "", "a file; by default standard error",
     "Log file; five files of 10 MiB are kept.",
     [](Config& c, const Value& v) { c.log.file = text(v); }, 0, 0, check_parent_folder},

    {"readers", "id", Kind::text, true, "",
     "1 to 32 letters, digits and `-`; each once, and no terminal's serial number",
     "Stands where a terminal's serial number does, in events too; its page is `/kiosk/<id>` of "
     "the "
     "console's address.",
     [](Config& c, const Value& v) { c.readers.back().id = text(v); }, 0, 0, check_serial},
    {"readers", "room", Kind::text, true, "", "1 to 200 bytes", "The room where it stands.",
     [](Config& c, const Value& v) { c.readers.back().room = text(v); }, 0, 0, check_label},
    {"readers", "mode", Kind::choice, false, "training", "training, childcare, work_site",
     "What it is for, as a terminal's.",
     [](Config& c, const Value& v) { c.readers.back().mode = text(v); }},
    {"readers", "pcsc", Kind::text, false, "", "`auto`, or how the reader's name begins",
     "A reader that pcscd serves, such as `ACS ACR122U`; the log names those that it finds. `auto` "
     "takes every reader that no other entry names; one entry may say it.",
     [](Config& c, const Value& v) { c.readers.back().pcsc = text(v); }, 0, 0, check_reader_name},
    {"readers", "pn532", Kind::text, false, "", "`DEVICE` or `DEVICE:BAUD`",
     "The serial device of a PN532 module, at 115200 baud if nothing else is said; it may be "
     "absent. An entry has one of this, `pcsc`, `keyboard` and `line`.",
     [](Config& c, const Value& v) { c.readers.back().pn532 = text(v); }, 0, 0, check_line},
    {"readers", "keyboard", Kind::text, false, "",
     "an absolute path, such as `/dev/input/by-id/usb-maker_model-event-kbd`",
     "A card reader or scanner that types as a keyboard; it is taken for the daemon alone, so that "
     "nothing it types ends up elsewhere. It may be absent. It needs the right to open this one "
     "(`setup/71-rollcall-readers.rules`). The layout of keyboards that is set on this machine is "
     "no "
     "matter; the reader's own is to be that of the United States.",
     [](Config& c, const Value& v) { c.readers.back().keyboard = text(v); }, 0, 0, check_keyboard},
    {"readers", "line", Kind::text, false, "", "`DEVICE` or `DEVICE:BAUD`",
     "The serial device of a card reader or scanner that sends lines of text, at 9600 baud if "
     "nothing else is said; it may be absent.",
     [](Config& c, const Value& v) { c.readers.back().line = text(v); }, 0, 0, check_line},
    {"readers", "format", Kind::choice, false, "", readers::line_formats,
     "What the reader of `keyboard` or `line` prints ([which is which]"
     "(readers.md#readers-that-print-lines)).",
     [](Config& c, const Value& v) { c.readers.back().format = text(v); }},

    {"programmes", "id", Kind::text, true, "", "1 to 200 bytes; each once",
     "The programme, as people and sessions of the roster name it.",
     [](Config& c, const Value& v) { c.programmes.back().id = text(v); }, 0, 0, check_label},
    {"programmes", "taps", Kind::choice, false, "in_out", "in_out, arrival_only",
     "`in_out`: people tap when they come and when they leave. `arrival_only`: who has come is "
     "taken to stay until the "
     "end of the half-day.",
     [](Config& c, const Value& v) { c.programmes.back().taps = text(v); }},
    {"programmes", "late_after", Kind::duration, false, "10min", "0s to 4h",
     "An arrival is late when it is so long after the start, and more.",
     [](Config& c, const Value& v) { c.programmes.back().late_after = minutes_of(v); }, 0,
     240 * minutes},
    {"programmes", "early_before", Kind::duration, false, "10min", "0s to 4h",
     "Somebody left early when it was so long before the end, and more.",
     [](Config& c, const Value& v) { c.programmes.back().early_before = minutes_of(v); }, 0,
     240 * minutes},
    {"programmes", "signatures", Kind::choices, false, "drawn, tap", "drawn, tap",
     "How participants sign by themselves, as `form` of `halfday.signed` has it: `drawn` with a "
     "finger, `tap` with the own card at the screen that states module and hours. Before a witness "
     "they always can.",
     [](Config& c, const Value& v) { c.programmes.back().signatures = texts(v); }},

    {"simulated_terminals", "serial", Kind::text, true, "",
     "1 to 32 letters, digits and `-`; each once", "The terminal's serial number.",
     [](Config& c, const Value& v) { c.simulated_terminals.back().serial = text(v); }, 0, 0,
     check_serial},
    {"simulated_terminals", "page", Kind::text, true, "", "`http://...` or `https://...`",
     "Address of the page that this simulated terminal serves, and under it `api/screen.png`, what "
     "its display shows; the console links to the one and shows the other.",
     [](Config& c, const Value& v) { c.simulated_terminals.back().page = text(v); }, 0, 0,
     check_page},
});

const auto repeated_sections = std::to_array<RepeatedSection>({
    {"readers", "reader", "id",
     "once per card reader or scanner of this machine ([how](readers.md))",
     [](Config& c) -> const std::string& { return c.readers.emplace_back().id; }},
    {"programmes", "programme", "id", "once per programme that asks for something of its own",
     [](Config& c) -> const std::string& { return c.programmes.emplace_back().id; }},
    {"simulated_terminals", "terminal", "serial", "once per simulated terminal that has a page",
     [](Config& c) -> const std::string& { return c.simulated_terminals.emplace_back().serial; }},
});

}  // namespace

const RepeatedSection* repeated(std::string_view section) {
  const auto* found = std::ranges::find(repeated_sections, section, &RepeatedSection::name);
  return found == repeated_sections.end() ? nullptr : found;
}

Programme programme_of(const Config& config, const std::optional<std::string>& id) {
  const auto found = std::ranges::find(config.programmes, id.value_or(""), &Programme::id);
  return found == config.programmes.end() ? Programme{} : *found;
}

bool Programme::allows(std::string_view signature) const {
  return std::ranges::find(signatures, signature) != signatures.end();
}

std::span<const Key> keys() {
  return table;
}

std::vector<std::string_view> sections() {
  std::vector<std::string_view> out;
  for (const Key& key : table) {
    if (std::ranges::find(out, key.section) == out.end()) out.push_back(key.section);
  }
  return out;
}

std::string full_name(const Key& key) {
  return key.section.empty() ? std::string{key.name}
                             : std::string{key.section} + "." + std::string{key.name};
}

std::vector<std::string_view> words(std::string_view allowed) {
  std::vector<std::string_view> out;
  while (!allowed.empty()) {
    const auto comma = allowed.find(", ");
    out.push_back(allowed.substr(0, comma));
    allowed = comma == std::string_view::npos ? std::string_view{} : allowed.substr(comma + 2);
  }
  return out;
}

}  // namespace rollcall::config
