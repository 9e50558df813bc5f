// A DESFire card before a reader, in memory, and conversations with it.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include "daemon/credentials/card_issue.hpp"
#include "daemon/credentials/card_reading.hpp"
#include "daemon/credentials/diversification.hpp"
#include "hal/sim/entropy.hpp"
#include "hal/sim/nfc/desfire_ev1.hpp"
#include "hal/sim/nfc/iso_dep_reader.hpp"
#include "hal/sim/nfc/rf_field.hpp"
#include "tests/unit/hal/sim/nfc/chip_bench.hpp"

namespace rollcall::credentials {

using hal::sim::ByteVector;
using hal::sim::hex;
using hal::sim::text;

inline Secret secret(const std::string& digits) {
  Block bytes{};
  std::ranges::copy(hex(digits), bytes.begin());
  return Secret(bytes);
}

inline const Secret site_master = secret("00112233445566778899aabbccddeeff");
inline const std::string uid = "04a1b2c3d4e5f6";

inline Secret reading_key(const Secret& master = site_master) {
  return card_key(master, hex(uid), default_application, KeyNumber::reading);
}
inline CardKeys keys_of(const Secret& master = site_master) {
  return {.issuing = card_key(master, hex(uid), default_application, KeyNumber::issuing),
          .reading = reading_key(master)};
}

// What becomes of response number `exchange`, from 0; nothing: the card is gone.
using OnTheWay = std::function<std::optional<ByteVector>(unsigned exchange, ByteVector response)>;

struct CardBench {
  explicit CardBench(std::uint64_t seed = 3) : entropy(seed) {
    field.set_power(true);
    field.place(card);
    tap();
  }
  // The card is powered up anew.
  void tap() {
    EXPECT_TRUE(field.select(hal::sim::RfField::Request::wupa));
    EXPECT_TRUE(reader.activate(field));
  }
  ByteVector exchange(Bytes command) {
    const auto answer = reader.transceive(field, ByteVector(command.begin(), command.end()));
    return answer ? *answer : ByteVector{};
  }
  std::string send(const std::string& command) { return text(exchange(hex(command))); }

  TokenOrError run(Conversation& conversation, const OnTheWay& on_the_way = {}) {
    tap();
    exchanges = 0;
    heard.clear();
    said.clear();
    while (!conversation.result()) {
      EXPECT_FALSE(conversation.command().empty());
      if (exchanges > 20) {
        ADD_FAILURE() << "the conversation does not end";
        return std::unexpected(CardError::malformed);
      }
      const Bytes command = conversation.command();
      said.emplace_back(command.begin(), command.end());
      std::optional<ByteVector> response = exchange(command);
      if (on_the_way) response = on_the_way(exchanges, *response);
      ++exchanges;
      if (!response) {
        conversation.on_card_gone();
      } else {
        heard.push_back(*response);
        conversation.on_response(*response);
      }
    }
    EXPECT_TRUE(conversation.command().empty());
    return *conversation.result();
  }
  TokenOrError issue(const CardKeys& keys = keys_of(), const OnTheWay& on_the_way = {}) {
    CardIssue issue(default_application, keys, entropy);
    return run(issue, on_the_way);
  }
  TokenOrError read(const Secret& key = reading_key(), const OnTheWay& on_the_way = {}) {
    CardReading reading(default_application, key, entropy);
    return run(reading, on_the_way);
  }

  hal::sim::RepeatableEntropy entropy;
  hal::sim::DesfireEv1 card{hex(uid), entropy};
  hal::sim::RfField field;
  hal::sim::IsoDepReader reader;
  // Of the last conversation.
  unsigned exchanges = 0;
  std::vector<ByteVector> heard, said;
};

inline void expect_error(const TokenOrError& result, CardError error) {
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(static_cast<int>(result.error()), static_cast<int>(error));
}

}  // namespace rollcall::credentials
