// Writes the seed corpus: make_fuzz_seeds tests/fuzz/corpus
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>

#include "protocol/frame.hpp"
#include "tests/fuzz/link_script.hpp"
#include "tests/fuzz/messages.hpp"

namespace rollcall::protocol::fuzz {
namespace {

// Numbers that need every width, strings that are neither empty nor full.
template <class Message>
Message example() {
  Message message;
  auto* base = reinterpret_cast<std::uint8_t*>(&message);
  std::uint8_t next = 1;
  for (const Field& field : Message::fields) {
    std::uint8_t* at = base + field.offset;
    const auto fill = [&](std::size_t size) {
      for (std::size_t i = 0; i < size; ++i) at[i] = next++;
    };
    switch (field.kind) {
      case FieldKind::u8:
        *at = 1;
        break;
      case FieldKind::u16:
        fill(2);
        break;
      case FieldKind::u32:
        fill(4);
        break;
      case FieldKind::u64:
      case FieldKind::i64:
        fill(6);
        break;
      case FieldKind::boolean:
        *at = 1;
        break;
      case FieldKind::fixed:
        fill(field.capacity);
        break;
      case FieldKind::bytes:
      case FieldKind::text: {
        const std::uint16_t size = std::min<std::uint16_t>(field.capacity, 7);
        std::memcpy(at, &size, sizeof size);
        std::memset(at + sizeof size, 'A', size);
        break;
      }
    }
  }
  return message;
}

Hello hello() {
  Hello out = example<Hello>();
  out.protocol_min = out.protocol_max = 1;
  out.max_frame = max_body_tcp;
  return out;
}

void append(Buffer& to, const Buffer& bytes) {
  to.insert(to.end(), bytes.begin(), bytes.end());
}

Buffer wire(FrameType type, std::uint8_t flags, std::uint8_t counter, const Buffer& payload) {
  Buffer out(wire_size(max_body));
  out.resize(write_frame({type, flags, 0, counter}, payload, out));
  return out;
}

class Script {
 public:
  explicit Script(std::uint8_t mood) : bytes_{1, mood} {}

  Script& frame(FrameType type, std::uint8_t flags, std::uint8_t counter,
                const Buffer& payload = {}, std::uint8_t channel = 0) {
    append(bytes_,
           {code(Step::frame), static_cast<std::uint8_t>(static_cast<std::uint8_t>(type) - 1),
            flags, channel, counter, static_cast<std::uint8_t>(payload.size())});
    append(bytes_, payload);
    return *this;
  }
  Script& send(const Buffer& payload) {
    append(bytes_, {code(Step::send), static_cast<std::uint8_t>(payload.size())});
    append(bytes_, payload);
    return *this;
  }
  Script& plain(Step step) {
    bytes_.push_back(code(step));
    return *this;
  }
  Script& with(Step step, std::uint8_t argument) {
    append(bytes_, {code(step), argument});
    return *this;
  }
  // The line takes all: a call consumes one frame at most.
  Script& flush() { return with(Step::write, 255).with(Step::write, 255); }
  const Buffer& bytes() const { return bytes_; }

 private:
  static std::uint8_t code(Step step) { return static_cast<std::uint8_t>(step); }
  Buffer bytes_;
};

class Corpus {
 public:
  explicit Corpus(std::filesystem::path root) : root_(std::move(root)) {}

  void add(const char* target, const std::string& name, const Buffer& content) const {
    std::filesystem::create_directories(root_ / target);
    std::ofstream file(root_ / target / name, std::ios::binary);
    file.write(reinterpret_cast<const char*>(content.data()),
               static_cast<std::streamsize>(content.size()));
    if (!file.flush()) throw std::runtime_error("cannot write " + (root_ / target / name).string());
  }

 private:
  std::filesystem::path root_;
};

Script greeted(std::uint8_t mood) {
  Script script(mood);
  // The first link that starts at time 0 greets with number 1.
  script.plain(Step::start)
      .flush()
      .frame(FrameType::hello, 0, 9, encoded(hello()))
      .flush()
      .frame(FrameType::hello, frame_flag::ack, 9, encoded(hello()), 1)
      .flush();
  return script;
}

void write_messages(const Corpus& corpus) {
  for (std::size_t number = 0; number < Messages::size; ++number) {
    Messages::visit(number, [&]<class Message>() {
      const std::string name = "op" + std::to_string(static_cast<int>(Message::op));
      const Buffer encoding = encoded(example<Message>());
      Buffer message = {static_cast<std::uint8_t>(number)};
      append(message, encoding);
      corpus.add("message", name, message);
      Buffer longer = message;
      if (longer[1] < 0x97) {  // one more item in the array: an appended field of a later version
        ++longer[1];
        append(longer, {0x82, 0x01, 0x61, 'x'});
        corpus.add("message", name + "-appended", longer);
      }
      Buffer frame = {0, 16};
      append(frame, wire(FrameType::data, 1, 5, encoding));
      corpus.add("frame", name, frame);
    });
  }
}

void write_frames(const Corpus& corpus) {
  Buffer stream = {1, 3, 0, 0};
  append(stream, wire(FrameType::hello, 0, 0, encoded(hello())));
  for (const FrameType type : {FrameType::ack, FrameType::ping, FrameType::bye})
    append(stream, wire(type, 6, 9, {}));
  corpus.add("frame", "session", stream);
  Buffer full = {0, 255};
  append(full,
         wire(FrameType::data, 0, 0, Buffer(max_body - frame_header_size - frame_crc_size, 7)));
  corpus.add("frame", "largest", full);
}

void write_links(const Corpus& corpus) {
  const Buffer tap = encoded(example<Tap>());
  corpus.add("link", "greeting", greeted(0).bytes());
  corpus.add("link", "tap-and-answer",
             greeted(0)
                 .send(tap)
                 .flush()
                 .frame(FrameType::data, frame_flag::ack, 0, encoded(example<Answer>()))
                 .flush()
                 .bytes());
  corpus.add("link", "retransmission",
             greeted(0)
                 .send(tap)
                 .flush()
                 .with(Step::wait, 60)
                 .flush()
                 .frame(FrameType::ack, frame_flag::ack, 0)
                 .bytes());
  corpus.add("link", "duplicate",
             greeted(0)
                 .frame(FrameType::data, 0, 0, tap)
                 .frame(FrameType::data, 0, 0, tap)
                 .flush()
                 .frame(FrameType::data, frame_flag::sequence, 1, tap)
                 .bytes());
  corpus.add("link", "ping-and-bye",
             greeted(0)
                 .frame(FrameType::ping, 0, 0)
                 .flush()
                 .frame(FrameType::bye, 0, 1)
                 .plain(Step::start)
                 .bytes());
  corpus.add("link", "silence",
             greeted(0)
                 .with(Step::wait, 255)
                 .with(Step::wait, 255)
                 .with(Step::wait, 255)
                 .with(Step::wait, 255)
                 .with(Step::wait, 255)
                 .with(Step::wait, 255)
                 .bytes());
  corpus.add("link", "owner-answers",
             greeted(1).flush().frame(FrameType::data, frame_flag::ack, 0, tap).flush().bytes());
  corpus.add("link", "owner-closes", greeted(6).flush().bytes());
  corpus.add("link", "owner-sends-and-closes",
             greeted(7).flush().frame(FrameType::data, 0, 0, tap).flush().bytes());
  corpus.add("link", "restarted-peer",
             greeted(0)
                 .frame(FrameType::ping, 0, 0)
                 .frame(FrameType::hello, 0, 0, encoded(hello()))
                 .flush()
                 .bytes());
  corpus.add("link", "transport-lost",
             greeted(0).send(tap).plain(Step::transport_lost).plain(Step::start).bytes());
}

}  // namespace
}  // namespace rollcall::protocol::fuzz

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: make_fuzz_seeds FOLDER\n";
    return 2;
  }
  const rollcall::protocol::fuzz::Corpus corpus(argv[1]);
  rollcall::protocol::fuzz::write_messages(corpus);
  rollcall::protocol::fuzz::write_frames(corpus);
  rollcall::protocol::fuzz::write_links(corpus);
}
