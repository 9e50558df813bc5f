// The files of an archive (zip, or whatever libarchive reads), in memory.
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/roster/files.hpp"

namespace rollcall::roster {

inline constexpr std::size_t most_files = 64;                      // of one archive
inline constexpr std::size_t longest_archive = 128 * 1024 * 1024;  // bytes unpacked, all files

// Names come without their folders. The error is one sentence: no archive, damaged, encrypted, too
// large (also of a small one that unpacks to more), or two files of one name.
std::expected<std::vector<File>, std::string> unpack(std::string_view archive);

}  // namespace rollcall::roster
