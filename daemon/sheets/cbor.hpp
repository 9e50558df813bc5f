// JSON values as CBOR in the one form that RFC 8949 section 4.2.1 allows, for digests: shortest
// heads, definite lengths, keys of maps in the bytewise order of their encodings.
#pragma once

#include <cstdint>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace rollcall::sheets {

// Null, booleans, integers, texts, byte strings, arrays, objects. Throws std::invalid_argument at a
// number with a fraction: nothing that is signed has one.
std::vector<std::uint8_t> deterministic_cbor(const nlohmann::json& value);

}  // namespace rollcall::sheets
