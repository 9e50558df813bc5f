#include <array>

#include "hal/sim/entropy.hpp"
#include "hal/sim/nfc/desfire_ev1.hpp"
#include "tests/unit/hal/sim/nfc/chip_bench.hpp"

namespace rollcall::hal::sim {
namespace {

using namespace desfire;

desfire::Block block(const std::string& digits) {
  desfire::Block out{};
  std::ranges::copy(hex(digits), out.begin());
  return out;
}

// --- cryptography ---

// A session whose key is that of the examples of NIST SP 800-38B appendix D.1.
Session example_session() {
  return {block("2b7e1516 00000000 00000000 abf71588"),
          block("28aed2a6 00000000 00000000 09cf4f3c")};
}

TEST(DesfireCrypto, MacsAreThoseOfSp80038b) {
  const std::string message =
      "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411";
  EXPECT_EQ(text(example_session().mac({})), "bb 1d 69 29 e9 59 37 28");
  EXPECT_EQ(text(example_session().mac(hex(message.substr(0, 32)))), "07 0a 16 b4 6b 4d 41 44");
  EXPECT_EQ(text(example_session().mac(hex(message))), "df a6 67 47 de 9a e6 30");
}

TEST(DesfireCrypto, TheVectorRunsThroughTheSession) {
  Session one = example_session(), other = example_session();
  EXPECT_EQ(one.mac({}), other.mac({}));
  EXPECT_EQ(one.encrypted(block("00")), other.encrypted(block("00")));
  EXPECT_NE(one.mac({}), example_session().mac({}));
}

TEST(DesfireCrypto, TheChecksumIsNotInverted) {
  const std::string digits = "123456789";
  EXPECT_EQ(text(crc32(ByteVector(digits.begin(), digits.end()))), "d9 c6 0b 34");
}

// --- the card with a reader of this test; libfreefare is the reader of others ---

class Desfire : public testing::Test {
 protected:
  Desfire() {
    field.set_power(true);
    field.place(card);
    EXPECT_TRUE(field.select(RfField::Request::reqa));
    EXPECT_TRUE(reader.activate(field));
  }

  // Native: status and data.
  ByteVector send(const ByteVector& command) {
    const auto answer = reader.transceive(field, command);
    return answer ? *answer : ByteVector{};
  }
  std::string native(const std::string& command) { return text(send(hex(command))); }

  // Status of an authentication; on 00 `session` is set.
  std::string authenticate(std::uint8_t number, const desfire::Block& key) {
    session.reset();
    const ByteVector challenge = send({0xaa, number});
    if (challenge.size() != 17) return text(challenge);
    desfire::Block vector{}, theirs{};
    std::ranges::copy(decrypt(key, vector, Bytes(challenge).subspan(1)), theirs.begin());
    const desfire::Block ours = block("00112233445566778899aabbccddeeff");
    ByteVector tokens(ours.begin(), ours.end());
    for (const std::uint8_t byte : rotated_left(theirs)) tokens.push_back(byte);
    ByteVector command{0xaf};
    for (const std::uint8_t byte : encrypt(key, vector, tokens)) command.push_back(byte);
    const ByteVector proof = send(command);
    if (proof.size() == 17) {
      EXPECT_EQ(text(decrypt(key, vector, Bytes(proof).subspan(1))), text(rotated_left(ours)));
      session.emplace(ours, theirs);
    }
    return text(Bytes(proof).first(1));
  }
  // A command in the session; its answer without the MAC, which is checked.
  std::string secured(const std::string& command) {
    session->mac(hex(command));
    const ByteVector answer = send(hex(command));
    if (answer.size() < 1 + mac_size) return text(answer);
    ByteVector data(answer.begin() + 1, answer.end() - mac_size);
    ByteVector covered = data;
    covered.push_back(answer[0]);
    EXPECT_EQ(text(session->mac(covered)), text(Bytes(answer).last(mac_size)));
    data.insert(data.begin(), answer[0]);
    return text(data);
  }
  // An application 010203 with two keys and an enciphered file 1 of 32 bytes.
  void personalise() {
    EXPECT_EQ(native("ca 03 02 01 0f 82"), "00");
    EXPECT_EQ(native("5a 03 02 01"), "00");
    EXPECT_EQ(authenticate(0, zero), "00");
    EXPECT_EQ(secured("cd 01 03 00 10 20 00 00"), "00");  // read with 1, the rest with 0
  }

  RepeatableEntropy entropy{3};
  DesfireEv1 card{hex("04 a1 b2 c3 d4 e5 f6"), entropy};
  RfField field;
  IsoDepReader reader;
  std::optional<Session> session;
  const desfire::Block zero{};
};

TEST_F(Desfire, TellsItsVersionInThreeFrames) {
  EXPECT_EQ(native("60"), "af 04 01 01 01 00 18 05");
  EXPECT_EQ(native("af"), "af 04 01 01 01 04 18 05");
  EXPECT_EQ(native("af"), "00 04 a1 b2 c3 d4 e5 f6 ba 12 34 56 78 20 24");
  EXPECT_EQ(native("af"), "1c");
}

TEST_F(Desfire, TakesWrappedCommands) {
  EXPECT_EQ(native("90 60 00 00 00"), "04 01 01 01 00 18 05 91 af");
  EXPECT_EQ(native("90 5a 00 00 03 00 00 00 00"), "91 00");
  EXPECT_EQ(native("90 5a 00 00 03 09 00 00 00"), "91 a0");
  EXPECT_EQ(native("90 5a 00 00 09 00 00"), "67 00");
}

TEST_F(Desfire, IsSelectedByItsName) {
  EXPECT_EQ(native("00 a4 04 00 07 d2 76 00 00 85 01 00"), "90 00");
  EXPECT_EQ(native("00 a4 04 00 07 d2 76 00 00 85 01 01"), "6a 82");
  EXPECT_EQ(native("00 b0 00 00 00"), "6d 00");
}

TEST_F(Desfire, KeepsApplications) {
  EXPECT_EQ(native("6a"), "00");
  EXPECT_EQ(native("ca 03 02 01 0f 82"), "00");
  EXPECT_EQ(native("ca 03 02 01 0f 82"), "de");
  EXPECT_EQ(native("ca 04 02 01 0b 83"), "00");
  EXPECT_EQ(native("6a"), "00 03 02 01 04 02 01");
  EXPECT_EQ(native("5a 04 02 01"), "00");
  EXPECT_EQ(native("45"), "00 0b 83");
  EXPECT_EQ(native("6a"), "9d");
  EXPECT_EQ(native("64 02"), "00 00");
  EXPECT_EQ(native("64 03"), "40");
  EXPECT_EQ(native("5a 00 00 00"), "00");
  EXPECT_EQ(native("45"), "00 0f 81");
}

TEST_F(Desfire, RefusesApplicationsItCannotHave) {
  EXPECT_EQ(native("ca 00 00 00 0f 82"), "9e");  // its own number
  EXPECT_EQ(native("ca 01 00 00 0f 02"), "9e");  // DES keys
  EXPECT_EQ(native("ca 01 00 00 0f 80"), "9e");  // no key
  EXPECT_EQ(native("ca 01 00 00 0f 8f"), "9e");  // 15 keys
  EXPECT_EQ(native("ca 01 00 00 0f"), "7e");
  for (int i = 1; i <= 28; ++i) {
    EXPECT_EQ(text(send({0xca, static_cast<std::uint8_t>(i), 0, 0, 0x0f, 0x81})), "00");
  }
  EXPECT_EQ(native("ca 1d 00 00 0f 81"), "ce");
  // 84 bytes of numbers come in two frames.
  const ByteVector first = send({0x6a});
  EXPECT_EQ(first.size(), 60U);
  EXPECT_EQ(first[0], 0xaf);
  EXPECT_EQ(send({0xaf}).size(), 26U);
}

TEST_F(Desfire, KnowsItsKeyAndNoOther) {
  EXPECT_EQ(authenticate(0, zero), "00");
  EXPECT_EQ(authenticate(0, block("01")), "ae");
  EXPECT_EQ(authenticate(1, zero), "40");
  EXPECT_EQ(native("0a 00"), "ae");
  EXPECT_EQ(native("1a 00"), "ae");
  EXPECT_EQ(native("aa"), "7e");
  EXPECT_EQ(native("aa 00").substr(0, 2), "af");
  EXPECT_EQ(native("af 00 00"), "7e");
}

TEST_F(Desfire, NeedsItsMasterKeyToBeFormatted) {
  EXPECT_EQ(native("ca 03 02 01 0f 82"), "00");
  EXPECT_EQ(native("fc"), "ae");
  EXPECT_EQ(native("6a"), "00 03 02 01");
  EXPECT_EQ(authenticate(0, zero), "00");
  EXPECT_EQ(secured("fc"), "00");
  EXPECT_EQ(native("6a"), "00");  // no application, and the session is over
}

TEST_F(Desfire, AnswersOfASessionHaveTheirMac) {
  ASSERT_EQ(authenticate(0, zero), "00");
  EXPECT_EQ(secured("45"), "00 0f 81");
  EXPECT_EQ(secured("64 00"), "00 00");
  // An error ends the session: the next answer has none.
  EXPECT_EQ(secured("64 09"), "40");
  EXPECT_EQ(native("64 00"), "00 00");
}

TEST_F(Desfire, TellsItsNumberEnciphered) {
  EXPECT_EQ(native("51"), "ae");
  ASSERT_EQ(authenticate(0, zero), "00");
  session->mac(hex("51"));
  const ByteVector answer = send({0x51});
  ASSERT_EQ(answer.size(), 17U);
  const ByteVector plain = session->decrypted(Bytes(answer).subspan(1));
  EXPECT_EQ(text(Bytes(plain).first(7)), "04 a1 b2 c3 d4 e5 f6");
  EXPECT_EQ(text(Bytes(plain).subspan(7, 4)), text(crc32(hex("04 a1 b2 c3 d4 e5 f6 00"))));
}

TEST_F(Desfire, KeepsFiles) {
  personalise();
  EXPECT_EQ(secured("6f"), "00 01");
  EXPECT_EQ(secured("f5 01"), "00 00 03 00 10 20 00 00");
  EXPECT_EQ(secured("cd 02 00 ee ee 05 00 00"), "00");
  EXPECT_EQ(native("5a 03 02 01"), "00");
  EXPECT_EQ(native("3d 02 00 00 00 05 00 00 01 02 03 04 05"), "00");
  EXPECT_EQ(native("bd 02 01 00 00 03 00 00"), "00 02 03 04");
  EXPECT_EQ(native("bd 02 00 00 00 00 00 00"), "00 01 02 03 04 05");
  EXPECT_EQ(native("bd 02 00 00 00 06 00 00"), "be");
  EXPECT_EQ(native("3d 02 04 00 00 02 00 00 01 02"), "be");
  EXPECT_EQ(native("bd 03 00 00 00 00 00 00"), "f0");
  EXPECT_EQ(native("bd 01 00 00 00 00 00 00"), "ae");
  EXPECT_EQ(native("df 02"), "00");
  EXPECT_EQ(native("6f"), "00 01");
}

TEST_F(Desfire, EnciphersFilesBothWays) {
  personalise();
  const std::string header = "3d 01 00 00 00 03 00 00";
  ByteVector plain = hex("0a 0b 0c");
  for (const std::uint8_t byte : crc32(hex(header + " 0a 0b 0c"))) plain.push_back(byte);
  pad(plain);
  ByteVector command = hex(header);
  for (const std::uint8_t byte : session->encrypted(plain)) command.push_back(byte);
  const ByteVector written = send(command);
  EXPECT_EQ(text(session->mac(hex("00"))), text(Bytes(written).subspan(1)));

  ASSERT_EQ(authenticate(1, zero), "00");
  session->mac(hex("bd 01 00 00 00 04 00 00"));
  const ByteVector read = send(hex("bd 01 00 00 00 04 00 00"));
  ASSERT_EQ(read.size(), 17U);
  const ByteVector content = session->decrypted(Bytes(read).subspan(1));
  EXPECT_EQ(text(Bytes(content).first(4)), "0a 0b 0c 00");
  EXPECT_EQ(text(Bytes(content).subspan(4, 4)), text(crc32(hex("0a 0b 0c 00 00"))));
}

TEST_F(Desfire, RefusesDamagedAndForeignWrites) {
  personalise();
  EXPECT_EQ(native("3d 01 00 00 00 03 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00"),
            "1e");
  ASSERT_EQ(authenticate(1, zero), "00");  // may read only
  EXPECT_EQ(native("3d 01 00 00 00 03 00 00"), "ae");
}

TEST_F(Desfire, ChangesAnotherKeyByItsDifference) {
  personalise();
  const desfire::Block key = block("000102030405060708090a0b0c0d0e0f");
  ByteVector plain(key.begin(), key.end());  // the old one is zero
  plain.push_back(0x07);
  ByteVector covered = hex("c4 01");
  covered.insert(covered.end(), plain.begin(), plain.end());
  for (const std::uint8_t byte : crc32(covered)) plain.push_back(byte);
  for (const std::uint8_t byte : crc32(key)) plain.push_back(byte);
  pad(plain);
  ByteVector command = hex("c4 01");
  for (const std::uint8_t byte : session->encrypted(plain)) command.push_back(byte);
  const ByteVector answer = send(command);
  ASSERT_EQ(text(Bytes(answer).first(1)), "00");
  EXPECT_EQ(text(session->mac(hex("00"))), text(Bytes(answer).subspan(1)));
  EXPECT_EQ(secured("64 01"), "00 07");
  EXPECT_EQ(authenticate(1, zero), "ae");
  EXPECT_EQ(authenticate(1, key), "00");
}

TEST_F(Desfire, ForgetsItsSessionWhenItIsSelectedAgainAndKeepsItsFiles) {
  personalise();
  ASSERT_TRUE(reader.deselect(field));
  ASSERT_TRUE(field.select(RfField::Request::wupa));
  ASSERT_TRUE(reader.activate(field));
  EXPECT_EQ(native("6a"), "00 03 02 01");  // on the level of the card again
  EXPECT_EQ(native("5a 03 02 01"), "00");
  EXPECT_EQ(native("6f"), "00 01");
  EXPECT_EQ(native("bd 01 00 00 00 00 00 00"), "ae");
}

}  // namespace
}  // namespace rollcall::hal::sim
