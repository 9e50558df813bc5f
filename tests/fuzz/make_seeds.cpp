// Writes the seed corpus from the golden files: make_fuzz_seeds tests/golden/v1 tests/fuzz/corpus
#include <filesystem>
#include <fstream>
#include <iostream>

#include "tests/fuzz/messages.hpp"
#include "tests/fuzz/scripts.hpp"
#include "tests/golden/golden.hpp"

namespace rollcall::protocol::fuzz {
namespace {

using testing::golden_lines;
using testing::GoldenMessage;
using testing::unhex;

class Corpus {
 public:
  explicit Corpus(std::filesystem::path root) : root_(std::move(root)) {}

  void add(const std::string& target, const std::string& name, const Buffer& content) const {
    std::filesystem::create_directories(root_ / target);
    std::ofstream file(root_ / target / name, std::ios::binary);
    file.write(reinterpret_cast<const char*>(content.data()),
               static_cast<std::streamsize>(content.size()));
    if (!file.flush()) throw std::runtime_error("cannot write " + (root_ / target / name).string());
  }

 private:
  std::filesystem::path root_;
};

void write_messages(const std::string& golden, const Corpus& corpus) {
  for (std::size_t number = 0; number < Messages::size; ++number) {
    Messages::visit(number, [&]<class Message>() {
      const std::string name = testing::name_of<Message>();
      for (const auto& example : testing::golden_message(golden + '/' + name + ".txt").examples) {
        Buffer message = {static_cast<std::uint8_t>(number)};
        append(message, example.cbor);
        corpus.add("message", name + '-' + example.name, message);
        if (example.name != "typical" || message[1] >= 0x97) continue;
        ++message[1];  // one more item in the array: an appended field of a later version
        append(message, {0x82, 0x01, 0x61, 'x'});
        corpus.add("message", name + "-appended", message);
      }
    });
  }
}

void write_frames(const std::string& golden, const Corpus& corpus) {
  Buffer stream = {1, 3, 0, 0};
  for (const auto& [name, wire] : golden_lines(golden + "/frames.txt")) {
    Buffer frame = {0, 16};
    append(frame, unhex(wire));
    corpus.add("frame", name.substr(0, name.find(' ')) + std::to_string(name.size()), frame);
    append(stream, unhex(wire));
  }
  corpus.add("frame", "stream", stream);
  Buffer full = {0, 255};
  append(full,
         wire(FrameType::data, 0, 0, Buffer(max_body - frame_header_size - frame_crc_size, 7)));
  corpus.add("frame", "largest", full);
}

// What one end of the recorded session heard, in chunks.
void write_handshakes(const std::string& golden, const Corpus& corpus) {
  const auto heard = [&](const std::string& from, std::uint8_t mood, std::uint8_t pause) {
    Buffer out = {mood};
    for (const auto& [who, text] : golden_lines(golden + "/session.txt")) {
      if (who != from) continue;
      const Buffer all = unhex(text);
      for (std::size_t at = 0; at < all.size(); at += 255) {
        const std::size_t size = std::min<std::size_t>(255, all.size() - at);
        append(out, {static_cast<std::uint8_t>(size), pause});
        append(out, Buffer(all.begin() + static_cast<std::ptrdiff_t>(at),
                           all.begin() + static_cast<std::ptrdiff_t>(at + size)));
      }
    }
    return out;
  };
  for (const std::uint8_t also :
       {std::uint8_t{0}, mood::sends, mood::closes, mood::enrols, mood::refuses, mood::two_keys}) {
    const auto with = [also](std::uint8_t mood) { return static_cast<std::uint8_t>(mood | also); };
    const std::string name = std::to_string(also);
    corpus.add("handshake", "terminal-" + name, heard("host", with(mood::bulk), 0));
    corpus.add("handshake", "host-" + name, heard("terminal", with(mood::bulk | mood::host), 0));
    corpus.add("handshake", "slow-host-" + name, heard("terminal", with(mood::host), 60));
  }
}

}  // namespace
}  // namespace rollcall::protocol::fuzz

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: make_fuzz_seeds GOLDEN CORPUS\n";
    return 2;
  }
  using namespace rollcall::protocol::fuzz;
  const Corpus corpus(argv[2]);
  write_messages(argv[1], corpus);
  write_frames(argv[1], corpus);
  write_handshakes(argv[1], corpus);
  for (const auto& [name, script] : link_scripts()) corpus.add("link", name, script);
  for (const auto& [name, script] : bulk_scripts()) corpus.add("bulk", name, script);
}
