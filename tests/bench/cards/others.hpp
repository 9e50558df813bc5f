// The same tap as others would do it.
#pragma once

#include <array>
#include <cstdint>

#include "tests/bench/cards/card_on_the_table.hpp"

namespace rollcall::bench {

using KeyBytes = std::array<std::uint8_t, 16>;

// libfreefare, at a libnfc that hands over to the card on the table: authentication with the card's
// own key, which is given to it, and reading the token. False: the card said otherwise.
class ByLibfreefare {
 public:
  explicit ByLibfreefare(CardOnTheTable& card);
  ~ByLibfreefare();
  ByLibfreefare(const ByLibfreefare&) = delete;
  ByLibfreefare& operator=(const ByLibfreefare&) = delete;
  bool reads(KeyBytes reading_key);

 private:
  void* tag_ = nullptr;
};

// No card and no protocol: only those blocks of AES and that HMAC which nobody can do without, by
// OpenSSL with its contexts made before. The floor.
class ByOpenSsl {
 public:
  ByOpenSsl();
  ~ByOpenSsl();
  ByOpenSsl(const ByOpenSsl&) = delete;
  ByOpenSsl& operator=(const ByOpenSsl&) = delete;
  KeyBytes blocks_of_a_tap();

 private:
  struct Contexts;
  Contexts* contexts_;
};

}  // namespace rollcall::bench
