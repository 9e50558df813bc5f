#include "daemon/terminals/endpoint.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rollcall::terminals {
namespace {

using ::testing::HasSubstr;

TEST(Endpoint, ReadsTcpAndUnix) {
  const auto v4 = parse_endpoint("tcp:127.0.0.1:7440");
  ASSERT_TRUE(v4);
  EXPECT_EQ(v4->address, "127.0.0.1");
  EXPECT_EQ(v4->port, 7440);
  const auto v6 = parse_endpoint("tcp:[::1]:0");
  ASSERT_TRUE(v6);
  EXPECT_EQ(v6->address, "::1");
  EXPECT_EQ(parse_endpoint("tcp:0.0.0.0:7440")->address, "0.0.0.0");
  const auto local = parse_endpoint("unix:/run/t.sock");
  ASSERT_TRUE(local);
  EXPECT_EQ(local->path, "/run/t.sock");
  const auto line = parse_endpoint("serial:/dev/ttyUSB0:921600");
  ASSERT_TRUE(line);
  EXPECT_EQ(line->kind, Endpoint::Kind::serial);
  EXPECT_EQ(line->line.device, "/dev/ttyUSB0");
  EXPECT_EQ(line->line.baud, 921600);
}

TEST(Endpoint, SaysWhatIsWrongWithTheEntry) {
  for (const auto& [entry, why] : {std::pair{"udp:127.0.0.1:1", "starts with neither"},
                                   {"tcp:127.0.0.1", "names no port"},
                                   {"tcp:localhost:7440", "not an IP address"},
                                   {"tcp:127.0.0.1:70000", "not 0 to 65535"},
                                   {"tcp:127.0.0.1:", "not 0 to 65535"},
                                   {"unix:", "names no path"},
                                   {"serial:ttyUSB0", "absolute path"},
                                   {"serial:/dev/ttyUSB0:300", "none of 9600"},
                                   {"", "starts with neither"}}) {
    const auto endpoint = parse_endpoint(entry);
    ASSERT_FALSE(endpoint) << entry;
    EXPECT_THAT(endpoint.error(), HasSubstr(why)) << entry;
  }
  EXPECT_FALSE(parse_endpoint("unix:/" + std::string(200, 'x')));
}

}  // namespace
}  // namespace rollcall::terminals
