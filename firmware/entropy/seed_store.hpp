// The seed of the next start, durable over raw storage of its own: two erase units or more. Format
// and promises: docs/entropy.md.
#pragma once

#include <cstdint>
#include <expected>

#include "firmware/storage/kept_record.hpp"
#include "hal/storage.hpp"
#include "protocol/crypto/crypto.hpp"

namespace rollcall::firmware {

struct Seed {
  crypto::Key value{};
  bool secret = false;           // made from a seed of the factory or from good noise
  std::uint64_t generation = 0;  // counts from 1

  Seed() = default;
  Seed(const Seed&) = default;
  Seed& operator=(const Seed&) = default;
  ~Seed() { crypto::wipe(value); }
};

enum class SeedError : std::uint8_t {
  none,          // none is kept, or nothing whole is
  newer_format,  // written by a later firmware; neither read nor overwritten
  bad_geometry,  // as of KeptRecord
  storage,       // the device failed
};

class SeedStore {
 public:
  // Keeps the reference.
  explicit SeedStore(hal::Storage& storage);

  // Errors: all.
  std::expected<Seed, SeedError> load();
  // Afterwards load() gives this one, with the next generation, and nothing before it can be read
  // from the storage any more. A power cut inside leaves the seed before or this one; after an
  // error it is not known which of them load() will give. Errors: all but none.
  std::expected<void, SeedError> replace(const crypto::Key& value, bool secret);

 private:
  KeptRecord record_;
};

}  // namespace rollcall::firmware
