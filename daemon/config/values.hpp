// What single values may look like. Each check returns "" or "what is wrong; what would be right".
#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/config/config.hpp"

namespace rollcall::config {

std::string check_site_id(const std::string& text);
std::string check_label(const std::string& text);
std::string check_timezone(const std::string& text);
std::string check_language(const std::string& text);
std::string check_listen(const std::string& text);
std::string check_console_address(const std::string& text);
std::string check_host_name(const std::string& text);
std::string check_https_url(const std::string& text);
std::string check_serial(const std::string& text);
std::string check_line(const std::string& text);
std::string check_keyboard(const std::string& text);
std::string check_reader_name(const std::string& text);
std::string check_page(const std::string& text);
std::string check_socket_path(const std::string& path);
std::string check_own_folder(const std::string& path);  // a folder, or nothing yet
std::string check_parent_folder(const std::string& path);

// 127.0.0.0/8, ::1 (also in brackets) or "localhost".
bool is_loopback(std::string_view host);

// "mon-fri 08:00-12:30 13:30-18:00", "sat,sun 09:00-12:00"; an end that is not after its beginning
// is on the next day. Nothing when it is written in another way.
using Opening = std::array<std::vector<OpenHours>, 7>;  // Sunday first
std::optional<Opening> parse_opening(std::string_view text);
std::string check_opening(const std::string& text);
// All of them together; what touches or overlaps becomes one.
Opening together(const std::vector<std::string>& texts);

// "500ms", "60s", "5min", "1h"; nothing when it is written in another way or above 1000 hours.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);
std::string show_duration(std::chrono::milliseconds value);

// The candidate closest to `text` by edit distance, when close enough to be what was meant.
std::optional<std::string_view> nearest(std::string_view text,
                                        std::span<const std::string_view> candidates);

}  // namespace rollcall::config
