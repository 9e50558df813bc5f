#include "firmware/simulator/crowd.hpp"

#include <algorithm>
#include <cstdio>

namespace rollcall::simulator {
namespace {

using namespace std::chrono_literals;

constexpr auto tick_interval = 2ms;
constexpr std::uint64_t largest_backlog = 4000;  // taps that each terminal's memory queue takes

// Memory for the taps one terminal may have to keep, with units that make new keys rarely.
hal::Geometry geometry_for(std::uint64_t backlog) {
  hal::Geometry geometry{8192, 3, 16};
  constexpr std::uint64_t taps_per_unit = 60;
  geometry.units += static_cast<std::uint32_t>(std::min(backlog, largest_backlog) / taps_per_unit);
  return geometry;
}

std::string serial_of(const std::string& prefix, unsigned number) {
  char text[16];
  std::snprintf(text, sizeof text, "-%03u", number);
  return prefix + text;
}

}  // namespace

Crowd::Crowd(asio::io_context& io, CrowdSettings settings, Report& report)
    : io_(io),
      settings_(std::move(settings)),
      report_(report),
      timer_(io),
      random_(settings_.seed) {}

std::expected<void, std::string> Crowd::start(std::function<void()> done) {
  done_ = std::move(done);
  for (unsigned i = 1; i <= settings_.count; ++i) {
    SimSettings one;
    one.serial = serial_of(settings_.serial_prefix, i);
    one.endpoint = settings_.endpoint;
    one.panel = false;
    one.second_slot = false;
    one.memory_geometry = geometry_for(settings_.taps);
    if (!settings_.queue_dir.empty())
      one.queue_file = settings_.queue_dir + "/" + one.serial + ".queue";
    const std::string& folder =
        settings_.settings_dir.empty() ? settings_.queue_dir : settings_.settings_dir;
    if (!folder.empty()) one.settings_file = folder + "/" + one.serial + ".settings";
    one.max_frame = settings_.max_frame;
    one.line_rate = settings_.line_rate;
    terminals_.push_back(std::make_unique<SimTerminal>(io_, std::move(one), report_));
    if (auto started = terminals_.back()->start(); !started) return started;
  }
  started_ = std::chrono::steady_clock::now();
  tick();
  return {};
}

void Crowd::tick() {
  const auto now = std::chrono::steady_clock::now();
  if (!first_tap_ && (all_welcomed() || now - started_ >= settings_.start_patience))
    first_tap_ = now;
  if (first_tap_ && !last_tap_) issue();
  if (stopping_ && !last_tap_) last_tap_ = now;
  if (last_tap_ && (settled() || now - *last_tap_ >= settings_.drain)) {
    done_();
    return;
  }
  timer_.expires_after(tick_interval);
  timer_.async_wait([this](boost::system::error_code error) {
    if (!error) tick();
  });
}

void Crowd::issue() {
  const auto now = std::chrono::steady_clock::now();
  const double seconds = std::chrono::duration<double>(now - *first_tap_).count();
  const double rate = settings_.rate * settings_.count;  // one terminal after the other
  const auto due = std::min(all_taps(), static_cast<std::uint64_t>(seconds * rate) + 1);
  for (; issued_ < due; ++issued_) terminals_[issued_ % terminals_.size()]->tap(next_card());
  if (issued_ == all_taps()) {
    last_tap_ = now;
    tapping_time_ = std::chrono::duration_cast<std::chrono::milliseconds>(now - *first_tap_);
  }
}

bool Crowd::all_welcomed() const {
  return std::all_of(terminals_.begin(), terminals_.end(),
                     [](const auto& t) { return t->terminal().welcomed(); });
}

bool Crowd::settled() const {
  return std::all_of(terminals_.begin(), terminals_.end(), [](const auto& t) {
    return t->taps_pending() == 0 && t->taps_shown() == t->taps_taken() &&
           t->terminal().queue().waiting() == 0;
  });
}

hal::Card Crowd::next_card() {
  if (!settings_.cards.empty()) return settings_.cards[random_() % settings_.cards.size()];
  hal::Card card;
  card.size = 7;
  card.uid[0] = 0x04;  // ISO/IEC 7816-6 manufacturer code
  const std::uint64_t bits = random_();
  for (std::size_t i = 1; i < 7; ++i) card.uid[i] = static_cast<std::uint8_t>(bits >> (8 * i));
  return card;
}

void Crowd::add_to(Report::Totals& totals) const {
  for (const auto& terminal : terminals_) terminal->add_to(totals);
}

}  // namespace rollcall::simulator
