#include "daemon/registry/rows.hpp"

#include <sstream>

namespace rollcall::registry {
namespace {

constexpr const char* columns =
    "SELECT serial, state, room, mode, languages, enrolled_ms, enrolled_by, key, key_since_ms,"
    " pending_key, pending_origin, pending_by, revoked_ms, revoked_by, revoked_reason FROM "
    "registry";

std::vector<std::string> split(const std::string& text) {
  std::istringstream words(text);
  std::vector<std::string> out;
  for (std::string word; words >> word;) out.push_back(std::move(word));
  return out;
}

std::optional<std::int64_t> optional_integer(const store::Statement& row, int column) {
  return row.is_null(column) ? std::nullopt : std::optional(row.integer(column));
}

struct Read {
  Entry entry;
  bool opened = true;  // every key that is there
};

Read read_row(const store::Statement& row, const KeySeal& seal) {
  Read read;
  Entry& entry = read.entry;
  entry.serial = row.text(0);
  entry.state = row.text_view(1) == "revoked" ? State::revoked : State::active;
  entry.room = row.text(2);
  entry.mode = mode_from(row.text_view(3)).value_or(protocol::TerminalMode::training);
  entry.languages = split(row.text(4));
  entry.enrolled_ms = optional_integer(row, 5);
  entry.enrolled_by = row.text(6);
  entry.key_since_ms = optional_integer(row, 8);
  if (!row.is_null(10))
    entry.pending_origin = row.text_view(10) == "rotation" ? Origin::rotation : Origin::enrolment;
  entry.pending_by = row.text(11);
  entry.revoked_ms = optional_integer(row, 12);
  entry.revoked_by = row.text(13);
  entry.revoked_reason = row.text(14);
  for (const auto& [column, place] : {std::pair{7, current_key}, std::pair{9, pending_key}}) {
    if (row.is_null(column)) continue;
    entry.keys[place] = seal.open(entry.serial, row.blob(column));
    if (!entry.keys[place]) read.opened = false;
  }
  return read;
}

}  // namespace

std::string_view to_text(protocol::TerminalMode mode) {
  switch (mode) {
    case protocol::TerminalMode::childcare:
      return "childcare";
    case protocol::TerminalMode::work_site:
      return "work_site";
    case protocol::TerminalMode::training:
      break;
  }
  return "training";
}

std::optional<protocol::TerminalMode> mode_from(std::string_view text) {
  using protocol::TerminalMode;
  for (const auto mode : {TerminalMode::training, TerminalMode::childcare, TerminalMode::work_site})
    if (to_text(mode) == text) return mode;
  return std::nullopt;
}

std::string_view to_text(State state) {
  return state == State::revoked ? "revoked" : "active";
}

std::optional<Entry> read_entry(store::Database& db, const KeySeal& seal,
                                const std::string& serial) {
  static const std::string sql = std::string(columns) + " WHERE serial = ?";
  auto row = db.prepare(sql);
  if (!row.bind(serial).step()) return std::nullopt;
  return read_row(row, seal).entry;
}

Loaded read_all(store::Database& db, const KeySeal& seal) {
  static const std::string sql = std::string(columns) + " ORDER BY serial";
  Loaded loaded;
  auto row = db.prepare(sql);
  while (row.step()) {
    Read read = read_row(row, seal);
    if (!read.opened) loaded.unopened.push_back(read.entry.serial);
    loaded.entries.push_back(std::move(read.entry));
  }
  return loaded;
}

std::vector<std::string> unproven_enrolments(store::Database& db) {
  std::vector<std::string> serials;
  auto row = db.prepare("SELECT serial FROM registry WHERE pending_origin = 'enrolment'");
  while (row.step()) serials.push_back(row.text(0));
  return serials;
}

std::optional<Place> place_of(store::Database& db, const std::string& serial) {
  auto row = db.prepare(
      "SELECT room, mode FROM registry WHERE serial = ?1"
      " UNION ALL SELECT room, mode FROM reader WHERE id = ?1 LIMIT 1");
  if (!row.bind(serial).step()) return std::nullopt;
  return Place{row.text(0), mode_from(row.text_view(1)).value_or(protocol::TerminalMode::training)};
}

std::string joined(const std::vector<std::string>& languages) {
  std::string out;
  for (const std::string& language : languages) out += (out.empty() ? "" : " ") + language;
  return out;
}

}  // namespace rollcall::registry
