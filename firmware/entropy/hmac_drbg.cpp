#include "firmware/entropy/hmac_drbg.hpp"

#include <algorithm>
#include <cstdlib>

namespace rollcall::firmware {
namespace {

constexpr std::size_t max_request = 65536;  // 2^19 bits (SP 800-90A table 2)

}  // namespace

HmacDrbg::~HmacDrbg() {
  crypto::wipe(key_);
  crypto::wipe(value_);
}

void HmacDrbg::instantiate(Parts seed) {
  key_.fill(0);
  value_.fill(1);
  update(seed);
}

void HmacDrbg::reseed(Parts seed) {
  update(seed);
}

void HmacDrbg::generate(MutableBytes out, Bytes additional) {
  do {
    const std::size_t size = std::min(out.size(), max_request);
    generate_once(out.first(size), additional);
    out = out.subspan(size);
  } while (!out.empty());
}

void HmacDrbg::generate_once(MutableBytes out, Bytes additional) {
  if (!additional.empty()) update({additional});
  while (!out.empty()) {
    value_ = crypto::hmac_sha256(key_, value_);
    const std::size_t size = std::min(out.size(), value_.size());
    std::copy_n(value_.begin(), size, out.begin());
    out = out.subspan(size);
  }
  update({additional});
}

// HMAC_DRBG_Update (10.1.2.2).
void HmacDrbg::update(Parts input) {
  std::uint8_t buffer[std::tuple_size_v<crypto::Digest> + 1 + max_input];
  std::size_t size = value_.size() + 1;
  for (const Bytes part : input) {
    if (part.size() > sizeof buffer - size) std::abort();
    std::copy(part.begin(), part.end(), buffer + size);
    size += part.size();
  }
  const std::uint8_t rounds = size > value_.size() + 1 ? 2 : 1;
  for (std::uint8_t round = 0; round < rounds; ++round) {
    std::copy(value_.begin(), value_.end(), buffer);
    buffer[value_.size()] = round;
    key_ = crypto::hmac_sha256(key_, {buffer, size});
    value_ = crypto::hmac_sha256(key_, value_);
  }
  crypto::wipe(buffer);
}

}  // namespace rollcall::firmware
