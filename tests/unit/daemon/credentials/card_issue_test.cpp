#include "daemon/credentials/card_issue.hpp"

#include <algorithm>

#include "tests/unit/daemon/credentials/card_bench.hpp"

namespace rollcall::credentials {
namespace {

constexpr unsigned all_exchanges = 12;  // of a blank card
constexpr unsigned key_change = 9;      // the one after which the issuing key is new
constexpr unsigned anew = 3;            // more when something was left half made

// A session with one of the keys, for what conversations never do.
std::optional<desfire::Session> session_with(CardBench& bench, KeyNumber number,
                                             const Secret& key) {
  bench.tap();
  EXPECT_EQ(bench.send("90 5a 00 00 03 01 1c f5 00"), "91 00");
  const auto begin = desfire::Authentication::begin(static_cast<std::uint8_t>(number));
  const ByteVector challenge = bench.exchange(begin.view());
  if (challenge.size() != block_size + 2) return {};
  desfire::Authentication authentication(key, secret("0102030405060708090a0b0c0d0e0f10"));
  const auto proof = desfire::wrapped(desfire::Instruction::additional_frame,
                                      authentication.prove(Bytes(challenge).first(block_size)));
  const ByteVector answer = bench.exchange(proof.view());
  if (answer.size() != block_size + 2) return {};
  return authentication.check(Bytes(answer).first(block_size));
}

TEST(IssuingACard, MakesABlankOneOurs) {
  CardBench bench;
  const TokenOrError issued = bench.issue();
  ASSERT_TRUE(issued.has_value());
  EXPECT_EQ(bench.exchanges, all_exchanges);
  const TokenOrError read = bench.read();
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(*read, *issued);
}

TEST(IssuingACard, DrawsANewTokenEachTime) {
  CardBench one(1), other(2);
  const TokenOrError first = one.issue(), second = other.issue();
  ASSERT_TRUE(first && second);
  EXPECT_NE(*first, *second);
}

TEST(IssuingACard, LeavesNoneOfTheFactorysKeys) {
  CardBench bench;
  ASSERT_TRUE(bench.issue().has_value());
  EXPECT_FALSE(session_with(bench, KeyNumber::issuing, Secret()));
  EXPECT_FALSE(session_with(bench, KeyNumber::reading, Secret()));
  EXPECT_TRUE(session_with(bench, KeyNumber::issuing, keys_of().issuing));
  EXPECT_TRUE(session_with(bench, KeyNumber::reading, keys_of().reading));
}

TEST(IssuingACard, LeavesNothingToWhoeverHasNoKey) {
  CardBench bench;
  ASSERT_TRUE(bench.issue().has_value());
  bench.tap();
  ASSERT_EQ(bench.send("90 5a 00 00 03 01 1c f5 00"), "91 00");
  EXPECT_EQ(bench.send("90 bd 00 00 07 01 00 00 00 10 00 00 00"), "91 ae");  // read
  EXPECT_EQ(bench.send("90 6f 00 00 00"), "91 ae");                          // list files
  EXPECT_EQ(bench.send("90 f5 00 00 01 01 00"), "91 ae");                    // a file's settings
  EXPECT_EQ(bench.send("90 df 00 00 01 01 00"), "91 ae");                    // delete the file
  EXPECT_EQ(bench.send("90 da 00 00 03 01 1c f5 00"), "91 ae");  // delete the application
}

TEST(IssuingACard, LeavesTheReadingKeyNothingButToRead) {
  CardBench bench;
  ASSERT_TRUE(bench.issue().has_value());
  const auto in_session = [&](const auto& command) {
    auto session = session_with(bench, KeyNumber::reading, keys_of().reading);
    EXPECT_TRUE(session);
    return session ? text(bench.exchange(command(*session).view())) : "";
  };
  const Secret forged = secret("666f72676564");
  const std::uint8_t file[] = {token_file};
  using desfire::Instruction, desfire::Session;
  EXPECT_EQ(in_session([&](Session& session) {
              return session.enciphered(Instruction::write_data, token_range, forged.view());
            }),
            "91 ae");
  EXPECT_EQ(in_session([&](Session& session) { return session.change_key(1, forged, 1, true); }),
            "91 9d");
  EXPECT_EQ(in_session([&](Session& session) { return session.change_key(0, forged, 1, false); }),
            "91 9d");
  EXPECT_EQ(in_session([&](Session& session) {
              return session.plain(Instruction::delete_application, default_application);
            }),
            "91 ae");
  EXPECT_EQ(in_session([&](Session& session) {
              return session.plain(static_cast<Instruction>(0xdf), file);  // delete the file
            }),
            "91 ae");
  EXPECT_TRUE(bench.read().has_value());
}

TEST(IssuingACard, IsBegunAnewWhenTheCardWasPulledAway) {
  for (unsigned at = 0; at < all_exchanges; ++at) {
    CardBench bench;
    // The card did what it was told; nobody heard of it.
    const auto unheard = [&](unsigned exchange, ByteVector response) {
      return exchange == at ? std::nullopt : std::optional(std::move(response));
    };
    expect_error(bench.issue(keys_of(), unheard), CardError::card_gone);
    const TokenOrError again = bench.issue();
    if (at >= key_change) {
      expect_error(again, CardError::taken);
    } else {
      ASSERT_TRUE(again.has_value()) << at;
      constexpr unsigned creating = 2;
      EXPECT_EQ(bench.exchanges, all_exchanges + (at < creating ? 0 : anew));
    }
    const TokenOrError read = bench.read();
    ASSERT_TRUE(read.has_value()) << at;
    EXPECT_TRUE(!again || *read == *again);
  }
}

TEST(IssuingACard, LeavesAloneWhatWasIssuedBefore) {
  CardBench bench;
  const TokenOrError first = bench.issue();
  ASSERT_TRUE(first.has_value());
  expect_error(bench.issue(), CardError::taken);
  expect_error(bench.issue(keys_of(secret("ff"))), CardError::taken);
  const TokenOrError read = bench.read();
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(*read, *first);
}

TEST(IssuingACard, IsNotDoneWhenSomebodyElseAnswersTheLastChangeOfAKey) {
  CardBench bench;
  CardIssue issue(default_application, keys_of(), bench.entropy);
  for (unsigned exchange = 0; !issue.result(); ++exchange) {
    ASSERT_LT(exchange, all_exchanges);
    issue.on_response(exchange == key_change ? hex("91 00") : bench.exchange(issue.command()));
  }
  expect_error(*issue.result(), CardError::not_authentic);
}

TEST(IssuingACard, IsRefusedByACardThatHasNoRoom) {
  CardBench bench;
  for (unsigned i = 1; i <= 28; ++i) {
    const ByteVector create{0xca, static_cast<std::uint8_t>(i), 0, 0, 0x0f, 0x81};
    ASSERT_EQ(text(bench.exchange(create)), "00");
  }
  expect_error(bench.issue(), CardError::refused);
}

TEST(IssuingACard, NeverCountsWithAResponseThatWasChanged) {
  std::vector<ByteVector> whole;
  {
    CardBench bench;
    ASSERT_TRUE(bench.issue().has_value());
    whole = bench.heard;
  }
  for (unsigned at = 0; at < all_exchanges; ++at) {
    for (std::size_t bit = 0; bit < 8 * whole[at].size(); ++bit) {
      CardBench bench;
      const auto turned = [&](unsigned exchange, ByteVector response) {
        if (exchange == at)
          response[bit / 8] = static_cast<std::uint8_t>(response[bit / 8] ^ 1 << bit % 8);
        return std::optional(response);
      };
      EXPECT_FALSE(bench.issue(keys_of(), turned).has_value()) << at << " " << bit;
    }
    for (std::size_t size = 0; size < whole[at].size() + 20; ++size) {
      if (size == whole[at].size()) continue;
      CardBench bench;
      const auto resized = [&](unsigned exchange, ByteVector response) {
        if (exchange == at) response.resize(size);
        return std::optional(response);
      };
      EXPECT_FALSE(bench.issue(keys_of(), resized).has_value()) << at << " " << size;
    }
  }
}

TEST(IssuingACard, EndsAtWhateverACardMaySay) {
  hal::sim::RepeatableEntropy entropy(7);
  constexpr std::size_t sizes[] = {0, 0, 0, 8, 16};
  constexpr std::uint8_t statuses[] = {0x00, 0x00, 0x00, 0xaf, 0xaf, 0xae, 0xa0};
  for (int round = 0; round < 20'000; ++round) {
    CardIssue issue(default_application, keys_of(), entropy);
    unsigned exchanges = 0;
    while (!issue.result()) {
      ASSERT_LT(exchanges++, all_exchanges + anew);
      std::uint8_t choice[2];
      entropy.fill(choice);
      ByteVector response(sizes[choice[0] % std::size(sizes)]);
      entropy.fill(response);
      response.push_back(0x91);
      response.push_back(statuses[choice[1] % std::size(statuses)]);
      issue.on_response(response);
    }
    ASSERT_FALSE(issue.result()->has_value()) << round;
  }
}

}  // namespace
}  // namespace rollcall::credentials
