// What is frozen for ever, so that any host can repair any terminal: docs/protocol.md,
// "Compatibility". The tables are written out here; whoever changes a message of these has to see
// it.
#include <gtest/gtest.h>

#include "protocol/frame.hpp"
#include "protocol/noise.hpp"
#include "protocol/session.hpp"
#include "tests/unit/protocol/support.hpp"

namespace rollcall::protocol::testing {
namespace {

using enum FieldKind;

struct Frozen {
  const char* name;
  FieldKind kind;
  std::uint16_t capacity = 0;
};

template <class Message>
void expect_frozen(unsigned op, std::initializer_list<Frozen> fields) {
  EXPECT_EQ(static_cast<unsigned>(Message::op), op);
  ASSERT_EQ(Message::fields.size(), fields.size()) << "op " << op;
  std::size_t i = 0;
  for (const Frozen& frozen : fields) {
    const Field& field = Message::fields[i++];
    EXPECT_STREQ(field.name, frozen.name);
    EXPECT_EQ(field.kind, frozen.kind) << field.name;
    EXPECT_EQ(field.capacity, frozen.capacity) << field.name;
    EXPECT_TRUE(field.required) << field.name;
  }
}

TEST(Frozen, Hello) {
  expect_frozen<Hello>(0, {{"protocol_min", u8},
                           {"protocol_max", u8},
                           {"capabilities", u32},
                           {"max_frame", u16},
                           {"serial", text, 32},
                           {"firmware", text, 24},
                           {"boot", u32},
                           {"reset", u8},
                           {"slot", u8},
                           {"last_update", u8}});
  EXPECT_LE(max_encoded_size(Hello::fields), max_body_serial - 8);
}

TEST(Frozen, UpdateAndItsStates) {
  expect_frozen<UpdateOffer>(46, {{"version", text, 24},
                                  {"bytes", u32},
                                  {"digest", fixed, 32},
                                  {"security_counter", u32},
                                  {"slot", u8},
                                  {"signature", bytes, 72}});
  expect_frozen<UpdateState>(13, {{"stage", u8}, {"problem", u8}, {"security_counter", u32}});
}

TEST(Frozen, Stats) {
  expect_frozen<StatsRequest>(44, {});
  expect_frozen<Stats>(11, {{"uptime_ms", u64},
                            {"taps", u32},
                            {"not_accepted", u32},
                            {"gave_up", u32},
                            {"late_answers", u32},
                            {"retransmissions", u32},
                            {"bad_frames", u32},
                            {"bad_tags", u32},
                            {"bad_messages", u32},
                            {"screens_stored", u32},
                            {"storage_errors", u32},
                            {"reader_errors", u32}});
}

TEST(Frozen, ReplyAndReboot) {
  expect_frozen<Reply>(14, {{"to", u16}, {"status", u8}});
  expect_frozen<Reboot>(49, {{"delay_ms", u16}});
}

TEST(Frozen, BulkTransfers) {
  expect_frozen<BulkOffer>(
      64,
      {{"transfer", u8}, {"kind", u8}, {"subject", u32}, {"bytes", u32}, {"digest", fixed, 32}});
  expect_frozen<BulkAccept>(65, {{"transfer", u8}, {"offset", u32}, {"window", u8}});
  expect_frozen<BulkEnd>(66, {{"transfer", u8}, {"result", u8}, {"by_sender", boolean}});
}

TEST(Frozen, FrameTypesAndFlags) {
  const FrameType types[] = {FrameType::hello,
                             FrameType::data,
                             FrameType::ack,
                             FrameType::ping,
                             FrameType::bye,
                             FrameType::handshake,
                             FrameType::unknown_session,
                             FrameType::bulk,
                             FrameType::bulk_ack};
  for (std::size_t i = 0; i < std::size(types); ++i) {
    EXPECT_EQ(static_cast<std::size_t>(types[i]), i + 1);
  }
  EXPECT_EQ(frame_flag::sequence, 1);
  EXPECT_EQ(frame_flag::ack, 2);
  EXPECT_EQ(frame_flag::ack_sequence, 4);
  EXPECT_EQ(frame_flag::key_phase, 8);
}

TEST(Frozen, SizesAndBoundsOfTheSession) {
  EXPECT_EQ(frame_header_size, 4u);
  EXPECT_EQ(frame_crc_size, 4u);
  EXPECT_EQ(crypto::tag_size, 16u);
  EXPECT_EQ(max_body_serial, 192u);
  EXPECT_EQ(max_body_tcp, 1024u);
  EXPECT_EQ(noise::HandshakeState::overhead, 48u);
  EXPECT_EQ(rekey_after_frames, 65'536u);
  EXPECT_EQ(rekey_after_time, std::chrono::hours(1));
}

}  // namespace
}  // namespace rollcall::protocol::testing
