// The reader's end against real cards: exchanges with DESFire EV1 that were recorded and published
// with all keys and random numbers ("DESFire EV1 Communication Examples", Stack Overflow, answer
// 38283999).
#include "daemon/credentials/desfire.hpp"

#include <gtest/gtest.h>

#include "tests/unit/daemon/credentials/card_bench.hpp"

namespace rollcall::credentials::desfire {
namespace {

struct Recorded {
  std::string key, challenge, our_random, our_proof, card_proof;
};

const Recorded first{.key = "00000000000000000000000000000000",
                     .challenge = "b9 69 fd fe 56 fd 91 fc 9d e6 f6 f2 13 b8 fd 1e",
                     .our_random = "f4 4b 26 f5 68 6f 3a 39 1c d3 8e bd 10 77 22 81",
                     .our_proof =
                         "36 aa d7 df 6e 43 6b a0 8d 18 61 38 30 a7 0d 5a "
                         "d4 3e 3d 3f 4a 8d 47 54 1e ee 62 3a 93 4e 47 74",
                     .card_proof = "80 0d b6 80 bc 14 6b d1 21 d6 57 8f 2d 2e 20 59"};
const Recorded second{.key = "10182028303840485058606870788088",
                      .challenge = "b3 51 cb 24 65 d4 f3 3a c6 27 fd 6e 87 a1 68 f2",
                      .our_random = "40 e7 d2 71 74 cb a6 75 e8 ef ba b9 9c 53 0e 3d",
                      .our_proof =
                          "04 4b 6c ac 34 3a 08 65 89 51 49 64 9c a8 dd e1 "
                          "f5 ac 4e c6 7b d2 08 90 0a f0 2f 04 9e 05 f0 b0",
                      .card_proof = "a2 ee 14 4b 10 12 fb eb 7b 2f 11 13 2d 95 a4 54"};

std::optional<Session> session_of(const Recorded& recorded) {
  Authentication authentication(secret(recorded.key), secret(recorded.our_random));
  EXPECT_EQ(text(authentication.prove(hex(recorded.challenge))), recorded.our_proof);
  return authentication.check(hex(recorded.card_proof));
}

const Secret new_key = secret("00102030405060708090a0b0b0a09080");
constexpr std::uint8_t new_version = 0x10;

TEST(RealCards, AuthenticateAsWeExpect) {
  EXPECT_TRUE(session_of(first));
  EXPECT_TRUE(session_of(second));
  Recorded other_key = first;
  other_key.card_proof = second.card_proof;
  EXPECT_FALSE(session_of(other_key));
}

TEST(RealCards, TakeTheChangeOfTheSessionsOwnKey) {
  auto session = session_of(first);
  ASSERT_TRUE(session);
  EXPECT_EQ(text(session->change_key(0, new_key, new_version, true).view()),
            "90 c4 00 00 21 00 "
            "e9 f8 5e 21 94 96 c2 b5 8c 10 90 dc 39 35 fa e9 "
            "e8 40 cf 61 b3 83 d9 53 19 46 25 6b 1f 11 0c 10 00");
}

TEST(RealCards, TakeTheChangeOfAnotherKeyAndConfirmIt) {
  // Of this session only its key is known: c2a1e47b d8100044 fe6d00a7 4d7ab17c.
  Session session(secret("c2a1e47b 00000000 00000000 fe6d00a7"),
                  secret("d8100044 00000000 00000000 4d7ab17c"));
  EXPECT_EQ(text(session.change_key(1, new_key, new_version, false).view()),
            "90 c4 00 00 21 01 "
            "e7 ec cb 6b d1 ca 64 bc 16 1a 12 b1 c0 24 f7 14 "
            "30 33 74 08 c8 a8 7e ac ab 7a 1f f1 89 51 fc a3 00");
  EXPECT_TRUE(session.confirms(hex("21 28 d3 cd 9c 9a cf ff")));
}

TEST(RealCards, ConfirmThatAFileWasMade) {
  auto session = session_of(second);
  ASSERT_TRUE(session);
  EXPECT_EQ(
      text(session->plain(Instruction::create_standard_file, hex("05 00 11 00 50 00 00")).view()),
      "90 cd 00 00 07 05 00 11 00 50 00 00 00");
  EXPECT_TRUE(session->confirms(hex("a7 53 16 ad 15 96 b9 53")));
}

TEST(RealCards, ConfirmNothingThatWasNotAsked) {
  auto session = session_of(second);
  ASSERT_TRUE(session);
  (void)session->plain(Instruction::create_standard_file, hex("05 00 11 00 51 00 00"));
  EXPECT_FALSE(session->confirms(hex("a7 53 16 ad 15 96 b9 53")));
}

TEST(WrappedAnswers, EndWith91AndAStatus) {
  EXPECT_FALSE(unwrapped({}));
  EXPECT_FALSE(unwrapped(hex("91")));
  EXPECT_FALSE(unwrapped(hex("90 00")));
  EXPECT_FALSE(unwrapped(hex("91 00 6e 00")));
  const ByteVector response = hex("01 02 91 af");
  const auto answer = unwrapped(response);
  ASSERT_TRUE(answer);
  EXPECT_EQ(text(answer->data), "01 02");
  EXPECT_EQ(answer->status, Status::additional_frame);
}

}  // namespace
}  // namespace rollcall::credentials::desfire
