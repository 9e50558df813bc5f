// The web page of one simulated terminal: tap, touch, pull the cable, cut the power. Loopback only.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "firmware/simulator/sim_terminal.hpp"

namespace rollcall::simulator {

struct LabelledCard {
  hal::Card card;
  std::string label;
};

// A CSV file whose first column is the chip number in hex and whose second, if any, is a label; the
// first line is a heading. An error is a sentence with file and line.
std::expected<std::vector<LabelledCard>, std::string> load_cards(const std::string& path);

class Page {
 public:
  Page(asio::io_context& io, SimTerminal& terminal, std::vector<LabelledCard> cards);
  ~Page();

  // `where` is ADDRESS:PORT with a loopback address. Returns the port, or a sentence.
  std::expected<unsigned short, std::string> listen(const std::string& where);
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace rollcall::simulator
