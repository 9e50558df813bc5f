#include "daemon/config/config.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include <gtest/gtest.h>

#include "hal/host/readers/line_format.hpp"

namespace rollcall::config {
namespace {

using Problems = std::vector<std::string>;

constexpr const char* smallest = R"(data_dir = "data"
[site]
id = "brussels"
organisation = "Atelier Nord"
name = "Training centre"
timezone = "Europe/Brussels"
[links]
listen = ["unix:terminals.sock"]
)";

Problems problems(const std::string& text, const std::string& folder = "/srv/site") {
  const auto config = parse(text, "site.toml", folder);
  return config ? Problems{} : config.error();
}

std::string with(const std::string& lines) {
  return smallest + lines;
}

std::filesystem::path temporary_folder() {
  std::string name = (std::filesystem::temp_directory_path() / "rollcall-config-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make a temporary folder");
  return name;
}

TEST(Config, AProgrammeSaysHowItsPeopleSign) {
  const auto config = parse(with("[[programmes]]\nid = \"bilan\"\nsignatures = [\"tap\"]\n"
                                 "[[programmes]]\nid = \"inclusion\"\n"),
                            "site.toml", "/srv/site");
  ASSERT_TRUE(config) << config.error().front();
  EXPECT_TRUE(programme_of(*config, "bilan").allows("tap"));
  EXPECT_FALSE(programme_of(*config, "bilan").allows("drawn"));
  EXPECT_EQ(programme_of(*config, "inclusion").signatures, Programme{}.signatures);
  EXPECT_EQ(programme_of(*config, std::nullopt).signatures, Programme{}.signatures);
}

TEST(Config, AWayToSignThatIsNoneIsNamedWithTheNearest) {
  EXPECT_EQ(
      problems(with("[[programmes]]\nid = \"bilan\"\nsignatures = [\"tap\", \"drawm\"]\n")),
      Problems{"site.toml:11: programmes.signatures: \"drawm\" is none of drawn, tap; did you "
               "mean \"drawn\"?"});
  EXPECT_EQ(problems(with("[[programmes]]\nid = \"bilan\"\nsignatures = []\n")),
            Problems{"site.toml:11: programmes.signatures: is an empty list; write drawn, tap"});
}

TEST(Config, SmallestFileIsCompleteAndHasTheDefaultsOfTheStruct) {
  const auto config = parse(smallest, "site.toml", "/srv/site");
  ASSERT_TRUE(config) << config.error().front();
  EXPECT_EQ(config->site.id, "brussels");
  EXPECT_EQ(config->site.languages, std::vector<std::string>{"en"});
  const Config fresh;
  EXPECT_EQ(config->console.address, fresh.console.address);
  EXPECT_EQ(config->console.port, fresh.console.port);
  EXPECT_EQ(config->attendance.double_tap_window, fresh.attendance.double_tap_window);
  EXPECT_EQ(config->delivery.batch_events, fresh.delivery.batch_events);
  EXPECT_EQ(config->delivery.batch_age, fresh.delivery.batch_age);
  EXPECT_EQ(config->delivery.retry_first, fresh.delivery.retry_first);
  EXPECT_EQ(config->delivery.retry_max, fresh.delivery.retry_max);
  EXPECT_EQ(config->delivery.timeout, fresh.delivery.timeout);
  EXPECT_EQ(config->log.level, fresh.log.level);
  EXPECT_EQ(config->log.format, fresh.log.format);
}

TEST(Config, RelativePathsStartAtTheFolderOfTheFile) {
  const auto config = parse(smallest, "site.toml", "/srv/site");
  ASSERT_TRUE(config);
  EXPECT_EQ(config->data_dir, "/srv/site/data");
  EXPECT_EQ(config->control_socket, "/srv/site/data/control.sock");
  EXPECT_EQ(config->links.listen.front(), "unix:/srv/site/terminals.sock");
}

TEST(Config, UnknownKeyNamesFileLineKeyAndNearestName) {
  EXPECT_EQ(problems(with("[delivery]\nbatch_event = 3\n")),
            Problems{"site.toml:10: delivery.batch_event: is no key of this program; did you mean "
                     "\"batch_events\"?"});
}

TEST(Config, UnknownSectionNamesTheNearestOne) {
  EXPECT_EQ(
      problems(with("[consol]\nport = 1\n")),
      Problems{"site.toml:9: consol: is no section of this program; did you mean \"console\"?"});
  EXPECT_EQ(problems(with("[[simulated_terminal]]\nserial = \"A\"\n")),
            Problems{"site.toml:9: simulated_terminal: is no section of this program; did you mean "
                     "\"simulated_terminals\"?"});
}

TEST(Config, KeyUnderTheWrongSectionIsSentToItsOwn) {
  EXPECT_EQ(problems(with("[log]\nbatch_events = 3\n")),
            Problems{"site.toml:10: log.batch_events: is no key of this program; a key of that "
                     "name belongs to [delivery]"});
}

TEST(Config, WrongTypeSaysWhatWasFoundAndWhatToWrite) {
  EXPECT_EQ(
      problems(with("[console]\nport = \"8480\"\n")),
      Problems{"site.toml:10: console.port: is a text; write a whole number, without quotes"});
  EXPECT_EQ(
      problems(with("[attendance]\ndouble_tap_window = 60\n")),
      Problems{
          "site.toml:10: attendance.double_tap_window: is a whole number; write a text with a unit "
          "(ms, s, min, h), such as \"60s\""});
}

TEST(Config, AllProblemsAreReportedAtOnceInTheOrderOfTheFile) {
  const Problems found = problems(R"([site]
id = "Not An Id"
timezone = "Europe/Brusels"
[links]
listen = ["tcp:7440"]
[console]
address = "0.0.0.0"
)");
  ASSERT_EQ(found.size(), 7u);
  EXPECT_TRUE(
      found[0].starts_with("site.toml:1: data_dir: is missing; add data_dir = \"...\" at the top"))
      << found[0];
  EXPECT_TRUE(found[1].starts_with("site.toml:1: site.organisation: is missing")) << found[1];
  EXPECT_TRUE(found[2].starts_with("site.toml:1: site.name: is missing")) << found[2];
  EXPECT_TRUE(found[3].starts_with("site.toml:2: site.id: \"Not An Id\" cannot be a site id;"))
      << found[3];
  EXPECT_EQ(found[4],
            "site.toml:3: site.timezone: \"Europe/Brusels\" is no known time zone; did you mean "
            "\"Europe/Brussels\"?");
  EXPECT_NE(found[5].find("names no host and port"), std::string::npos) << found[5];
  EXPECT_NE(found[6].find("passwords would travel in the clear"), std::string::npos) << found[6];
}

TEST(Config, BeyondThisMachineTheConsoleHasCertificateKeyAndHost) {
  const std::string folder = temporary_folder().string();
  const std::string tls = folder + "/tls.pem";
  std::ofstream{tls} << "a file\n";
  const std::string open = "[console]\naddress = \"0.0.0.0\"\n";
  const std::string certificate = "certificate = \"" + tls + "\"\n";
  const std::string key = "key = \"" + tls + "\"\n";
  const std::string host = "host = \"rollcall.example.org\"\n";
  const auto first = [](const std::string& text) {
    const Problems found = problems(with(text));
    return found.empty() ? "" : found.front();
  };
  EXPECT_EQ(problems(with(open + certificate + key + host)), Problems{});
  EXPECT_NE(first(open + host).find("passwords would travel in the clear"), std::string::npos);
  EXPECT_NE(first("[console]\n" + certificate + host).find("console.key: is missing"),
            std::string::npos);
  EXPECT_NE(first(open + certificate + key).find("console.host: is missing"), std::string::npos);
  EXPECT_NE(first(open + "certificate = \"\"\nkey = \"\"\n").find("in the clear"),
            std::string::npos);
  EXPECT_NE(first("[console]\naddress = \"everywhere\"\n").find("is no IP address"),
            std::string::npos);
  EXPECT_NE(first("[console]\nhost = \"https://x\"\n").find("without http://"), std::string::npos);
  EXPECT_EQ(problems(with("[console]\naddress = \"127.0.0.1\"\n" + certificate + key + host)),
            Problems{});
}

TEST(Config, FilesMustExist) {
  EXPECT_EQ(problems(with("[roster]\npeople = \"people.csv\"\n")),
            Problems{"site.toml:10: roster.people: /srv/site/people.csv does not exist; relative "
                     "paths start at the "
                     "folder of this file"});
  EXPECT_EQ(problems(with("[roster]\npeople = \"/tmp\"\n")),
            Problems{"site.toml:10: roster.people: /tmp is a folder; name a file"});
}

TEST(Config, DeliveryIsHttpsWithItsOwnAuthority) {
  const Problems plain = problems(with("[delivery]\nurl = \"http://case.example\"\n"));
  ASSERT_EQ(plain.size(), 1u);
  EXPECT_NE(plain[0].find("would send attendance unencrypted; write \"https://host\""),
            std::string::npos)
      << plain[0];
  const Problems no_authority = problems(with("[delivery]\nurl = \"https://case.example:8443\"\n"));
  ASSERT_EQ(no_authority.size(), 1u);
  EXPECT_TRUE(no_authority[0].starts_with("site.toml:10: delivery.ca_file: is missing;"))
      << no_authority[0];
}

TEST(Config, TerminalsAreEnrolledAndNotListed) {
  const Problems found = problems(with("[[terminals]]\nserial = \"T-1\"\nroom = \"Hall\"\n"));
  EXPECT_EQ(found,
            Problems{"site.toml:9: terminals: are not listed here any more; take these lines out "
                     "and enrol each one once: rollcall terminal enrol SERIAL --room ROOM"});
}

TEST(Config, PagesOfSimulatedTerminalsAreListedOnceEach) {
  const std::string page = "page = \"http://127.0.0.1:8491/\"\n";
  const auto config = parse(with("[[simulated_terminals]]\nserial = \"T-1\"\n" + page +
                                 "[[simulated_terminals]]\nserial = \"T-2\"\n" + page),
                            "site.toml", "/srv/site");
  ASSERT_TRUE(config) << config.error().front();
  ASSERT_EQ(config->simulated_terminals.size(), 2u);
  EXPECT_EQ(config->simulated_terminals[1].serial, "T-2");
  EXPECT_EQ(config->simulated_terminals[1].page, "http://127.0.0.1:8491/");
  EXPECT_EQ(problems(with("[[simulated_terminals]]\nserial = \"T-1\"\n" + page +
                          "[[simulated_terminals]]\nserial = \"T-1\"\npage = \"file:///x\"\n")),
            (Problems{"site.toml:12: simulated_terminals.serial: \"T-1\" is already declared on "
                      "line 9; each terminal is listed once",
                      "site.toml:14: simulated_terminals.page: \"file:///x\" is not the address of "
                      "a web page; write \"http://127.0.0.1:8491/\""}));
}

TEST(Config, ReadersAreListedOnceEachAndHaveOneWayIn) {
  const auto config = parse(with("[[readers]]\nid = \"R-1\"\nroom = \"Desk\"\npcsc = \"auto\"\n"
                                 "[[readers]]\nid = \"R-2\"\nroom = \"Hall\"\nmode = "
                                 "\"childcare\"\npn532 = \"/dev/ttyUSB0:460800\"\n"),
                            "site.toml", "/srv/site");
  ASSERT_TRUE(config) << config.error().front();
  ASSERT_EQ(config->readers.size(), 2u);
  EXPECT_EQ(config->readers[0].mode, "training");
  EXPECT_EQ(config->readers[1].pn532, "/dev/ttyUSB0:460800");
  const std::string place = "room = \"Desk\"\n";
  const auto wrong = [&](const std::string& lines) {
    return problems(with("[[readers]]\nid = \"R-1\"\n" + place + lines));
  };
  const std::string one_of =
      "site.toml:9: readers: needs one of pcsc, pn532, keyboard and line; write pcsc = \"auto\", "
      "or pn532 = \"/dev/ttyUSB0\"";
  EXPECT_EQ(wrong(""), Problems{one_of});
  EXPECT_EQ(wrong("pcsc = \"auto\"\npn532 = \"/dev/ttyUSB0\"\n"), Problems{one_of});
  EXPECT_EQ(wrong("pn532 = \"ttyUSB0\"\n"),
            Problems{"site.toml:12: readers.pn532: \"ttyUSB0\" names no device by its absolute "
                     "path; write \"/dev/ttyUSB0\""});
  EXPECT_EQ(
      wrong("pcsc = \"auto\"\n[[readers]]\nid = \"R-1\"\n" + place + "pcsc = \"auto\"\n"),
      (Problems{"site.toml:13: readers.pcsc: \"auto\" is \"R-1\" already; each reader is one "
                "place",
                "site.toml:13: readers.id: \"R-1\" is already declared on line 9; each reader "
                "is listed once"}));
}

TEST(Config, ReadersThatPrintLinesSayWhatTheyPrint) {
  const std::string first = "[[readers]]\nid = \"R-1\"\nroom = \"Desk\"\n";
  const auto config = parse(with(first + "keyboard = \"/dev/input/by-id/usb-a-event-kbd\"\n" +
                                 "format = \"uid_decimal\"\n[[readers]]\nid = \"R-2\"\n" +
                                 "room = \"Hall\"\nline = \"/dev/ttyACM0\"\nformat = \"code\"\n"),
                            "site.toml", "/srv/site");
  ASSERT_TRUE(config) << config.error().front();
  EXPECT_EQ(config->readers[0].keyboard, "/dev/input/by-id/usb-a-event-kbd");
  EXPECT_EQ(config->readers[0].format, "uid_decimal");
  EXPECT_EQ(config->readers[1].line, "/dev/ttyACM0");
  EXPECT_EQ(config->readers[1].format, "code");
  const auto wrong = [&](const std::string& lines) { return problems(with(first + lines)); };
  EXPECT_EQ(wrong("line = \"/dev/ttyACM0\"\n"),
            Problems{"site.toml:9: readers.format: is missing; say what the reader prints: " +
                     std::string(readers::line_formats)});
  EXPECT_EQ(wrong("line = \"/dev/ttyACM0\"\nformat = \"uid_hexx\"\n"),
            Problems{"site.toml:13: readers.format: \"uid_hexx\" is none of " +
                     std::string(readers::line_formats) + "; did you mean \"uid_hex\"?"});
  EXPECT_EQ(wrong("pcsc = \"auto\"\nformat = \"uid_hex\"\n"),
            Problems{"site.toml:9: readers.format: goes with keyboard and line only; take it out"});
  EXPECT_EQ(wrong("keyboard = \"event3\"\nformat = \"code\"\n"),
            Problems{"site.toml:12: readers.keyboard: \"event3\" names no device by its absolute "
                     "path; write \"/dev/input/by-id/usb-maker_model-event-kbd\""});
  EXPECT_EQ(wrong("line = \"/dev/ttyACM0:1\"\nformat = \"code\"\n").size(), 1u);
}

TEST(Config, PageThatWouldWriteIntoThePolicyOfTheConsoleIsRefused) {
  for (const char* address :
       {"http://a;script-src *", "http://a; b", "http://a,b", "http://'a'", "http://", "http://*",
        "http:///x", "http://a\\r\\nX: y", "http://u@a"}) {
    const std::string page = "page = \"" + std::string(address) + "\"\n";
    EXPECT_EQ(problems(with("[[simulated_terminals]]\nserial = \"T-1\"\n" + page)).size(), 1u)
        << address;
  }
}

TEST(Config, SyntaxErrorNamesItsLine) {
  const Problems found = problems("data_dir = \"x\"\n[site\n");
  ASSERT_EQ(found.size(), 1u);
  EXPECT_TRUE(found[0].starts_with("site.toml:2: ")) << found[0];
}

TEST(Config, RetriesStartBelowTheirLimit) {
  EXPECT_EQ(problems(with("[delivery]\nretry_first = \"2min\"\n")),
            Problems{"site.toml:10: delivery.retry_first: \"2min\" is above retry_max \"1min\"; "
                     "the first wait is the "
                     "shortest one"});
}

TEST(Config, TooLongSocketPathIsToldBeforeItFails) {
  const Problems found = problems(smallest, "/srv/" + std::string(120, 'x'));
  ASSERT_EQ(found.size(), 2u);
  EXPECT_NE(found[0].find("Linux allows 107"), std::string::npos) << found[0];
}

TEST(Config, LoadTellsAMissingFileAndAFolder) {
  const auto missing = load("/nonexistent/site.toml");
  ASSERT_FALSE(missing);
  EXPECT_EQ(
      missing.error(),
      Problems{"/nonexistent/site.toml:1: cannot be read (No such file or directory); name an "
               "existing TOML file"});
  EXPECT_FALSE(load("/tmp"));
}

TEST(Config, CheckPrintsProblemsAndReturnsTheExitCodeOfAConfigurationError) {
  const auto folder = temporary_folder();
  const std::string file = (folder / "site.toml").string();
  std::ofstream{file} << smallest;
  std::ostringstream out;
  EXPECT_EQ(check(file, out), 0) << out.str();
  std::ofstream{file, std::ios::app} << "[log]\nlevl = \"info\"\n";
  EXPECT_EQ(check(file, out), 78);
  EXPECT_NE(out.str().find(":10: log.levl: is no key of this program; did you mean \"level\"?"),
            std::string::npos)
      << out.str();
  std::filesystem::remove_all(folder);
}

TEST(Config, ExampleHasEachKindOfReader) {
  std::ostringstream out;
  EXPECT_EQ(check(ROLLCALL_SOURCE_DIR "/examples/readers/rollcall.toml", out), 0) << out.str();
  const auto config = load(ROLLCALL_SOURCE_DIR "/examples/readers/rollcall.toml");
  ASSERT_TRUE(config);
  for (const auto way : {&Reader::pcsc, &Reader::pn532, &Reader::keyboard, &Reader::line})
    EXPECT_TRUE(
        std::ranges::any_of(config->readers, [&](const Reader& r) { return !(r.*way).empty(); }));
}

TEST(Config, DamagedFilesGiveSentencesAndNeverAnythingElse) {
  const char* given = std::getenv("ROLLCALL_SEED");
  const unsigned seed =
      given != nullptr ? static_cast<unsigned>(std::stoul(given)) : std::random_device{}();
  SCOPED_TRACE("ROLLCALL_SEED=" + std::to_string(seed));
  std::mt19937 random{seed};
  const std::string whole = with(
      "[delivery]\nurl = \"https://a\"\nretry_max = \"1min\"\n[[simulated_terminals]]\nserial = "
      "\"T-1\"\npage = \"http://h/\"\n");
  for (int i = 0; i < 3000; ++i) {
    std::string text = whole;
    for (unsigned edits = 1 + random() % 4; edits > 0; --edits) {
      const std::size_t at = random() % text.size();
      switch (random() % 3) {
        case 0:
          text[at] = static_cast<char>(random() % 256);
          break;
        case 1:
          text.erase(at, 1 + random() % 8);
          break;
        default:
          text.insert(at, text.substr(random() % text.size(), random() % 16));
          break;
      }
      if (text.empty()) text = "x";
    }
    for (const std::string& problem : problems(text)) {
      ASSERT_TRUE(problem.starts_with("site.toml:")) << problem << "\nfor\n" << text;
    }
  }
}

// ROLLCALL_WRITE_DOCS=1 writes the table into the page instead of comparing.
TEST(Config, ReferencePageHoldsTheGeneratedTable) {
  const std::string page_file = ROLLCALL_SOURCE_DIR "/docs/configuration.md";
  std::ostringstream page;
  page << std::ifstream{page_file}.rdbuf();
  const std::string text = page.str();
  const std::string begin = "<!-- generated from daemon/config/keys.cpp -->\n";
  const std::string end = "<!-- end of the generated part -->\n";
  const auto from = text.find(begin);
  const auto to = text.find(end);
  ASSERT_NE(from, std::string::npos);
  ASSERT_NE(to, std::string::npos);
  const auto start = from + begin.size();
  if (std::getenv("ROLLCALL_WRITE_DOCS") != nullptr) {
    std::ofstream{page_file} << text.substr(0, start) << "\n"
                             << reference_markdown() << "\n"
                             << text.substr(to);
    GTEST_SKIP() << "written";
  }
  EXPECT_EQ(text.substr(start, to - start), "\n" + reference_markdown() + "\n")
      << "run this test with ROLLCALL_WRITE_DOCS=1 to write the table anew";
}

}  // namespace
}  // namespace rollcall::config
