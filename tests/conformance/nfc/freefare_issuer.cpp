// Whoever else has a site's keys: libfreefare at whatever reader libnfc is told to use. Keys and
// token are 32 hex digits. Prints each step; exit status 1 at the first that goes otherwise than it
// should, 2 for wrong arguments.
//
//   freefare-issuer write ISSUING READING TOKEN   personalises a blank card
//   freefare-issuer read ISSUING READING          proves both keys of a card and prints its token
//   freefare-issuer format                        makes it blank, whatever it was
#include <cctype>
#include <cstring>
#include <optional>

#include "tests/conformance/nfc/issued_card.hpp"

namespace {

using namespace rollcall::conformance;

std::optional<KeyBytes> parse(const char* text) {
  KeyBytes bytes{};
  if (std::strlen(text) != 2 * bytes.size()) return std::nullopt;
  for (const char* at = text; *at != '\0'; ++at)
    if (std::isxdigit(static_cast<unsigned char>(*at)) == 0) return std::nullopt;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<std::uint8_t>(std::stoul(std::string(text + 2 * i, 2), nullptr, 16));
  return bytes;
}

void read(const KeyBytes& issuing, const KeyBytes& reading) {
  step("the application", selects(issued_application));
  step("the issuing key is the card's", authenticates(issuing_key, issuing));
  step("the reading key is the card's", authenticates(reading_key, reading));
  const KeyBytes token = token_on_card();
  std::printf("token: ");
  for (const std::uint8_t byte : token) std::printf("%02x", byte);
  std::printf("\n");
}

void format() {
  step("the card's master key", selects(0) && authenticates(0, factory));
  step("format", mifare_desfire_format_picc(card) == 0);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc > 1 ? argv[1] : "";
  std::array<std::optional<KeyBytes>, 3> given;
  for (int i = 2; i < argc && i < 5; ++i) given[static_cast<std::size_t>(i) - 2] = parse(argv[i]);
  const auto& [issuing, reading, token] = given;
  const bool writes = what == "write" && argc == 5 && issuing && reading && token;
  const bool reads = what == "read" && argc == 4 && issuing && reading;
  const bool formats = what == "format" && argc == 2;
  if (!writes && !reads && !formats) {
    std::fprintf(stderr, "freefare-issuer: write, read or format, and keys of 32 hex digits\n");
    return 2;
  }
  open_card();
  if (formats) format();
  if (writes) {
    step("the card's master key", selects(0) && authenticates(0, factory));
    personalise(*issuing, *reading, *token);
  }
  if (reads) read(*issuing, *reading);
  close_card();
  return EXIT_SUCCESS;
}
