// One record on storage: how it is written so that a torn one is recognisably torn, how it is found
// again. For the queue and for everything else that keeps records in erase units.
#pragma once

#include <cstdint>
#include <expected>

#include "firmware/queue/format.hpp"
#include "hal/storage.hpp"

namespace rollcall::firmware::queue {

enum class Found : std::uint8_t {
  record,   // whole and committed
  nothing,  // erased, or the end of the unit
  damage,   // anything else
};

// What lies at `position` of the erase unit that begins at `unit_offset`. `buffer` holds max_body
// bytes; `out` points into it. `end` is where the next record begins. Errors: those of
// Storage::read.
std::expected<Found, hal::StorageError> read_record(hal::Storage& storage,
                                                    std::uint64_t unit_offset,
                                                    std::uint32_t position, MutableBytes buffer,
                                                    Record& out, std::uint32_t& end);

// Programs a record at `offset`, reads it back, and only then programs its commit word, if that is
// not in the same program unit. `buffer` holds max_body bytes. Errors: those of the device; io when
// something else was read back.
std::expected<void, hal::StorageError> write_record(hal::Storage& storage, std::uint64_t offset,
                                                    RecordKind kind, std::uint64_t sequence,
                                                    Bytes payload, MutableBytes buffer);

bool is_erased(Bytes bytes);

}  // namespace rollcall::firmware::queue
