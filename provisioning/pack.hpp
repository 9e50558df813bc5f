// A roster as it is sent to the daemon: one file as it is, a folder as a zip archive of its CSV
// files.
#pragma once

#include <cstddef>
#include <expected>
#include <string>

namespace rollcall::provisioning {

inline constexpr std::size_t largest_roster = std::size_t{64} << 20;  // bytes

// The error is one sentence with the path.
std::expected<std::string, std::string> pack(const std::string& path);

}  // namespace rollcall::provisioning
