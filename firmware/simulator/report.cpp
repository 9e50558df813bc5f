#include "firmware/simulator/report.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

namespace rollcall::simulator {

using nlohmann::ordered_json;

namespace {

ordered_json tap_line(const std::string& serial, const hal::Card& card, const protocol::Tap* tap) {
  ordered_json entry{{"type", "tap"}, {"serial", serial}, {"epoch", nullptr}, {"number", nullptr}};
  if (tap) {
    entry["epoch"] = hex(tap->epoch);
    entry["number"] = tap->number;
  }
  entry["card"] = hex(card.view(), true);
  entry["wall_ms"] = tap ? tap->wall_ms : 0;
  return entry;
}

// Nearest-rank percentile of sorted values.
std::uint32_t percentile(const std::vector<std::uint32_t>& sorted, unsigned percent) {
  if (sorted.empty()) return 0;
  const std::size_t rank = (sorted.size() * percent + 99) / 100;
  return sorted[std::max<std::size_t>(rank, 1) - 1];
}

}  // namespace

std::string hex(hal::Bytes bytes, bool upper) {
  const char* digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const std::uint8_t b : bytes) {
    out += digits[b >> 4];
    out += digits[b & 15];
  }
  return out;
}

std::optional<hal::Card> parse_card(const std::string& text) {
  if (text.size() != 8 && text.size() != 14 && text.size() != 20) return std::nullopt;
  hal::Card card;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const int digit = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    if (digit < 0) return std::nullopt;
    card.uid[i / 2] = static_cast<std::uint8_t>(card.uid[i / 2] << 4 | digit);
  }
  card.size = static_cast<std::uint8_t>(text.size() / 2);
  return card;
}

Report::~Report() {
  if (file_ >= 0) ::close(file_);
}

std::expected<void, std::string> Report::append_to(const std::string& path) {
  file_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (file_ < 0)
    return std::unexpected("cannot open the report file " + path + ": " + std::strerror(errno));
  return {};
}

void Report::shown(const std::string& serial, const hal::Card& card, const protocol::Tap* tap,
                   firmware::Shown shown, std::chrono::milliseconds after_tap) {
  const firmware::Feedback& feedback = firmware::feedback_for(shown);
  const char* light = firmware::light_name(feedback.light.colour);
  ++taps_;
  ++by_light_[light];
  ++by_outcome_[feedback.name];
  if (feedback.light.colour == hal::Colour::green) {
    green_ms_.push_back(static_cast<std::uint32_t>(after_tap.count()));
  }
  if (file_ < 0) return;
  ordered_json entry = tap_line(serial, card, tap);
  entry["light"] = light;
  entry["outcome"] = feedback.name;
  entry["shown_ms"] = after_tap.count();
  line(entry.dump());
}

void Report::interrupted(const std::string& serial, const hal::Card& card,
                         const protocol::Tap* tap) {
  ++taps_;
  ++by_light_["none"];
  ++by_outcome_["interrupted"];
  if (file_ < 0) return;
  ordered_json entry = tap_line(serial, card, tap);
  entry["light"] = "none";
  entry["outcome"] = "interrupted";
  entry["shown_ms"] = nullptr;
  line(entry.dump());
}

void Report::late_answer(const std::string& serial, const protocol::Answer& answer) {
  ++late_answers_;
  if (file_ < 0) return;
  const ordered_json entry{
      {"type", "late_answer"},
      {"serial", serial},
      {"epoch", hex(answer.epoch)},
      {"number", answer.number},
      {"outcome", firmware::feedback_for(firmware::shown_for(answer.outcome)).name}};
  line(entry.dump());
}

void Report::line(const std::string& text) {
  const std::string whole = text + "\n";
  std::size_t done = 0;
  while (done < whole.size()) {
    const ssize_t written = ::write(file_, whole.data() + done, whole.size() - done);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      ::dprintf(STDERR_FILENO, "the report file cannot be written: %s\n", std::strerror(errno));
      ::close(file_);
      file_ = -1;
      return;
    }
    done += static_cast<std::size_t>(written);
  }
}

std::string Report::summary(const Totals& totals, std::chrono::milliseconds took) const {
  std::vector<std::uint32_t> sorted = green_ms_;
  std::sort(sorted.begin(), sorted.end());
  const auto light = [&](const char* name) {
    const auto found = by_light_.find(name);
    return found == by_light_.end() ? 0 : found->second;
  };
  const ordered_json summary{
      {"terminals", totals.terminals},
      {"took_ms", took.count()},
      {"taps", taps_},
      {"lights", {{"green", light("green")}, {"amber", light("amber")}, {"none", light("none")}}},
      {"outcomes", by_outcome_},
      {"late_answers", late_answers_},
      {"gave_up", totals.gave_up},
      {"waiting", totals.waiting},
      {"refused", totals.refused},
      {"damaged", totals.damaged},
      {"debounced", totals.debounced},
      {"screens_stored", totals.screens_stored},
      {"storage_errors", totals.storage_errors},
      {"tap_to_green_ms",
       {{"count", sorted.size()},
        {"p50", percentile(sorted, 50)},
        {"p99", percentile(sorted, 99)},
        {"max", sorted.empty() ? 0 : sorted.back()}}},
      {"link",
       {{"connections", totals.connections},
        {"handshakes", totals.handshakes},
        {"bad_handshakes", totals.bad_handshakes},
        {"bad_tags", totals.bad_tags},
        {"frames_in", totals.frames_in},
        {"frames_out", totals.frames_out},
        {"retransmissions", totals.retransmissions},
        {"bad_frames", totals.bad_frames},
        {"bad_messages", totals.bad_messages},
        {"site_key_refused", totals.site_key_refused}}}};
  return summary.dump(2);
}

}  // namespace rollcall::simulator
