#include "daemon/config/values.hpp"

#include <array>

#include <gtest/gtest.h>

namespace rollcall::config {
namespace {

using namespace std::chrono_literals;

TEST(ConfigValues, DurationsCarryTheirUnit) {
  EXPECT_EQ(parse_duration("500ms"), 500ms);
  EXPECT_EQ(parse_duration("60s"), 60s);
  EXPECT_EQ(parse_duration("5min"), 5min);
  EXPECT_EQ(parse_duration("1h"), 1h);
  for (const char* bad :
       {"", "60", "s", "-1s", "1.5s", "1d", "60 s", "9999999999999999999s", "1001h"}) {
    EXPECT_FALSE(parse_duration(bad)) << bad;
  }
}

TEST(ConfigValues, DurationsAreShownAsTheyWouldBeWritten) {
  for (const auto value : {0ms, 1ms, 1500ms, 60000ms, 90000ms, 3600000ms}) {
    EXPECT_EQ(parse_duration(show_duration(value)), value);
  }
}

TEST(ConfigValues, LoopbackIsKnownByAddressNotByLooks) {
  for (const char* yes : {"127.0.0.1", "127.9.9.9", "::1", "[::1]", "localhost"})
    EXPECT_TRUE(is_loopback(yes)) << yes;
  for (const char* no : {"0.0.0.0", "::", "10.0.0.1", "127.0.0.1.example.org",
                         "localhost.example.org", "", "::2", "127.1"}) {
    EXPECT_FALSE(is_loopback(no)) << no;
  }
}

TEST(ConfigValues, ListenTakesAddressesUnixSocketsAndSerialLines) {
  for (const char* right :
       {"tcp:127.0.0.1:7440", "tcp:[::1]:0", "tcp:192.168.1.2:7440", "tcp:[::]:7440",
        "unix:/run/x.sock", "serial:/dev/ttyUSB0", "serial:/dev/ttyACM0:921600"}) {
    EXPECT_EQ(check_listen(right), "") << right;
  }
  for (const char* wrong : {"", "7440", "tcp:", "tcp:7440", "tcp:127.0.0.1", "tcp:127.0.0.1:",
                            "tcp:127.0.0.1:65536", "tcp:127.0.0.1:+1", "udp:127.0.0.1:1",
                            "unix:", "serial:", "serial:ttyUSB0", "serial:/dev/ttyUSB0:12"}) {
    EXPECT_NE(check_listen(wrong), "") << wrong;
  }
}

TEST(ConfigValues, CaseSystemIsAnOriginOnHttps) {
  for (const char* right : {"https://case.example", "https://case.example:8443",
                            "https://127.0.0.1:1/", "https://[::1]:8443"}) {
    EXPECT_EQ(check_https_url(right), "") << right;
  }
  for (const char* wrong :
       {"http://case.example", "https://", "https://:8443", "https://a:0", "https://a:x",
        "https://a/path", "https://user@a", "https://a?x", "case.example"}) {
    EXPECT_NE(check_https_url(wrong), "") << wrong;
  }
}

TEST(ConfigValues, SiteIdsFitIntoAnUrn) {
  for (const char* right : {"a", "brussels", "site-1", "9"})
    EXPECT_EQ(check_site_id(right), "") << right;
  for (const char* wrong : {"", "-a", "a-", "A", "a b", "a.b", "é"})
    EXPECT_NE(check_site_id(wrong), "") << wrong;
  EXPECT_NE(check_site_id(std::string(64, 'a')), "");
}

TEST(ConfigValues, OpeningHoursAreDaysAndSpansOfTheClockOnTheWall) {
  for (const char* right :
       {"mon 08:00-12:00", "mon-fri 08:00-12:30 13:30-18:00", "sat,sun 09:00-24:00",
        "fri-mon 20:00-02:00", "mon,wed-fri 08:00-09:00"})
    EXPECT_EQ(check_opening(right), "") << right;
  for (const char* wrong :
       {"", "mon", "mon ", "monday 08:00-12:00", "mon 8:00-12:00", "mon 08:00-25:00",
        "mon 08:60-12:00", "mon 24:00-08:00", "mon- 08:00-12:00", "mon 08:00", "mon 08:00-12:00 x",
        "mon,,tue 08:00-12:00", "mon  08:00-12:00", "mon, 08:00-12:00", "mon-tue-wed 08:00-09:00",
        "mon 08:00-09:00 ", "mon 08:00-09:00-10:00"})
    EXPECT_NE(check_opening(wrong), "") << wrong;
  const Opening open =
      together({"mon-fri 13:30-18:00", "mon-fri 08:00-12:30", "fri 12:30-13:30 17:00-01:00"});
  EXPECT_TRUE(open[0].empty());
  EXPECT_EQ(open[1], (std::vector<OpenHours>{{480, 750}, {810, 1080}}));
  EXPECT_EQ(open[5], (std::vector<OpenHours>{{480, 1500}})) << "what touches is one";
}

TEST(ConfigValues, NearestNameIsCloseOrNothing) {
  constexpr std::array<std::string_view, 3> names{"listen", "level", "languages"};
  EXPECT_EQ(nearest("lisen", names), "listen");
  EXPECT_EQ(nearest("language", names), "languages");
  EXPECT_EQ(nearest("colour", names), std::nullopt);
  EXPECT_EQ(nearest(std::string(5000, 'l'), names), std::nullopt);
}

}  // namespace
TEST(ConfigValues, PageOfATerminalIsAWebAddress) {
  EXPECT_EQ(check_page("http://127.0.0.1:8491/"), "");
  EXPECT_NE(check_page("javascript:alert(1)"), "");
  EXPECT_NE(check_page("http://127.0.0.1/\"onclick"), "");
}

}  // namespace rollcall::config
