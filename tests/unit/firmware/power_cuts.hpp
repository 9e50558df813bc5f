// What tests under power cuts share: where they play, and seeds that replay.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>

#include "hal/storage.hpp"

namespace rollcall::firmware {

// A storage to play on.
struct Place {
  hal::Geometry geometry;
  bool write_cache = false;
};

// ROLLCALL_SEED, or another one each time.
inline std::uint64_t first_seed() {
  const char* wanted = std::getenv("ROLLCALL_SEED");
  return wanted ? std::strtoull(wanted, nullptr, 10) : std::random_device{}() % 1000000;
}

// Such as `512/512x2 cached seed 7`: program unit, erase unit, units.
inline std::string id_of(const Place& place, std::uint64_t seed) {
  const hal::Geometry& g = place.geometry;
  return std::to_string(g.program_bytes) + "/" + std::to_string(g.unit_bytes) + "x" +
         std::to_string(g.units) + (place.write_cache ? " cached" : "") + " seed " +
         std::to_string(seed);
}

}  // namespace rollcall::firmware
