// The module is the simulated one on a pseudo terminal; both run in real time.
#include "hal/host/readers/pn532_reader.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>
#include <unistd.h>

#include "hal/sim/nfc/program/server.hpp"

namespace rollcall::readers {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using hal::Exchange;
using hal::Sight;
using What = hal::Sight::What;

// Plugged in, with a reactor of its own that ends with it.
struct Module {
  asio::io_context io{1};
  hal::sim::Server server{io};
};

class Pn532OnALine : public testing::Test {
 protected:
  void plug_in() {
    module.emplace();
    ASSERT_TRUE(module->server.line().open_terminal(link));
  }
  void begin() {
    reader = pn532_reader(io.get_executor(), {link, 115200},
                          {.state =
                               [this](bool now, const std::string& what) {
                                 working = now;
                                 told.push_back(what);
                               },
                           .sight = [this](const Sight& now) { sights.push_back(now); }});
  }
  // Lets both work until it holds.
  bool until(const std::function<bool()>& holds) {
    const auto end = std::chrono::steady_clock::now() + 20s;
    while (!holds() && std::chrono::steady_clock::now() < end) {
      io.run_one_for(1ms);
      if (module) module->io.poll();
    }
    return holds();
  }
  bool sees(What what) {
    return until([&] { return !sights.empty() && sights.back().what == what; });
  }
  Answer ask(std::vector<std::uint8_t> command, std::chrono::milliseconds limit = 5s) {
    std::optional<Answer> answer;
    asio::co_spawn(
        io,
        [&]() -> asio::awaitable<void> {
          answer = co_await reader->exchange(std::move(command), limit);
        },
        [](const std::exception_ptr&) {});
    EXPECT_TRUE(until([&] { return answer.has_value(); }));
    return answer.value_or(std::unexpected(Exchange::none));
  }

  asio::io_context io{1};
  const std::string link = testing::TempDir() + "pn532-" + std::to_string(::getpid());
  std::optional<Module> module;
  bool working = false;
  std::vector<std::string> told;
  std::vector<Sight> sights;
  std::unique_ptr<Reader> reader;
};

TEST_F(Pn532OnALine, CardsComeAndGo) {
  plug_in();
  begin();
  ASSERT_TRUE(until([&] { return working; }));
  EXPECT_EQ(told, std::vector{"PN532 on " + link});
  EXPECT_TRUE(sights.empty());
  module->server.execute("place uid 04d77579f29403");
  ASSERT_TRUE(sees(What::card));
  EXPECT_EQ(sights.back().card.size, 7);
  module->server.execute("remove");
  ASSERT_TRUE(sees(What::nothing));
}

TEST_F(Pn532OnALine, BankCardsPhonesAndCrowdsAreToldApart) {
  plug_in();
  begin();
  module->server.execute("place bank 04d1d2d3d4d5d6");
  EXPECT_TRUE(sees(What::bank_card));
  module->server.execute("place uid 01020304");
  EXPECT_TRUE(sees(What::several));
  module->server.execute("remove");
  EXPECT_TRUE(sees(What::nothing));
  module->server.execute("place phone");
  EXPECT_TRUE(sees(What::card));
  EXPECT_TRUE(sights.back().card.random_number());
}

TEST_F(Pn532OnALine, DeviceThatComesLaterGoesAndComesBackIsServed) {
  begin();
  ASSERT_TRUE(until([&] { return !told.empty(); }));
  EXPECT_NE(told.back().find("cannot be opened"), std::string::npos);
  plug_in();
  ASSERT_TRUE(until([&] { return working; }));
  module->server.execute("place uid 01020304");
  ASSERT_TRUE(sees(What::card));
  module.reset();
  ASSERT_TRUE(until([&] { return !working; }));
  EXPECT_TRUE(sees(What::nothing)) << "its cards went with it";
  plug_in();
  ASSERT_TRUE(until([&] { return working; }));
  module->server.execute("place uid 01020304");
  EXPECT_TRUE(sees(What::card));
}

TEST_F(Pn532OnALine, ModuleThatFallsSilentIsToldAndComesBack) {
  plug_in();
  begin();
  ASSERT_TRUE(until([&] { return working; }));
  module->server.execute("fault mute");
  ASSERT_TRUE(until([&] { return !working; }));
  EXPECT_NE(told.back().find("does not answer"), std::string::npos);
  module->server.execute("fault none");
  EXPECT_TRUE(until([&] { return working; }));
}

TEST_F(Pn532OnALine, CardAnswersWhatItIsAsked) {
  plug_in();
  begin();
  module->server.execute("place desfire 04a1b2c3d4e5f6");
  ASSERT_TRUE(sees(What::card));
  const Answer version = ask({0x90, 0x60, 0x00, 0x00, 0x00});  // GetVersion, more to come
  ASSERT_TRUE(version);
  EXPECT_EQ(version->back(), 0xAF);
  const Answer more = ask({0x90, 0xAF, 0x00, 0x00, 0x00});  // it stayed powered in between
  ASSERT_TRUE(more);
  EXPECT_EQ(more->back(), 0xAF);
}

TEST_F(Pn532OnALine, ExchangeWithoutACardOrWithOneThatSaysNothingIsOverInTime) {
  plug_in();
  begin();
  ASSERT_TRUE(until([&] { return working; }));
  EXPECT_EQ(ask({0x90, 0x60, 0x00, 0x00, 0x00}).error(), Exchange::card_gone);
  module->server.execute("place desfire 04a1b2c3d4e5f6");
  ASSERT_TRUE(sees(What::card));
  module->server.execute("fault mute");
  const Answer late = ask({0x90, 0x60, 0x00, 0x00, 0x00}, 200ms);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error(), Exchange::timed_out);
}

TEST_F(Pn532OnALine, CopyOfANumberIsAnotherCardThanTheOneBefore) {
  plug_in();
  begin();
  module->server.execute("place desfire 04a1b2c3d4e5f6");
  ASSERT_TRUE(sees(What::card));
  EXPECT_TRUE(sights.back().card.speaks_iso_dep());
  module->server.execute("remove");
  ASSERT_TRUE(sees(What::nothing));
  module->server.execute("place uid 04a1b2c3d4e5f6");
  ASSERT_TRUE(sees(What::card));
  EXPECT_FALSE(sights.back().card.speaks_iso_dep());
}

TEST_F(Pn532OnALine, ReaderThatIsDestroyedEndsItsExchange) {
  plug_in();
  begin();
  module->server.execute("place desfire 04a1b2c3d4e5f6");
  ASSERT_TRUE(sees(What::card));
  module->server.execute("fault mute");
  std::vector<std::uint8_t> command{0x90, 0x60, 0x00, 0x00, 0x00};
  bool begun = false;
  std::optional<Answer> answer;
  asio::co_spawn(
      io,
      [&]() -> asio::awaitable<void> {
        begun = true;
        answer = co_await reader->exchange(std::move(command), 5s);
      },
      [](const std::exception_ptr&) {});
  ASSERT_TRUE(until([&] { return begun; }));
  reader.reset();
  ASSERT_TRUE(until([&] { return answer.has_value(); }));
  ASSERT_FALSE(*answer);
  EXPECT_EQ(answer->error(), Exchange::failed);
}

TEST_F(Pn532OnALine, SecondExchangeAtATimeIsRefused) {
  plug_in();
  begin();
  module->server.execute("place desfire 04a1b2c3d4e5f6");
  ASSERT_TRUE(sees(What::card));
  std::optional<Answer> first;
  asio::co_spawn(
      io,
      [&]() -> asio::awaitable<void> {
        std::vector<std::uint8_t> command{0x90, 0x60, 0x00, 0x00, 0x00};
        first = co_await reader->exchange(std::move(command), 5s);
      },
      [](const std::exception_ptr&) {});
  EXPECT_EQ(ask({0x90, 0x60, 0x00, 0x00, 0x00}).error(), Exchange::failed);
  EXPECT_TRUE(until([&] { return first.has_value(); }));
  EXPECT_TRUE(*first);
}

}  // namespace
}  // namespace rollcall::readers
