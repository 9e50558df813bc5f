// The daemon's configuration: one TOML file, every key declared once (config.cpp), unknown keys and
// wrong types reported with file, line, key and the nearest valid name. Relative paths are resolved
// against the folder of the file.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <expected>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rollcall::config {

// Minutes after local midnight; `to` above 1440 is on the next day.
struct OpenHours {
  int from = 0;
  int to = 0;
  bool operator==(const OpenHours&) const = default;
};

struct Site {
  std::string id;  // in event sources: urn:rollcall:site:<id>; letters, digits, '-'
  std::string organisation;
  std::string name;
  std::string timezone;                // IANA name, such as Europe/Brussels
  std::vector<std::string> languages;  // ISO 639-1, the site's own first
  // When it is open on the clock on the wall, Sunday first; in order and apart from each other. All
  // empty = not known.
  std::array<std::vector<OpenHours>, 7> opening{};
};

// Terminals themselves are no matter of the configuration (daemon/registry).
struct SimulatedTerminal {
  std::string serial;
  std::string page;  // address of the page that it serves
};

// A card reader or scanner of this machine, which with its kiosk page is a place for taps
// (daemon/stations). It has one of the last four, and `format` with the last two.
struct Reader {
  std::string id;  // as a terminal's serial number
  std::string room;
  std::string mode = "training";
  std::string format{};    // as readers::line_format_from has it
  std::string pcsc{};      // "auto", or how the reader's name begins
  std::string pn532{};     // serial line, as hal::host::parse_serial_address has it
  std::string keyboard{};  // absolute path of an input device
  std::string line{};      // serial line, at `line_baud` if it does not say
};

inline constexpr std::uint32_t line_baud = 9600;  // what readers of lines are set to when bought

struct Links {
  // "tcp:127.0.0.1:7440", "unix:/run/rollcall/terminals.sock", "serial:/dev/ttyUSB0:115200"
  std::vector<std::string> listen;
  std::string usb = "auto";  // or "off"
};

struct Console {
  std::string address = "127.0.0.1";  // any other than loopback has the three below
  std::uint16_t port = 8480;
  std::string certificate{};  // PEM files; with them the console speaks TLS only
  std::string key{};
  std::string host{};                       // what people open: a name, or an IP address
  std::vector<std::string> card_readers{};  // where staff sign in with card and PIN; empty: nowhere
};

struct Roster {
  // CSV files; empty = none
  std::string people, cards, sessions, days, enrolments, guardians, merges;
  std::string protected_names = "not_kept";    // or "sealed"
  bool case_system = false;                    // whether the case system is asked for it too
  std::chrono::milliseconds interval{900000};  // between questions to the case system
};

struct Assessments {
  std::string instruments;  // folder of instrument files (*.json); empty = none
  std::string assignments;  // CSV: person, instrument, due
};

struct Attendance {
  std::chrono::seconds double_tap_window{60};  // on tap time
  std::string holidays;                        // calendar file (setup/calendars); empty = none
};

// What a programme asks for; people and sessions name theirs. One that is not configured is as the
// defaults say.
struct Programme {
  std::string id;                         // as in events
  std::string taps = "in_out";            // or "arrival_only": exits are not asked for
  std::chrono::minutes late_after{10};    // an arrival up to so long after the start is in time
  std::chrono::minutes early_before{10};  // an exit from so long before the end on is not early
  // How participants sign by themselves. With a witness they always can: no sheet is ever stuck.
  std::vector<std::string> signatures{"drawn", "tap"};

  bool allows(std::string_view signature) const;  // a word of `signatures`
};

struct Cards {
  std::string chip_numbers = "accepted";  // or "refused"
};

struct Delivery {
  std::string url;      // https://host[:port]; empty = nothing is sent, everything waits
  std::string ca_file;  // PEM; the only roots that are trusted
  std::uint32_t batch_events = 500;
  std::chrono::milliseconds batch_age{1000};  // a batch closes at batch_events or this age
  std::chrono::milliseconds retry_first{
      500};  // full jitter: random in [0, min(retry_max, first * 2^n)]
  std::chrono::milliseconds retry_max{60000};
  std::chrono::milliseconds timeout{15000};
};

struct Log {
  std::string level = "info";   // debug, info, warning, error
  std::string format = "text";  // text (key=value) or json (one object per line)
  std::string file;             // empty = standard error
};

struct Config {
  std::string file;      // where it was read from
  std::string data_dir;  // database, keys, control socket
  Site site;
  Links links;
  Console console;
  std::string control_socket;  // default: <data_dir>/control.sock
  Roster roster;
  Assessments assessments;
  Attendance attendance;
  Cards cards;
  Delivery delivery;
  Log log;
  std::vector<Reader> readers;
  std::vector<Programme> programmes;
  std::vector<SimulatedTerminal> simulated_terminals;
};

// The programme of this id; one with the defaults when it is not configured, or when there is no
// id.
Programme programme_of(const Config& config, const std::optional<std::string>& id);

// All problems at once, one sentence each: "FILE:LINE: key: what is wrong; what would be right".
std::expected<Config, std::vector<std::string>> load(const std::string& path);

// The same for text already in memory. `file` is what messages call it; relative paths in it are
// resolved against `folder`.
std::expected<Config, std::vector<std::string>> parse(std::string_view text,
                                                      const std::string& file,
                                                      const std::string& folder);

// `rollcalld --check-config FILE`: writes the problems, or one line saying that all is well, to
// `out` and returns the exit code: 0, or 78 (EX_CONFIG of sysexits.h).
int check(const std::string& path, std::ostream& out);

// The table of all keys as Markdown, for docs/configuration.md (a test compares).
std::string reference_markdown();

}  // namespace rollcall::config
