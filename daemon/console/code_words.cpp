#include "daemon/console/code_words.hpp"

#include <algorithm>
#include <vector>

#include <nlohmann/json.hpp>

#include "daemon/attendance/local_time.hpp"
#include "daemon/screens/texts.hpp"

namespace rollcall::console {
namespace {

using attendance::CodeKind;
using screens::Text;

// "2026-03-02" as people here write it.
std::string written(const std::string& day) {
  return day.substr(8, 2) + "/" + day.substr(5, 2) + "/" + day.substr(0, 4);
}

std::vector<std::string> languages(const config::Site& site, const std::string& first) {
  std::vector<std::string> all{first};
  all.insert(all.end(), site.languages.begin(), site.languages.end());
  std::vector<std::string> known;
  for (const std::string& one : all) {
    if (screens::has_language(one) && std::ranges::find(known, one) == known.end())
      known.push_back(one);
  }
  if (known.empty()) known.push_back(screens::languages().front());
  return known;
}

}  // namespace

nlohmann::ordered_json code_words(const config::Site& site, const std::string& language,
                                  CodeKind kind, std::optional<std::int64_t> expires_ms) {
  std::string day;
  if (expires_ms) day = written(attendance::TimeZone(site.timezone).at(*expires_ms - 1).day);
  auto all = nlohmann::ordered_json::array();
  for (const std::string& one : languages(site, language)) {
    const auto words = [&one](Text id) { return std::string(screens::text(id, one)); };
    const Text text = !expires_ms              ? Text::valid_until_withdrawn
                      : kind == CodeKind::once ? Text::valid_once_on
                                               : Text::valid_on;
    all.push_back({{"language", one},
                   {"title", words(Text::your_code)},
                   {"use", words(Text::show_or_type)},
                   {"valid", words(text) + (day.empty() ? "" : " " + day)}});
  }
  return all;
}

}  // namespace rollcall::console
