// What terminals in the field say today is understood for ever: docs/protocol.md, "Compatibility".
#include "tests/golden/golden.hpp"

#include <filesystem>
#include <set>

#include "tests/golden/recorded.hpp"

namespace rollcall::protocol::testing {
namespace {

const std::string folder = ROLLCALL_GOLDEN_FOLDER;

template <class Message>
GoldenMessage golden() {
  return golden_message(folder + '/' + name_of<Message>() + ".txt");
}

std::vector<std::string> values_of(std::span<const Field> fields, const void* message) {
  std::vector<std::string> out;
  for (const Field& field : fields) out.push_back(text_of(field, message));
  return out;
}

TEST(Golden, EveryMessageHasItsFileAndEveryFileItsMessage) {
  std::set<std::string> messages = {"frames", "session"};
  for_each_message([&]<class Message>() {
    messages.insert(name_of<Message>());
    EXPECT_EQ(golden<Message>().examples.size(), 3u)
        << name_of<Message>() << " is missing: make_golden writes it";
  });
  std::set<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    files.insert(entry.path().stem());
  }
  EXPECT_EQ(files, messages);
}

TEST(Golden, FieldsOfVersionOneAreWhereTheyWere) {
  for_each_message([]<class Message>() {
    const GoldenMessage file = golden<Message>();
    EXPECT_EQ(file.op, static_cast<std::uint16_t>(Message::op));
    ASSERT_LE(file.fields.size(), Message::fields.size()) << name_of<Message>();
    for (std::size_t i = 0; i < Message::fields.size(); ++i) {
      const Field& field = Message::fields[i];
      if (i < file.fields.size()) {
        EXPECT_EQ(file.fields[i], std::string(field.name) + ' ' + kind_name(field.kind));
        EXPECT_TRUE(field.required);
      } else {
        EXPECT_FALSE(field.required) << name_of<Message>() << " of version 1 has no " << field.name;
      }
    }
  });
}

TEST(Golden, EveryMessageIsDecodedFieldByField) {
  for_each_message([]<class Message>() {
    const GoldenMessage file = golden<Message>();
    const auto known = std::span<const Field>(Message::fields).first(file.fields.size());
    for (const GoldenExample& example : file.examples) {
      const auto message = decode<Message>(example.cbor);
      ASSERT_TRUE(message.has_value()) << name_of<Message>() << ' ' << example.name;
      EXPECT_EQ(values_of(known, &*message), example.values) << name_of<Message>();
    }
  });
}

TEST(Golden, EveryMessageIsEncodedToTheSameBytes) {
  for_each_message([]<class Message>() {
    const GoldenMessage file = golden<Message>();
    const auto known = std::span<const Field>(Message::fields).first(file.fields.size());
    for (const GoldenExample& example : file.examples) {
      const auto message = decode<Message>(example.cbor).value();
      Buffer out(max_encoded_size(known));
      const Table of_version_1{file.op, static_cast<std::uint16_t>(known.size()), known.data()};
      const auto size = encode_fields(of_version_1, &message, out);
      ASSERT_TRUE(size.has_value());
      EXPECT_EQ(hex(Bytes(out).first(*size)), hex(example.cbor)) << name_of<Message>();
    }
  });
}

// What a terminal of a later version says: the same fields and more behind them.
TEST(Golden, AppendedItemsOfLaterVersionsAreSkipped) {
  const nlohmann::json later[] = {0,
                                  -1,
                                  "text",
                                  nlohmann::json::binary({1, 2}),
                                  true,
                                  nullptr,
                                  1.25,
                                  nlohmann::json::array({1, nlohmann::json::array({2})}),
                                  nlohmann::json::object({{"a", 1}})};
  for_each_message([&]<class Message>() {
    const GoldenMessage file = golden<Message>();
    // A field that a later version has appended to our table would be read, not skipped.
    if (file.fields.size() != Message::fields.size()) return;
    for (const GoldenExample& example : file.examples) {
      nlohmann::json longer = nlohmann::json::from_cbor(example.cbor);
      for (const auto& item : later) {
        longer.push_back(item);
        const auto message = decode<Message>(nlohmann::json::to_cbor(longer));
        ASSERT_TRUE(message.has_value()) << name_of<Message>() << ' ' << item;
        EXPECT_EQ(values_of(Message::fields, &*message), example.values);
      }
    }
  });
}

TEST(Golden, FramesAreWrittenAndReadAsTheyWere) {
  const auto file = golden_lines(folder + "/frames.txt");
  EXPECT_EQ(recorded_frames(), file);
  for (const auto& [name, wire] : file) EXPECT_EQ(frames_of(unhex(wire)).size(), 1u) << name;
}

TEST(Golden, SessionGoesOverTheWireAsItDid) {
  const RecordedSession again;
  EXPECT_TRUE(again.over());
  const auto file = golden_lines(folder + "/session.txt");
  ASSERT_EQ(again.lines.size(), file.size());
  for (std::size_t i = 0; i < file.size(); ++i) EXPECT_EQ(again.lines[i], file[i]) << "line " << i;
}

TEST(Golden, SessionHoldsEveryKindOfFrameAndBothKeyPhases) {
  std::set<FrameType> types;
  std::set<std::pair<std::string, int>> phases;
  for (const auto& [who, wire] : golden_lines(folder + "/session.txt")) {
    for (const SeenFrame& frame : frames_of(unhex(wire))) {
      types.insert(frame.header.type);
      phases.emplace(who, frame.header.flags & frame_flag::key_phase);
    }
  }
  EXPECT_EQ(types,
            (std::set{FrameType::hello, FrameType::data, FrameType::ack, FrameType::ping,
                      FrameType::bye, FrameType::handshake, FrameType::bulk, FrameType::bulk_ack}));
  EXPECT_EQ(phases.size(), 4u);
}

// A host of today and the terminal of the file, which heard another host say these very bytes.
TEST(Golden, HostUnderstandsTheRecordedTerminal) {
  Store store;
  End host(Role::host, hello_of(""), &store);
  host.works = false;
  Millis now(1000);
  host.link.start(now);
  host.take(now);
  std::vector<std::uint16_t> ops;
  host.when_message = [&] {
    ops.push_back(peek_op(host.received.back()).value());
    host.bulk.on_message(host.received.back(), now);
  };
  for (const auto& [who, wire] : golden_lines(folder + "/session.txt")) {
    if (who != "terminal") continue;
    host.link.on_bytes(unhex(wire), ++now);
    if (auto step = host.link.take_handshake()) {
      ASSERT_TRUE(step->run(key_of(0x22)).has_value());
      host.link.handshake_done(*step, now);
    }
    host.take(now);
  }
  EXPECT_EQ(ops, (std::vector<std::uint16_t>{4, 64, 14, 5, 11}));
  EXPECT_EQ(store.kept, some_bytes(300));
  EXPECT_EQ(host.downs, std::vector{CloseReason::peer_bye});
}

}  // namespace
}  // namespace rollcall::protocol::testing
