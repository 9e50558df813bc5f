// reader-watch [NAME]: what the PC/SC readers whose name begins with NAME tell, a line each, until
// its input ends. For tests/e2e.
#include <cstdio>
#include <string>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <unistd.h>

#include "hal/host/readers/pcsc.hpp"
#include "hal/host/readers/pcsc_card.hpp"

namespace {

namespace asio = boost::asio;
using rollcall::hal::Sight;

void say(const std::string& line) {
  std::puts(line.c_str());
  std::fflush(stdout);
}

std::string in_words(const Sight& sight) {
  std::string number;
  for (const std::uint8_t byte : sight.card.view()) {
    char digits[3];
    std::snprintf(digits, sizeof digits, "%02X", byte);
    number += digits;
  }
  if (sight.what == Sight::What::nothing) return "nothing";
  return (sight.what == Sight::What::bank_card ? "bank " : "card ") + number;
}

}  // namespace

int main(int count, char** arguments) {
  asio::io_context io{1};
  const auto bus = rollcall::readers::pcsc_bus(io.get_executor());
  std::unique_ptr<rollcall::readers::Reader> reader;
  const auto ask = [&reader]() -> asio::awaitable<void> {
    std::vector<std::uint8_t> command(std::begin(rollcall::readers::get_number),
                                      std::end(rollcall::readers::get_number));
    const auto answer = co_await reader->exchange(std::move(command), std::chrono::seconds{5});
    say("answer " + std::to_string(answer ? answer->size() : 0));
  };
  reader = bus->reader(
      count > 1 ? arguments[1] : "",
      {.state = [](bool working,
                   const std::string& what) { say((working ? "came " : "away ") + what); },
       .sight =
           [&](const Sight& sight) {
             say(in_words(sight));
             if (sight.is_card()) asio::co_spawn(io, ask(), [](const std::exception_ptr&) {});
           }});
  asio::posix::stream_descriptor input(io, ::dup(STDIN_FILENO));
  input.async_wait(asio::posix::descriptor_base::wait_read,
                   [&](boost::system::error_code) { io.stop(); });
  io.run();
}
