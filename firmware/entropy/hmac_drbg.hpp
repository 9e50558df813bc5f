// HMAC_DRBG with SHA-256 (NIST SP 800-90A Rev. 1, section 10.1.2), without prediction resistance.
// mbedTLS has one too; its context allocates for as long as it lives, which crypto::Scope forbids.
#pragma once

#include <cstddef>
#include <initializer_list>

#include "protocol/crypto/crypto.hpp"

namespace rollcall::firmware {

class HmacDrbg {
 public:
  // Parts of a seed or of additional input, joined in their order.
  using Parts = std::initializer_list<Bytes>;
  static constexpr std::size_t max_input = 160;  // bytes of all parts; more ends the program

  HmacDrbg() = default;
  ~HmacDrbg();
  HmacDrbg(const HmacDrbg&) = delete;
  HmacDrbg& operator=(const HmacDrbg&) = delete;

  // Instantiate: entropy input, nonce, personalisation.
  void instantiate(Parts seed);
  // Reseed: entropy input, additional input.
  void reseed(Parts seed);
  // Generate. Any size: beyond 65 536 bytes, the limit of one request, it is several.
  void generate(MutableBytes out, Bytes additional = {});

 private:
  void update(Parts input);
  void generate_once(MutableBytes out, Bytes additional);

  crypto::Key key_{};
  crypto::Digest value_{};
};

}  // namespace rollcall::firmware
