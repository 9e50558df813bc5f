#include "daemon/roster/roster.hpp"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <optional>
#include <utility>

#include "daemon/attendance/card_token.hpp"
#include "daemon/events/event.hpp"

namespace rollcall::roster {

std::expected<Reading, std::vector<std::string>> read(const config::Roster& config,
                                                      const CardHash& hash) {
  Files files;
  std::vector<std::string> problems;
  const auto take = [&problems](const std::string& path, std::optional<File>& file) {
    if (path.empty()) return;
    if (auto text = read_text(path)) {
      file = {std::filesystem::path(path).filename().string(), std::move(*text)};
    } else {
      problems.push_back(text.error());
    }
  };
  take(config.people, files.people);
  take(config.cards, files.cards);
  take(config.sessions, files.sessions);
  take(config.days, files.days);
  take(config.enrolments, files.enrolments);
  take(config.guardians, files.guardians);
  take(config.merges, files.merges);
  auto reading = read_files(files, "files", hash);
  if (!reading) std::ranges::move(reading.error(), std::back_inserter(problems));
  if (!problems.empty()) return std::unexpected(std::move(problems));
  return reading;
}

CardHash card_hash(const crypto::Key& card_key) {
  return [card_key](std::span<const std::uint8_t> chip) {
    return events::hex(attendance::card_token(card_key, protocol::ReadingKind::uid, chip));
  };
}

}  // namespace rollcall::roster
