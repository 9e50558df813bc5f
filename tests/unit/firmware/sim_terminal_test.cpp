// The simulated terminal as a program sees it: cable, power, reader, script; against a host on a
// Unix socket.
#include "firmware/simulator/sim_terminal.hpp"

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/write.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "firmware/simulator/player.hpp"
#include "tests/unit/firmware/fake_host.hpp"

namespace rollcall::simulator {
namespace {

using namespace std::chrono_literals;
using firmware::FakeHost;
using firmware::Outcome;

// Serves one connection after the other with a FakeHost.
class SocketHost {
 public:
  SocketHost(asio::io_context& io, const std::string& path)
      : acceptor_(io, asio::local::stream_protocol::endpoint(path)), timer_(io) {
    accept();
    tick();
  }
  FakeHost host;

 private:
  using Socket = asio::local::stream_protocol::socket;
  static firmware::Millis now() {
    return std::chrono::duration_cast<firmware::Millis>(
        std::chrono::steady_clock::now().time_since_epoch());
  }
  void accept() {
    acceptor_.async_accept([this](boost::system::error_code error, Socket socket) {
      if (error) return;
      host.lost();
      socket_ = std::make_shared<Socket>(std::move(socket));
      host.connected(now());
      read(socket_);
      accept();
    });
  }
  void read(const std::shared_ptr<Socket>& socket) {
    socket->async_read_some(asio::buffer(in_),
                            [this, socket](boost::system::error_code error, std::size_t size) {
                              if (socket != socket_) return;
                              if (error) {
                                host.lost();
                                socket_.reset();
                                return;
                              }
                              host.receive({in_.data(), size}, now());
                              flush();
                              read(socket);
                            });
  }
  void flush() {
    boost::system::error_code ignored;
    if (socket_) asio::write(*socket_, asio::buffer(host.take_output()), ignored);
  }
  void tick() {
    if (socket_) host.poll(now());
    flush();
    timer_.expires_after(2ms);
    timer_.async_wait([this](boost::system::error_code error) {
      if (!error) tick();
    });
  }

  asio::local::stream_protocol::acceptor acceptor_;
  asio::steady_timer timer_;
  std::shared_ptr<Socket> socket_;
  std::array<std::uint8_t, 4096> in_{};
};

class SimTerminalTest : public testing::Test {
 protected:
  SimTerminalTest()
      : socket_(testing::TempDir() + "rollcall-sim-" + std::to_string(::getpid())), io_(1) {
    ::unlink(socket_.c_str());
    host_.emplace(io_, socket_);
    SimSettings settings;
    settings.serial = "T-1";
    settings.endpoint = *parse_endpoint("unix:" + socket_);
    settings.memory_geometry = {8192, 8, 512};
    terminal_.emplace(io_, std::move(settings), report_);
    EXPECT_TRUE(terminal_->start());
  }
  ~SimTerminalTest() override {
    terminal_.reset();
    ::unlink(socket_.c_str());
  }
  // Plays a script; its problem, empty when there was none.
  std::string play(const std::string& script) {
    std::string result = "did not end";
    Player player(io_, *terminal_, parse_script(script, "test").value(), "test");
    player.play([&](std::string problem) {
      result = std::move(problem);
      io_.stop();
    });
    io_.restart();
    io_.run_for(20s);
    return result;
  }

  std::string socket_;
  asio::io_context io_;
  Report report_;
  std::optional<SocketHost> host_;
  std::optional<SimTerminal> terminal_;
};

TEST_F(SimTerminalTest, ScriptTapsAndSeesTheAnswer) {
  EXPECT_EQ(play("expect link up\ntap 04D77579F29403\nexpect light green\nexpect outcome arrived\n"
                 "expect screen idle\nexpect waiting 0\n"),
            "");
  EXPECT_EQ(host_->host.taps.size(), 1u);
}

TEST_F(SimTerminalTest, FailedExpectationNamesItsLineAndWhatWasThere) {
  EXPECT_EQ(play("expect link up\ntap 04D77579F29403\nexpect light amber\n"),
            "test:3: `expect light amber` failed: it was green");
}

TEST_F(SimTerminalTest, SameCardIsHeldAgainOnlyWhenTheReaderTakesItForAnotherTap) {
  EXPECT_EQ(play("expect link up\ntap 04D77579F29403\ntap 04D77579F29403\nexpect light green\n"),
            "");
  EXPECT_EQ(host_->host.taps.size(), 2u);
}

TEST_F(SimTerminalTest, TapsMadeWithoutCableArriveWhenItIsPluggedIn) {
  EXPECT_EQ(
      play("expect link up\noffline\nexpect link down\ntap 04D77579F29403\nexpect light amber\n"
           "expect waiting 1\nonline\nexpect link up\nexpect waiting 0\n"),
      "");
  EXPECT_EQ(host_->host.queued.size(), 1u);
}

TEST_F(SimTerminalTest, PowerCutStartsAnewWithWhatTheStorageHolds) {
  EXPECT_EQ(play("expect link up\noffline\ntap 04D77579F29403\nexpect light "
                 "amber\npower-cut\nexpect waiting 1\n"
                 "online\nexpect waiting 0\n"),
            "");
  EXPECT_EQ(terminal_->starts(), 2u);
  EXPECT_EQ(host_->host.hello_seen.boot, 2u);
}

TEST_F(SimTerminalTest, PowerCutDuringAppendShowsNothingAndBeginsAnotherEpoch) {
  EXPECT_EQ(
      play("expect link up\ntap 04D77579F29403\nexpect light green\npower-cut during-append\n"
           "tap 0407E1214324D1\nexpect outcome interrupted\nexpect light none\nexpect link up\n"
           "tap 0407E1214324D1\nexpect light green\n"),
      "");
  ASSERT_EQ(host_->host.taps.size(), 2u);
  EXPECT_NE(host_->host.taps[0].epoch, host_->host.taps[1].epoch);
  EXPECT_EQ(host_->host.taps[1].number, 1u);
}

TEST_F(SimTerminalTest, PowerCutWhileWaitingIsReportedAsInterrupted) {
  host_->host.answers = false;
  EXPECT_EQ(play("expect link up\ntap 04D77579F29403\npower-cut\nexpect outcome "
                 "interrupted\nexpect waiting 0\n"),
            "");
  EXPECT_EQ(host_->host.queued.size(), 1u);
  EXPECT_EQ(report_.taps(), 1u);
}

TEST(Endpoint, IsTcpOrUnix) {
  EXPECT_TRUE(parse_endpoint("tcp:127.0.0.1:7440"));
  EXPECT_TRUE(parse_endpoint("unix:/run/rollcall/terminals.sock"));
  for (const char* wrong : {"", "tcp:", "tcp:127.0.0.1", "tcp:127.0.0.1:0", "tcp:127.0.0.1:99999",
                            "unix:", "udp:1:2"}) {
    EXPECT_FALSE(parse_endpoint(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace rollcall::simulator
