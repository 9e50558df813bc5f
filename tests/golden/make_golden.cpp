// Writes the golden files that are not there yet: make_golden tests/golden/v1
// A file that is there is never changed: it is what terminals in the field say.
#include <filesystem>
#include <iostream>

#include "tests/golden/golden.hpp"
#include "tests/golden/recorded.hpp"

namespace rollcall::protocol::testing {
namespace {

enum class Example : std::uint8_t { typical, smallest, largest };
constexpr const char* example_names[] = {"typical", "smallest", "largest"};

template <class T>
void put(std::uint8_t* at, T typical, T smallest, T largest, Example example) {
  const T value = example == Example::typical    ? typical
                  : example == Example::smallest ? smallest
                                                 : largest;
  std::memcpy(at, &value, sizeof value);
}

void put_bounded(std::uint8_t* at, const Field& field, Example example) {
  const bool text = field.kind == FieldKind::text;
  constexpr std::string_view typical = "Rollcall-1";
  Buffer content;
  if (example == Example::typical) content.assign(typical.begin(), typical.end());
  if (example == Example::largest) content.assign(field.capacity, text ? 'x' : 0xff);
  const auto size = static_cast<std::uint16_t>(content.size());
  std::memcpy(at, &size, sizeof size);
  std::ranges::copy(content, at + sizeof size);
}

void fill(const Field& field, std::uint8_t* at, Example example) {
  switch (field.kind) {
    case FieldKind::u8:
      return put<std::uint8_t>(at, 1, 0, 0xff, example);
    case FieldKind::u16:
      return put<std::uint16_t>(at, 300, 0, 0xffff, example);
    case FieldKind::u32:
      return put<std::uint32_t>(at, 70'000, 0, 0xffff'ffff, example);
    case FieldKind::u64:
      return put<std::uint64_t>(at, 12'345'678'901, 0, ~std::uint64_t{0}, example);
    case FieldKind::i64:
      return put<std::int64_t>(at, 1'762'416'000'000, std::numeric_limits<std::int64_t>::min(),
                               std::numeric_limits<std::int64_t>::max(), example);
    case FieldKind::boolean:
      return put<bool>(at, true, false, true, example);
    case FieldKind::fixed:
      for (std::uint8_t i = 0; i < field.capacity; ++i) {
        put<std::uint8_t>(at + i, static_cast<std::uint8_t>(0x10 + i), 0, 0xff, example);
      }
      return;
    case FieldKind::bytes:
    case FieldKind::text:
      return put_bounded(at, field, example);
  }
}

template <class Message>
void write_message(std::ostream& out) {
  out << "# Message `" << name_of<Message>() << "` of protocol version 1. Never changed.\n"
      << "op: " << static_cast<unsigned>(Message::op) << '\n';
  for (const Field& field : Message::fields) {
    out << "field: " << field.name << ' ' << kind_name(field.kind) << '\n';
  }
  for (const Example example : {Example::typical, Example::smallest, Example::largest}) {
    Message message{};
    for (const Field& field : Message::fields) {
      fill(field, reinterpret_cast<std::uint8_t*>(&message) + field.offset, example);
    }
    out << "\nexample: " << example_names[static_cast<std::size_t>(example)] << '\n';
    for (const Field& field : Message::fields) {
      out << "  " << field.name << ": " << text_of(field, &message) << '\n';
    }
    out << "  cbor: " << hex(encoded(message)) << '\n';
  }
}

class Folder {
 public:
  explicit Folder(std::filesystem::path path) : path_(std::move(path)) {
    std::filesystem::create_directories(path_);
  }
  template <class Write>
  void write_once(const std::string& name, Write&& write) const {
    const auto path = path_ / (name + ".txt");
    if (std::filesystem::exists(path)) return;
    std::ofstream file(path);
    write(file);
    if (!file.flush()) throw std::runtime_error("cannot write " + path.string());
    std::cout << "written: " << path.string() << '\n';
  }

 private:
  std::filesystem::path path_;
};

void write_all(const Folder& folder) {
  for_each_message([&]<class Message>() {
    folder.write_once(name_of<Message>(), [](std::ostream& out) { write_message<Message>(out); });
  });
  folder.write_once("frames", [](std::ostream& out) {
    out << "# One frame of each type as it goes over the wire. Never changed.\n";
    for (const auto& [name, wire] : recorded_frames()) out << name << ": " << wire << '\n';
  });
  folder.write_once("session", [](std::ostream& out) {
    out << "# A session as it went over the wire (tests/golden/recorded.hpp). Never changed.\n";
    for (const auto& [who, wire] : RecordedSession().lines) out << who << ": " << wire << '\n';
  });
}

}  // namespace
}  // namespace rollcall::protocol::testing

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: make_golden FOLDER\n";
    return 2;
  }
  rollcall::protocol::testing::write_all(rollcall::protocol::testing::Folder(argv[1]));
}
