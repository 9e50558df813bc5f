// Undoes Content-Encoding: gzip (RFC 1952), bounded.
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

namespace rollcall::casesim {

enum class GzipError {
  damaged,    // not gzip, cut off, or with a wrong checksum
  too_large,  // more than `limit` bytes come out
};

std::expected<std::string, GzipError> gunzip(std::string_view compressed, std::size_t limit);

}  // namespace rollcall::casesim
