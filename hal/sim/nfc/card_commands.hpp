// The words by which a person or a test works the simulated reader (README.md lists them).
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "hal/entropy.hpp"
#include "hal/sim/nfc/pn532_sim.hpp"

namespace rollcall::hal::sim {

class CardCommands {
 public:
  // Both outlive this; the cards in the field of `chip` are owned here.
  CardCommands(Pn532Sim& chip, Entropy& entropy) : chip_(chip), entropy_(entropy) {}
  ~CardCommands() { chip_.field().clear(); }
  CardCommands(const CardCommands&) = delete;
  CardCommands& operator=(const CardCommands&) = delete;

  // Carries out one line; "OK", "OK " and what was asked for, or "ERROR " and a sentence.
  std::string execute(std::string_view line);

 private:
  using Words = std::vector<std::string>;
  using Result = std::expected<std::string, std::string>;  // what was asked for; what is wrong

  struct Known {
    std::string name;  // kind and number as they were placed
    std::unique_ptr<VirtualCard> card;
  };

  Result run(const Words& words);
  Result place(const Words& words);
  Result remove(const Words& words);
  Result list() const;
  Result fault(const Words& words);
  std::expected<std::unique_ptr<VirtualCard>, std::string> make(const Words& words);

  Pn532Sim& chip_;
  Entropy& entropy_;
  std::vector<Known> known_;  // each card ever placed, with what was written to it
};

}  // namespace rollcall::hal::sim
