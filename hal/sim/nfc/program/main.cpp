// rollcall-cards: see --help and hal/sim/nfc/README.md.
#include <csignal>
#include <cstdio>
#include <iostream>

#include <CLI/CLI.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/streambuf.hpp>
#include <unistd.h>

#include "hal/sim/nfc/program/server.hpp"

namespace {

using namespace rollcall::hal::sim;

constexpr int exit_ok = 0;
constexpr int exit_failed = 1;
constexpr int exit_usage = 2;

struct Options {
  std::string link, listen, connect;
  std::vector<std::string> cards;
  bool stay = false;
};

// Commands from standard input, one a line, each answered by a line.
class Console {
 public:
  Console(asio::io_context& io, Server& server, bool stay)
      : io_(io), server_(server), input_(io), stay_(stay) {}

  void start() {
    boost::system::error_code error;
    input_.assign(::dup(STDIN_FILENO), error);
    // A file cannot be waited for: its lines are there.
    if (error) {
      for (std::string line; std::getline(std::cin, line);) obey(line);
      ended();
      return;
    }
    read();
  }

 private:
  void read() {
    asio::async_read_until(input_, buffer_, '\n',
                           [this](boost::system::error_code error, std::size_t) {
                             if (error) {
                               ended();
                               return;
                             }
                             std::istream lines(&buffer_);
                             std::string line;
                             std::getline(lines, line);
                             obey(line);
                             read();
                           });
  }
  void obey(const std::string& line) { std::cout << server_.execute(line) << '\n' << std::flush; }
  void ended() {
    if (!stay_) io_.stop();
  }

  asio::io_context& io_;
  Server& server_;
  asio::posix::stream_descriptor input_;
  asio::streambuf buffer_{4096};
  bool stay_;
};

int usage_error(const std::string& sentence) {
  std::cerr << "rollcall-cards: " << sentence << '\n';
  return exit_usage;
}

int serve(const Options& options) {
  asio::io_context io(1);
  Server server(io);
  for (const std::string& card : options.cards) {
    const std::string reply = server.execute("place " + card);
    if (reply != "OK") return usage_error("--card " + card + ": " + reply);
  }
  std::string place = options.listen + options.connect;
  if (!options.listen.empty()) {
    if (const auto opened = server.line().listen(options.listen); !opened)
      return usage_error(opened.error());
  } else if (!options.connect.empty()) {
    server.line().connect(options.connect);
  } else {
    const auto opened = server.line().open_terminal(options.link);
    if (!opened) return usage_error(opened.error());
    place = *opened;
  }
  asio::signal_set signals(io, SIGINT, SIGTERM);
  signals.async_wait([&](boost::system::error_code error, int) {
    if (!error) io.stop();
  });
  std::cout << "READY " << place << '\n' << std::flush;
  Console console(io, server, options.stay);
  console.start();
  io.run();
  return exit_ok;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // whoever no longer listens is an error, not the end
  Options options;
  CLI::App app{"A simulated PN532 card reader with simulated cards.", "rollcall-cards"};
  auto* link =
      app.add_option("--link", options.link, "Make this symbolic link to the pseudo terminal");
  auto* listen = app.add_option("--listen", options.listen,
                                "Listen on this Unix socket in place of a pseudo terminal");
  auto* connect = app.add_option("--connect", options.connect,
                                 "Connect to this Unix socket in place of a pseudo terminal");
  listen->excludes(connect)->excludes(link);
  connect->excludes(link);
  app.add_option("--card", options.cards,
                 "A card that is there from the start, such as \"desfire 04a1b2c3d4e5f6\"");
  app.add_flag("--stay", options.stay, "Keep running when standard input ends");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? exit_ok : exit_usage;
  }
  try {
    return serve(options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "rollcall-cards: %s\n", error.what());
    return exit_failed;
  }
}
