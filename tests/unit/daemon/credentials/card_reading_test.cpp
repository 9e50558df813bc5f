#include "daemon/credentials/card_reading.hpp"

#include <algorithm>
#include <new>
#include <random>

#include "tests/unit/daemon/credentials/card_bench.hpp"

namespace rollcall::credentials {
namespace {

constexpr unsigned all_exchanges = 4;

class ReadingACard : public testing::Test {
 protected:
  ReadingACard() {
    const TokenOrError issued = bench.issue();
    EXPECT_TRUE(issued.has_value());
    if (issued) token = *issued;
  }

  CardBench bench;
  Token token;
};

TEST_F(ReadingACard, GivesTheTokenItWasIssued) {
  const TokenOrError read = bench.read();
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(*read, token);
  EXPECT_NE(*read, Token());
  EXPECT_EQ(bench.exchanges, all_exchanges);
}

TEST_F(ReadingACard, SpeaksTheWordsOfTheDocument) {
  ASSERT_TRUE(bench.read().has_value());
  EXPECT_EQ(text(bench.said[0]), "90 5a 00 00 03 01 1c f5 00");
  EXPECT_EQ(text(bench.said[1]), "90 aa 00 00 01 01 00");
  EXPECT_EQ(text(Bytes(bench.said[2]).first(5)), "90 af 00 00 20");
  EXPECT_EQ(text(bench.said[3]), "90 bd 00 00 07 01 00 00 00 10 00 00 00");
}

TEST_F(ReadingACard, TellsTheAirNeitherKeyNorToken) {
  ASSERT_TRUE(bench.read().has_value());
  const Secret key = reading_key();
  for (const auto* way : {&bench.said, &bench.heard}) {
    for (const ByteVector& words : *way) {
      EXPECT_TRUE(std::ranges::search(words, token.view()).empty());
      EXPECT_TRUE(std::ranges::search(words, key.view()).empty());
    }
  }
}

TEST_F(ReadingACard, SaysSomethingElseEachTime) {
  ASSERT_TRUE(bench.read().has_value());
  const auto first = bench.heard;
  ASSERT_TRUE(bench.read().has_value());
  for (unsigned i = 1; i < all_exchanges; ++i) EXPECT_NE(bench.heard[i], first[i]) << i;
}

// --- copies ---

TEST_F(ReadingACard, RefusesACopyWithTheRightNumberAndOtherKeys) {
  CardBench copy(9);
  ASSERT_TRUE(copy.issue(keys_of(secret("ff"))).has_value());
  expect_error(copy.read(), CardError::not_authentic);
}

TEST_F(ReadingACard, RefusesACopyThatIsStillAsTheFactoryMadeIt) {
  CardBench copy(9);
  ASSERT_EQ(copy.send("90 ca 00 00 05 01 1c f5 0f 82 00"), "91 00");
  expect_error(copy.read(), CardError::not_authentic);
}

TEST_F(ReadingACard, RefusesACardUnderAnotherOnesNumber) {
  const Secret key =
      card_key(site_master, hex("04a1b2c3d4e5f7"), default_application, KeyNumber::reading);
  expect_error(bench.read(key), CardError::not_authentic);
}

TEST_F(ReadingACard, RefusesWhatAnEarlierReadingHeard) {
  ASSERT_TRUE(bench.read().has_value());
  const auto earlier = bench.heard;
  const auto replay = [&](unsigned exchange, const ByteVector&) {
    return std::optional(earlier[exchange]);
  };
  expect_error(bench.read(reading_key(), replay), CardError::not_authentic);
  EXPECT_EQ(bench.exchanges, 3U);
}

TEST(ReadingAReplay, IsFoundByOurRandomNumberAlone) {
  CardBench bench;
  const TokenOrError issued = bench.issue();
  ASSERT_TRUE(issued.has_value());
  hal::sim::RepeatableEntropy ours(5), the_same(5);
  CardReading first(default_application, reading_key(), ours);
  ASSERT_TRUE(bench.run(first).has_value());
  CardReading second(default_application, reading_key(), the_same);
  for (const ByteVector& response : bench.heard) second.on_response(response);
  ASSERT_TRUE(second.result() && second.result()->has_value());
}

TEST_F(ReadingACard, RefusesOurOwnProofForTheCards) {
  for (const std::size_t half : {std::size_t{5}, 5 + block_size}) {
    const auto reflected = [&](unsigned exchange, ByteVector response) {
      if (exchange == 2)
        std::ranges::copy(Bytes(bench.said[2]).subspan(half, block_size), response.begin());
      return std::optional(response);
    };
    expect_error(bench.read(reading_key(), reflected), CardError::not_authentic);
  }
}

// --- cards that are not ours ---

TEST(ReadingAnotherCard, FindsNoApplicationOnABlankOne) {
  CardBench bench;
  expect_error(bench.read(), CardError::no_application);
  EXPECT_EQ(bench.exchanges, 1U);
}

TEST(ReadingAnotherCard, FindsNoApplicationOnAnotherKind) {
  hal::sim::RepeatableEntropy entropy(3);
  for (const char* refusal : {"6a 82", "6d 00", "6e 00", "67 00"}) {
    CardReading reading(default_application, reading_key(), entropy);
    reading.on_response(hex(refusal));
    ASSERT_TRUE(reading.result().has_value());
    expect_error(*reading.result(), CardError::no_application);
  }
}

TEST(ReadingAnotherCard, FindsNoKeyInAnApplicationThatHasOnlyOne) {
  CardBench bench;
  ASSERT_EQ(bench.send("90 ca 00 00 05 01 1c f5 0f 81 00"), "91 00");
  expect_error(bench.read(), CardError::no_key);
}

class ReadingAnApplication : public testing::Test {
 protected:
  // With keys of zeros, and a file made by this native command.
  TokenOrError with_file(const std::string& create) {
    CardBench bench;
    EXPECT_EQ(bench.send("ca 01 1c f5 0f 82"), "00");
    EXPECT_EQ(bench.send("5a 01 1c f5"), "00");
    EXPECT_EQ(bench.send("cd " + create), "00");
    return bench.read(Secret());
  }
};

TEST_F(ReadingAnApplication, AcceptsOnlyAFileAsOursAre) {
  EXPECT_TRUE(with_file("01 03 00 10 10 00 00").has_value());
  EXPECT_TRUE(with_file("01 03 00 10 20 00 00").has_value());             // larger
  expect_error(with_file("02 03 00 10 10 00 00"), CardError::no_token);   // another number
  expect_error(with_file("01 03 00 00 10 00 00"), CardError::no_token);   // for key 0 only
  expect_error(with_file("01 03 ff ff 10 00 00"), CardError::no_token);   // for nobody
  expect_error(with_file("01 03 00 10 0f 00 00"), CardError::no_token);   // shorter
  expect_error(with_file("01 01 00 10 10 00 00"), CardError::malformed);  // with a MAC
  expect_error(with_file("01 00 00 10 10 00 00"), CardError::malformed);  // plain
  expect_error(with_file("01 03 00 e0 10 00 00"), CardError::malformed);  // for everybody
}

// --- what happens on the way ---

TEST_F(ReadingACard, EndsWhenTheCardIsPulledAwayAtAnyExchange) {
  for (unsigned at = 0; at < all_exchanges; ++at) {
    const auto pulled = [&](unsigned exchange, ByteVector response) {
      return exchange == at ? std::nullopt : std::optional(std::move(response));
    };
    expect_error(bench.read(reading_key(), pulled), CardError::card_gone);
    EXPECT_EQ(bench.exchanges, at + 1);
    EXPECT_TRUE(bench.read().has_value()) << "the card is as good as before";
  }
}

TEST_F(ReadingACard, NeverTakesAResponseWithABitTurned) {
  ASSERT_TRUE(bench.read().has_value());
  const auto whole = bench.heard;
  for (unsigned at = 0; at < all_exchanges; ++at) {
    for (std::size_t bit = 0; bit < 8 * whole[at].size(); ++bit) {
      const auto turned = [&](unsigned exchange, ByteVector response) {
        if (exchange == at)
          response[bit / 8] = static_cast<std::uint8_t>(response[bit / 8] ^ 1 << bit % 8);
        return std::optional(response);
      };
      EXPECT_FALSE(bench.read(reading_key(), turned).has_value()) << at << " " << bit;
    }
  }
}

TEST_F(ReadingACard, NeverTakesAResponseThatIsCutOrLonger) {
  ASSERT_TRUE(bench.read().has_value());
  const auto whole = bench.heard;
  for (unsigned at = 0; at < all_exchanges; ++at) {
    const std::size_t data = whole[at].size() - 2;
    for (std::size_t size = 0; size <= 256; ++size) {
      if (size == data) continue;
      const auto resized = [&](unsigned exchange, ByteVector response) {
        if (exchange != at) return std::optional(response);
        const ByteVector status(response.end() - 2, response.end());
        response.resize(size);
        response.insert(response.end(), status.begin(), status.end());
        return std::optional(response);
      };
      EXPECT_FALSE(bench.read(reading_key(), resized).has_value()) << at << " " << size;
    }
    for (std::size_t size = 0; size < whole[at].size(); ++size) {
      const auto cut = [&](unsigned exchange, ByteVector response) {
        if (exchange == at) response.resize(size);
        return std::optional(response);
      };
      EXPECT_FALSE(bench.read(reading_key(), cut).has_value()) << at << " " << size;
    }
  }
}

TEST_F(ReadingACard, DoesNotGoOnListeningToACardThatHasMoreToSay) {
  const auto more = [](unsigned exchange, ByteVector response) {
    if (exchange == 3) response.back() = 0xaf;
    return std::optional(response);
  };
  expect_error(bench.read(reading_key(), more), CardError::too_long);
  const auto longer = [](unsigned exchange, ByteVector response) {
    if (exchange == 3) response.insert(response.begin(), block_size, 0);
    return std::optional(response);
  };
  expect_error(bench.read(reading_key(), longer), CardError::too_long);
}

TEST_F(ReadingACard, EndsAtAnyOtherStatus) {
  for (unsigned at = 0; at < all_exchanges; ++at) {
    for (unsigned status = 0; status <= 0xff; ++status) {
      const auto other = [&](unsigned exchange, ByteVector response) {
        if (exchange == at) response = {0x91, static_cast<std::uint8_t>(status)};
        return std::optional(response);
      };
      const bool right = at == 0 && status == 0;
      EXPECT_EQ(bench.read(reading_key(), other).has_value(), right) << at << " " << status;
    }
  }
}

TEST_F(ReadingACard, IsOverOnceItIsOver) {
  CardReading reading(default_application, reading_key(), bench.entropy);
  ASSERT_TRUE(bench.run(reading).has_value());
  reading.on_card_gone();
  for (const ByteVector& response : bench.heard) reading.on_response(response);
  EXPECT_TRUE(reading.result()->has_value());
  EXPECT_TRUE(reading.command().empty());
}

TEST_F(ReadingACard, LeavesNoSecretInMemory) {
  alignas(CardReading) std::array<std::uint8_t, sizeof(CardReading)> memory{};
  const auto has = [&](const Secret& what) {
    return !std::ranges::search(memory, what.view()).empty();
  };
  const Secret key = reading_key();
  auto* reading = new (memory.data()) CardReading(default_application, key, bench.entropy);
  EXPECT_TRUE(has(key));
  EXPECT_TRUE(bench.run(*reading).has_value());
  EXPECT_FALSE(has(key));
  EXPECT_TRUE(has(token));
  reading->~CardReading();
  EXPECT_FALSE(has(token));
}

// Any stream of responses: nothing is accepted, and all end within four exchanges.
TEST(ReadingNoise, NeverAcceptsAnything) {
  std::mt19937_64 random(20261128);
  const auto below = [&](std::size_t limit) { return random() % limit; };
  constexpr std::size_t sizes[] = {0, 0, 8, 16, 16, 32, 32, 48, 256};
  constexpr std::uint8_t statuses[] = {0x00, 0x00, 0xaf, 0xaf, 0xae, 0xa0, 0x1c};
  hal::sim::RepeatableEntropy entropy(7);
  const Secret key = reading_key();
  std::size_t deepest = 0;
  for (int round = 0; round < 20'000; ++round) {
    CardReading reading(default_application, key, entropy);
    std::size_t exchanges = 0;
    while (!reading.result()) {
      ASSERT_LT(exchanges++, all_exchanges);
      ByteVector response(below(8) == 0 ? below(300) : sizes[below(std::size(sizes))]);
      for (std::uint8_t& byte : response) byte = static_cast<std::uint8_t>(random());
      if (below(16) != 0) {
        response.push_back(0x91);
        response.push_back(below(16) == 0 ? static_cast<std::uint8_t>(random())
                                          : statuses[below(std::size(statuses))]);
      }
      reading.on_response(response);
    }
    deepest = std::max(deepest, exchanges);
    ASSERT_FALSE(reading.result()->has_value()) << round;
  }
  EXPECT_EQ(deepest, 3U);  // the card's proof is where it ends
}

}  // namespace
}  // namespace rollcall::credentials
