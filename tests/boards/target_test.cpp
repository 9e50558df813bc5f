// Runs on the target: published vectors through our crypto interface, and what the arena of
// crypto::Scope does when it is full. Writes one line per check and measures stack and arena.
#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

#include "protocol/crypto/crypto.hpp"
#include "protocol/crypto/mbedtls_board_config.h"
#include "protocol/crypto/scope.hpp"
#include "tests/boards/semihosting.hpp"

namespace rollcall::boards {
namespace {

using namespace crypto;

int failed = 0;
bool fault_expected = false;

void check(const char* name, bool right) {
  print(right ? "ok - target: " : "not ok - target: ");
  print(name);
  print("\n");
  failed += !right;
}

consteval std::uint8_t nibble(char c) {
  return static_cast<std::uint8_t>(c <= '9' ? c - '0' : c - 'a' + 10);
}
template <std::size_t Size>
consteval std::array<std::uint8_t, Size> hex(const char (&text)[2 * Size + 1]) {
  std::array<std::uint8_t, Size> bytes{};
  for (std::size_t i = 0; i < Size; ++i) {
    bytes[i] = static_cast<std::uint8_t>(nibble(text[2 * i]) * 16 + nibble(text[2 * i + 1]));
  }
  return bytes;
}
Bytes bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
bool equal(Bytes a, Bytes b) {
  return std::ranges::equal(a, b);
}

// ---- the stack below the caller, filled with a mark to see how far it was used

extern "C" std::uint32_t stack_bottom[];  // image.ld
constexpr std::uint32_t mark = 0x5afe5afe;

[[gnu::noinline]] std::uint32_t* stack_pointer() {
  return static_cast<std::uint32_t*>(__builtin_frame_address(0));
}
[[gnu::noinline]] void mark_stack() {
  std::uint32_t* const end = stack_pointer() - 64;  // this function's own frame and its callees'
  for (volatile std::uint32_t* word = stack_bottom; word < end; ++word) *word = mark;
}
// Bytes between the caller and the deepest word that changed since mark_stack().
[[gnu::noinline]] std::uint32_t stack_used() {
  const volatile std::uint32_t* word = stack_bottom;
  while (*word == mark) ++word;
  return static_cast<std::uint32_t>(stack_pointer() - word) * 4;
}

template <class Work>
std::uint32_t stack_of(Work work) {
  mark_stack();
  work();
  return stack_used();
}

// ---- vectors

// RFC 7748 section 6.1.
constexpr Key alice = hex<32>("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
constexpr Key alice_public =
    hex<32>("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
constexpr Key bob = hex<32>("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
constexpr Key bob_public =
    hex<32>("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
constexpr Key shared = hex<32>("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");

void vectors() {
  check("RFC 7748 6.1, public keys",
        x25519_public(alice) == alice_public && x25519_public(bob) == bob_public);
  check("RFC 7748 6.1, shared secret",
        x25519(alice, bob_public) == shared && x25519(bob, alice_public) == shared);
  check("a public key of small order is weak",
        x25519(alice, Key{}) == std::unexpected(CryptoError::weak_key));

  check("FIPS 180-2 B.1, SHA-256",
        sha256(bytes_of("abc")) ==
            hex<32>("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
  check("RFC 4231 case 2, HMAC",
        hmac_sha256(bytes_of("Jefe"), bytes_of("what do ya want for nothing?")) ==
            hex<32>("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"));

  std::array<std::uint8_t, 22> input_key;
  input_key.fill(0x0b);
  std::array<std::uint8_t, 42> out;
  hkdf_sha256(hex<13>("000102030405060708090a0b0c"), input_key, hex<10>("f0f1f2f3f4f5f6f7f8f9"),
              out);
  check("RFC 5869 case 1, HKDF", out == hex<42>("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5d"
                                                "b02d56ecc4c5bf34007208d5b887185865"));

  // RFC 8439 section 2.8.2.
  const Bytes text = bytes_of(
      "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the "
      "future, sunscreen would be it.");
  constexpr Key key = hex<32>("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f");
  constexpr Nonce nonce = hex<12>("070000004041424344454647");
  constexpr auto aad = hex<12>("50515253c0c1c2c3c4c5c6c7");
  constexpr auto sealed = hex<130>(
      "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92"
      "728b1a71de0a9e06"
      "0b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc3ff4def0"
      "8e4b7a9de576d265"
      "86cec64b61161ae10b594f09e26a7e902ecbd0600691");
  std::array<std::uint8_t, sealed.size()> buffer{};
  check("RFC 8439 2.8.2, seal",
        seal(key, nonce, aad, text, buffer) == sealed.size() && buffer == sealed);
  check("RFC 8439 2.8.2, open in place", open(key, nonce, aad, buffer, buffer) == text.size() &&
                                             equal(Bytes(buffer).first(text.size()), text));
  buffer = sealed;
  buffer.back() ^= 1;
  check("RFC 8439 2.8.2, a changed tag",
        open(key, nonce, aad, buffer, buffer) == std::unexpected(CryptoError::bad_tag));
}

// ---- the arena

void arena() {
  const std::uint32_t stack = stack_of([] {
    // What is allocated depends a little on the numbers: leading zeros take no room.
    Key scalar = alice;
    Key point = bob_public;
    bool worked = true;
    for (int i = 0; i < 20; ++i) {
      const auto next = x25519(scalar, point);
      worked = worked && next;
      scalar = sha256(point);
      point = next.value_or(bob_public);
    }
    check("X25519 of many keys", worked);
  });
  const auto peak = static_cast<std::uint32_t>(arena_peak());
  print("# X25519 takes ");
  print(stack);
  print(" bytes of stack and ");
  print(peak);
  print(" of the arena's ");
  print(static_cast<std::uint32_t>(arena_size));
  print("\n");
  check("the arena is what X25519 needs, with less than 64 bytes to spare",
        peak <= arena_size && arena_size - peak < 64);
  check("X25519 stays within 1536 bytes of stack", stack <= 1536);

  check("no memory outside a scope", rollcall_crypto_calloc(1, 1) == nullptr);

  // Somebody holds ever more of the arena: X25519 fails at each of its allocations in turn.
  bool as_promised = true;
  int refusals = 0;
  for (std::size_t held = 8; held < arena_size; held += 8) {
    const Scope scope;
    void* block = rollcall_crypto_calloc(1, held);
    const auto result = x25519(alice, bob_public);
    as_promised =
        as_promised && (result ? *result == shared : result.error() == CryptoError::internal);
    refusals += !result;
    // Whatever it had taken is there again.
    void* rest = rollcall_crypto_calloc(1, arena_size - held / 8 * 8 - 16);
    as_promised = as_promised && block != nullptr && (held + 16 >= arena_size || rest != nullptr);
    rollcall_crypto_free(rest);
    rollcall_crypto_free(block);
  }
  check("an exhausted arena is an error and leaves nothing behind", as_promised && refusals > 150);
  check("X25519 works after that", x25519(bob, alice_public) == shared);
}

// The last check: board_fault() ends it.
void leave_a_block() {
  fault_expected = true;
  {
    const Scope scope;
    (void)rollcall_crypto_calloc(1, 8);
  }
  fault_expected = false;
}

}  // namespace
}  // namespace rollcall::boards

extern "C" {

void board_main() {
  using namespace rollcall::boards;
  vectors();
  arena();
  leave_a_block();
  check("a block left in a scope ends the program", false);
  exit_with(1);
}

[[noreturn]] void board_fault() {
  using namespace rollcall::boards;
  check(fault_expected ? "a block left in a scope ends the program"
                       : "no fault, and no broken promise of our own code",
        fault_expected);
  exit_with(failed == 0 ? 0 : 1);
}

}  // extern "C"
