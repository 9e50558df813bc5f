// Time zone names, checked against the system's own database (package tzdata).
#include <exception>
#include <string>
#include <vector>

#include <date/tz.h>

#include "daemon/config/values.hpp"

namespace rollcall::config {

std::string check_timezone(const std::string& text) {
  try {
    date::locate_zone(text);
    return {};
  } catch (const std::exception&) {
    std::string message = "\"" + text + "\" is no known time zone; ";
    try {
      std::vector<std::string_view> names;
      for (const auto& zone : date::get_tzdb().zones) names.emplace_back(zone.name());
      if (const auto close = nearest(text, names))
        return message + "did you mean \"" + std::string{*close} + "\"?";
    } catch (const std::exception&) {
      return message + "the system's time zone database cannot be read, install the package tzdata";
    }
    return message + "write an IANA name such as \"Europe/Brussels\"";
  }
}

}  // namespace rollcall::config
