// An entry of the log as a line of text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "firmware/log/ring.hpp"

namespace rollcall::firmware {

inline constexpr std::size_t max_log_line = 128;  // with its line feed

// Writes "90061.123 error crashed at pc 0x1a2b, lr 0x9" and a line feed: seconds since that start,
// severity, text. Returns its size.
std::size_t write_line(const LogEntry& entry, std::span<char, max_log_line> out);

}  // namespace rollcall::firmware
