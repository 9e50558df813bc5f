// The simulated terminal as a program sees it: cable, power, reader, script; against a host on a
// Unix socket.
#include "firmware/simulator/sim_terminal.hpp"

#include <future>
#include <thread>

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "firmware/simulator/enrol.hpp"
#include "firmware/simulator/player.hpp"
#include "hal/sim/nfc/program/server.hpp"
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
  explicit SimTerminalTest(bool enrolled = true)
      : socket_(testing::TempDir() + "rollcall-sim-" + std::to_string(::getpid())),
        settings_(socket_ + ".settings"),
        io_(1) {
    ::unlink(socket_.c_str());
    ::unlink(settings_.c_str());
    host_.emplace(io_, socket_);
    if (enrolled) enrol();
    start();
  }
  ~SimTerminalTest() override {
    terminal_.reset();
    ::unlink(socket_.c_str());
    ::unlink(settings_.c_str());
  }
  void start() {
    SimSettings settings;
    settings.serial = "T-1";
    settings.endpoint = *parse_endpoint("unix:" + socket_);
    settings.card_module = card_module_;
    settings.memory_geometry = {8192, 8, 512};
    settings.settings_file = settings_;
    terminal_.emplace(io_, std::move(settings), report_);
    EXPECT_TRUE(terminal_->start());
  }
  // As enrolment with this host leaves it.
  void enrol() {
    auto file = hal::host::FileStorage::open(settings_, settings_geometry).value();
    firmware::Settings settings;
    settings.link_key = host_->host.link_key;
    settings.site_key = host_->host.site_key;
    ASSERT_TRUE(firmware::SettingsStore(*file).save(settings));
  }
  // False when it does not hold within `patience`.
  bool run_until(const std::function<bool()>& condition, std::chrono::milliseconds patience = 10s) {
    const auto end = std::chrono::steady_clock::now() + patience;
    io_.restart();
    while (!condition() && std::chrono::steady_clock::now() < end) io_.run_for(5ms);
    return condition();
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
  std::string settings_;
  std::optional<Endpoint> card_module_;
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

TEST_F(SimTerminalTest, RebootOfTheHostRestartsTheFirmwareAndSaysWhy) {
  ASSERT_TRUE(run_until([&] { return terminal_->terminal().welcomed(); }));
  host_->host.say(protocol::Reboot{0});
  ASSERT_TRUE(run_until([&] { return terminal_->starts() == 2; }));
  ASSERT_TRUE(run_until([&] { return terminal_->terminal().welcomed(); }));
  EXPECT_EQ(host_->host.hello_seen.reset, protocol::ResetReason::software);
  terminal_->cut_power();
  ASSERT_TRUE(run_until([&] { return terminal_->terminal().welcomed(); }));
  EXPECT_EQ(host_->host.hello_seen.reset, protocol::ResetReason::power_on);
}

// A simulated PN532 at a socket, which works by itself until it is unplugged.
class PluggedModule {
 public:
  explicit PluggedModule(const std::string& path) {
    EXPECT_TRUE(server_->line().listen(path));
    thread_ = std::thread([this] { io_.run(); });
  }
  ~PluggedModule() {
    io_.stop();
    thread_.join();
    server_.reset();
  }
  std::string execute(const std::string& command) {
    std::promise<std::string> reply;
    asio::post(io_, [&] { reply.set_value(server_->execute(command)); });
    return reply.get_future().get();
  }

 private:
  asio::io_context io_{1};
  std::optional<hal::sim::Server> server_{io_};
  std::thread thread_;
};

class CardModuleTest : public SimTerminalTest {
 protected:
  CardModuleTest() : module_(socket_ + ".reader") {
    terminal_.reset();
    plug_in();
    card_module_ = *parse_endpoint("unix:" + module_);
    start();
  }
  void plug_in() { cards_.emplace(module_); }
  void unplug() { cards_.reset(); }
  bool welcomed() {
    return run_until([&] { return terminal_->terminal().welcomed(); });
  }
  // Held until it is read, and shown its answer.
  bool tap(const std::string& card) {
    const auto shown = terminal_->taps_shown();
    EXPECT_EQ(cards_->execute("place " + card), "OK");
    const bool done = run_until([&] { return terminal_->taps_shown() > shown; });
    EXPECT_EQ(cards_->execute("remove"), "OK");
    return done;
  }

  std::string module_;
  std::optional<PluggedModule> cards_;
};

TEST_F(CardModuleTest, CardIsReadAndTalkedTo) {
  ASSERT_TRUE(welcomed());
  EXPECT_TRUE(host_->host.hello_seen.capabilities & protocol::capability::apdu);
  EXPECT_EQ(cards_->execute("place desfire 04a1b2c3d4e5f6"), "OK");
  ASSERT_TRUE(run_until([&] { return host_->host.taps.size() == 1; }));
  EXPECT_EQ(hex(host_->host.taps[0].reading.view()), "04a1b2c3d4e5f6");
  protocol::ApduRequest version{1, 1000, {}};  // GetVersion of DESFire, and what follows
  for (const auto command : {0x60, 0xaf, 0xaf}) {
    const std::uint8_t apdu[] = {0x90, static_cast<std::uint8_t>(command), 0, 0, 0};
    version.command.assign(apdu);
    host_->host.say(version);
    ASSERT_TRUE(run_until([&] { return host_->host.apdus.size() == version.exchange; }));
    EXPECT_EQ(host_->host.apdus.back().status, protocol::ApduStatus::ok);
    ++version.exchange;
  }
  const std::string last = hex(host_->host.apdus.back().data.view());
  EXPECT_TRUE(last.starts_with("04a1b2c3d4e5f6") && last.ends_with("9100")) << last;
}

TEST_F(CardModuleTest, ModuleThatComesAndGoesIsFoundAgain) {
  ASSERT_TRUE(welcomed());
  ASSERT_TRUE(tap("uid 04D77579F29403"));
  unplug();
  EXPECT_FALSE(run_until([&] { return host_->host.taps.size() > 1; }, 300ms));
  plug_in();
  EXPECT_TRUE(tap("uid 0407E1214324D1"));
  EXPECT_EQ(host_->host.taps.size(), 2u);
}

TEST_F(CardModuleTest, CardThatOutlastsAPowerCutIsTappedByWhatStartsAnew) {
  ASSERT_TRUE(welcomed());
  EXPECT_EQ(cards_->execute("place uid 04D77579F29403"), "OK");
  ASSERT_TRUE(run_until([&] { return host_->host.taps.size() == 1; }));
  terminal_->cut_power();
  EXPECT_TRUE(run_until([&] { return host_->host.taps.size() + host_->host.queued.size() == 2; }));
}

TEST_F(CardModuleTest, ScriptWaitsForWhatItsCardsAreShownAndBringsNone) {
  ASSERT_TRUE(welcomed());
  ASSERT_TRUE(tap("uid 04D77579F29403"));
  EXPECT_EQ(play("expect light green\nexpect outcome arrived\n"), "");
  EXPECT_EQ(play("tap 04D77579F29403\n"),
            "test:1: `tap 04D77579F29403` failed: cards come to the reader that --reader names");
  EXPECT_EQ(cards_->execute("place uid 04D77579F29403"), "OK");
  EXPECT_EQ(cards_->execute("place uid 0407E1214324D1"), "OK");
  ASSERT_TRUE(run_until([&] { return terminal_->taps_shown() == 2; }));
  EXPECT_EQ(play("expect outcome one_card\n"), "");
}

class NewSimTerminal : public SimTerminalTest {
 protected:
  NewSimTerminal() : SimTerminalTest(false) {}
};

TEST_F(NewSimTerminal, RecordsNothing) {
  EXPECT_EQ(play("tap 04D77579F29403\nexpect outcome out_of_service\nexpect light none\n"
                 "expect screen out_of_service\n"),
            "");
}

TEST_F(NewSimTerminal, IsEnrolledByTwoPeopleAndKeepsItsKeyInTheFile) {
  run_until([] { return false; }, 300ms);  // its first call comes to nothing
  terminal_->open_window();
  ASSERT_TRUE(
      run_until([&] { return terminal_->terminal().enrolment().number().has_value(); }, 3s));
  EXPECT_EQ(terminal_->terminal().enrolment().number(), host_->host.number());
  host_->host.type(*host_->host.number());
  terminal_->agree(true);
  // A second for the call after the link's end, and no wait for some other event.
  ASSERT_TRUE(run_until([&] { return terminal_->terminal().welcomed(); }, 3s));
  EXPECT_EQ(terminal_->enrolment_result(), firmware::EnrolResult::done);
  EXPECT_EQ(terminal_->site(), "site-7");
  terminal_.reset();
  start();
  EXPECT_EQ(terminal_->site(), "site-7");
  EXPECT_TRUE(run_until([&] { return terminal_->terminal().welcomed(); }));
}

// Enrolment on the command line, with a pipe for the person's line.
class EnrolCommand : public NewSimTerminal {
 protected:
  EnrolCommand() : stdin_(::dup(STDIN_FILENO)) {
    EXPECT_EQ(::pipe(pipe_), 0);
    ::dup2(pipe_[0], STDIN_FILENO);
  }
  ~EnrolCommand() override {
    ::dup2(stdin_, STDIN_FILENO);
    for (const int file : {stdin_, pipe_[0], pipe_[1]}) ::close(file);
  }
  void type(const std::string& line) {
    ASSERT_EQ(::write(pipe_[1], line.data(), line.size()), static_cast<ssize_t>(line.size()));
  }
  bool number_is_shown() {
    const bool shown =
        run_until([&] { return terminal_->terminal().enrolment().number().has_value(); });
    run_until([] { return false; }, 100ms);  // for the prompt
    return shown;
  }
  std::string number() const {
    std::string digits = std::to_string(1'000'000 + *host_->host.number()).substr(1);
    return digits.insert(3, " ");
  }

  int stdin_;
  int pipe_[2] = {-1, -1};
  std::optional<bool> enrolled_;
};

TEST_F(EnrolCommand, ShowsTheNumberAsksAndEndsWithTheSite) {
  testing::internal::CaptureStdout();
  Enrol enrol(io_, *terminal_);
  enrol.start([&](bool enrolled) { enrolled_ = enrolled; });
  ASSERT_TRUE(number_is_shown());
  const std::string shown = number();
  type("yes\n");
  host_->host.type(*host_->host.number());
  ASSERT_TRUE(run_until([&] { return enrolled_.has_value(); }));
  EXPECT_TRUE(*enrolled_);
  EXPECT_EQ(host_->host.attempt_state, protocol::HostEnrolment::State::done);
  EXPECT_EQ(testing::internal::GetCapturedStdout(),
            "enrol: waiting for the host\nenrol: this terminal shows " + shown +
                "\nenrol: does the host show the same number? yes or no: "
                "enrol: done, this terminal belongs to site-7\n");
}

TEST_F(EnrolCommand, AnswerThatCameBeforeTheNumberIsNone) {
  testing::internal::CaptureStdout();
  type("yes\nyes\n");
  Enrol enrol(io_, *terminal_);
  enrol.start([&](bool enrolled) { enrolled_ = enrolled; });
  ASSERT_TRUE(number_is_shown());
  host_->host.type(*host_->host.number());
  EXPECT_FALSE(run_until([&] { return enrolled_.has_value(); }, 1s));
  type("no\n");
  ASSERT_TRUE(run_until([&] { return enrolled_.has_value(); }));
  EXPECT_FALSE(*enrolled_);
  EXPECT_FALSE(terminal_->terminal().settings());
  EXPECT_EQ(host_->host.attempt_why, protocol::EnrolEndReason::different);
  const std::string said = testing::internal::GetCapturedStdout();
  EXPECT_THAT(said, testing::HasSubstr("enrol: failed: the numbers are different"));
}

TEST_F(EnrolCommand, AnythingButYesOrNoChangesNothing) {
  testing::internal::CaptureStdout();
  Enrol enrol(io_, *terminal_);
  enrol.start([&](bool enrolled) { enrolled_ = enrolled; });
  ASSERT_TRUE(number_is_shown());
  type("y\n");
  ASSERT_TRUE(run_until([&] { return enrolled_.has_value(); }));
  EXPECT_FALSE(*enrolled_);
  EXPECT_THAT(testing::internal::GetCapturedStdout(),
              testing::HasSubstr("enrol: failed: it was cancelled"));
}

TEST(EnrolWords, EveryOutcomeHasItsSentenceAndItsName) {
  std::vector<std::string> sentences;
  for (int i = 0; i <= static_cast<int>(firmware::EnrolResult::other_site); ++i) {
    const auto result = static_cast<firmware::EnrolResult>(i);
    sentences.push_back(enrol_sentence(result, "T-1"));
    EXPECT_FALSE(sentences.back().empty()) << enrol_result_name(result);
  }
  std::sort(sentences.begin(), sentences.end());
  EXPECT_EQ(std::adjacent_find(sentences.begin(), sentences.end()), sentences.end());
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
