// A page of the case system's roster (docs/api/events/roster.json) as records. Pure.
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

#include "daemon/roster/records.hpp"

namespace rollcall::roster {

inline constexpr std::size_t most_pages = 200;  // of one question; more come with the next
inline constexpr std::size_t records_of_page = 1000;

struct Page {
  std::string cursor;
  bool more = false;
};

// Adds the page's records to `reading`, whose source is the case system. Records of kinds that are
// not taken from it (instruments, assignments) or not known are counted in `passed`. The error is a
// sentence: the page is none of the contract's, and `reading` is not to be used.
std::expected<Page, std::string> read_page(std::string_view json, Reading& reading,
                                           std::size_t& passed);

}  // namespace rollcall::roster
