#include "firmware/simulator/sim_terminal.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/post.hpp>

namespace rollcall::simulator {

using firmware::Millis;

namespace {

constexpr std::size_t kept_answers = 20;
// A card counts again after it was away for card_away; a little more is certain.
constexpr Millis same_card_again = hal::card_away + Millis(20);

firmware::Identity identity_of(const std::string& serial) {
  firmware::Identity identity;
  const auto bytes = [](std::string_view text) {
    return Bytes(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
  };
  identity.serial.assign(bytes(serial));
  identity.version.assign(bytes("simulator 0.1.0"));
  return identity;
}

std::string sentence(firmware::SettingsError error) {
  switch (error) {
    case firmware::SettingsError::newer_format:
      return "the settings were written by a newer firmware and stay as they are; use that one, or "
             "delete the file and enrol again";
    default:
      return "the settings cannot be read";
  }
}

std::string sentence(firmware::QueueError error) {
  switch (error) {
    case firmware::QueueError::bad_geometry:
      return "the queue storage is too small";
    case firmware::QueueError::unknown_format:
      return "the queue was written by a newer firmware";
    default:
      return "the queue cannot be read";
  }
}

}  // namespace

SimTerminal::SimTerminal(asio::io_context& io, SimSettings settings, Report& report)
    : io_(io),
      settings_(std::move(settings)),
      report_(report),
      connection_(io, settings_.endpoint, port_, [this] { run(); }),
      timer_(io) {
  if (settings_.card_module) {
    card_module_ = std::make_unique<CardModule>(io, *settings_.card_module, [this] { run(); });
  }
}

SimTerminal::~SimTerminal() {
  if (taken_) report_.interrupted(settings_.serial, taken_->card, &taken_->tap);
}

const char* SimTerminal::Answer::light() const {
  return firmware::light_name(shown ? firmware::feedback_for(*shown).light.colour
                                    : hal::Colour::off);
}

const char* SimTerminal::Answer::outcome() const {
  return shown ? firmware::feedback_for(*shown).name : "interrupted";
}

// In the file, or in memory without one.
std::expected<hal::Storage*, std::string> SimTerminal::open_storage(
    const std::string& file, hal::Geometry geometry,
    std::unique_ptr<hal::host::FileStorage>& in_file,
    std::unique_ptr<hal::sim::FakeFlash>& in_memory) {
  if (file.empty()) {
    in_memory = std::make_unique<hal::sim::FakeFlash>(geometry);
    return in_memory.get();
  }
  auto opened = hal::host::FileStorage::open(file, geometry);
  if (!opened) return std::unexpected(opened.error());
  in_file = std::move(*opened);
  return in_file.get();
}

std::expected<void, std::string> SimTerminal::start() {
  const bool in_file = !settings_.queue_file.empty();
  auto queue =
      open_storage(settings_.queue_file, in_file ? file_geometry : settings_.memory_geometry,
                   queue_file_, queue_memory_);
  if (!queue) return std::unexpected(queue.error());
  power_cut_ = std::make_unique<hal::sim::PowerCut>(**queue);
  auto settings =
      open_storage(settings_.settings_file, settings_geometry, settings_file_, settings_memory_);
  if (!settings) return std::unexpected(settings.error());
  settings_storage_ = *settings;
  if (settings_.panel) {
    display_ = std::make_unique<hal::sim::Framebuffer>(panel_size);
    screen_room_ = std::make_unique<PanelRoom>();
    auto screens = open_storage(in_file ? settings_.queue_file + ".screens" : "", screens_geometry,
                                screens_file_, screens_memory_);
    if (!screens) return std::unexpected(screens.error());
    screens_storage_ = *screens;
  }
  if (settings_.second_slot) {
    auto slot = open_storage(in_file ? settings_.queue_file + ".slot" : "", slot_geometry,
                             slot_file_, slot_memory_);
    if (!slot) return std::unexpected(slot.error());
    slot_storage_ = *slot;
  }
  switch_on();
  if (const auto& recovered = terminal_->recovered(); !recovered) {
    return std::unexpected(settings_.serial + ": " + sentence(recovered.error()));
  }
  const auto problem = terminal_->settings_problem();
  if (problem == firmware::SettingsError::newer_format ||
      problem == firmware::SettingsError::storage) {
    return std::unexpected(settings_.serial + ": " + sentence(*problem));
  }
  connection_.start();
  if (card_module_) card_module_->start();
  run();
  return {};
}

void SimTerminal::switch_on() {
  ++starts_;
  clock_.emplace();
  hal::CardReader& reader = card_module_ ? card_module_->switch_on(*clock_) : reader_;
  firmware::Devices devices{reader, indicator_,  *clock_,           entropy_,
                            port_,  *power_cut_, *settings_storage_};
  if (reset_ == protocol::ResetReason::power_on) log_ = {};
  log_.begin();
  devices.log = &log_;
  devices.reset = this;
  devices.staging = slot_storage_;
  if (display_) {
    screens_ =
        std::make_unique<firmware::Screens>(*display_, screens_storage_, screen_room_->memory());
    devices.screens = screens_.get();
    devices.touch = &touch_;
  }
  firmware::Observer* observer = this;
  firmware::Identity identity = identity_of(settings_.serial);
  identity.reset = std::exchange(reset_, protocol::ResetReason::power_on);
  identity.max_frame = settings_.max_frame;
  identity.line_rate = settings_.line_rate;
  terminal_ = std::make_unique<firmware::Terminal>(devices, identity, observer);
  terminal_->start();
  last_card_.reset();
  reader_empty_since_.reset();
}

void SimTerminal::restart() {
  reset_ = protocol::ResetReason::software;
  cut_power();
}

void SimTerminal::open_window() {
  enrolment_result_.reset();
  terminal_->open_window();
  run();
}

void SimTerminal::agree(bool same) {
  terminal_->agree(same);
  run();
}

void SimTerminal::close_window() {
  terminal_->close_window();
  run();
}

std::string SimTerminal::site() const {
  const auto& settings = terminal_->settings();
  if (!settings) return {};
  const Bytes id = settings->site.view();
  return {id.begin(), id.end()};
}

void SimTerminal::cut_power() {
  if (running_) {  // asked for from within a step: the step ends first
    asio::post(io_, [this] { cut_power(); });
    return;
  }
  interrupted();
  keep_counters();
  terminal_.reset();
  screens_.reset();
  timer_.cancel();
  reader_.remove();
  indicator_.set_light({});
  const bool plugged = connection_.plugged();
  connection_.set_plugged(false);  // the host sees the cable go dead
  power_cut_->restart();
  switch_on();
  connection_.set_plugged(plugged);
  run();
}

// A tap for which nothing will be shown, because the power is gone.
void SimTerminal::interrupted() {
  if (taken_) {
    report_.interrupted(settings_.serial, taken_->card, &taken_->tap);
    remember(taken_->card, std::nullopt);
    taken_.reset();
  } else if (reader_.occupied() && reader_.seen()) {
    ++taps_taken_;
    const hal::Card card = reader_.held();
    report_.interrupted(settings_.serial, card, nullptr);
    remember(card, std::nullopt);
  }
}

// add_to() starts from `before_`, so that its result replaces it.
void SimTerminal::keep_counters() {
  Report::Totals so_far;
  add_to(so_far);
  before_ = so_far;
}

void SimTerminal::tap(const hal::Card& card) {
  cards_.push_back(card);
  run();
}

void SimTerminal::touch(hal::TouchPoint point) {
  point.at = clock_->monotonic();
  touch_.press(point);
  run();
}

void SimTerminal::run() {
  if (!terminal_) return;
  again_ = true;
  if (running_) return;
  running_ = true;
  while (again_) {
    again_ = false;
    hold_next_card();
    Millis deadline = terminal_->step();
    if (!power_cut_->has_power()) break;
    if (reader_.occupied() && reader_.seen()) {
      last_card_ = reader_.held();
      reader_.remove();
      ++taps_taken_;
      again_ = true;
    } else if (!reader_.occupied() && !terminal_->awaiting_answer() && !reader_empty_since_) {
      reader_empty_since_ = clock_->monotonic();
    }
    connection_.flush();
    if (card_module_) card_module_->flush();
    if (!cards_.empty() && !terminal_->awaiting_answer()) {
      const Millis free_at = cards_.front() == last_card_ && reader_empty_since_
                                 ? *reader_empty_since_ + same_card_again
                                 : Millis(0);
      deadline = std::min(deadline, free_at);
    }
    arm(deadline);
  }
  running_ = false;
  if (!power_cut_->has_power()) {
    cut_power();
    return;
  }
  if (on_change_) on_change_();
}

void SimTerminal::hold_next_card() {
  if (cards_.empty() || reader_.occupied() || terminal_->awaiting_answer()) return;
  const hal::Card card = cards_.front();
  if (last_card_ == card) {
    if (!reader_empty_since_ || clock_->monotonic() - *reader_empty_since_ < same_card_again)
      return;
  }
  cards_.pop_front();
  reader_empty_since_.reset();
  reader_.hold(card);
}

void SimTerminal::arm(Millis deadline) {
  if (deadline == firmware::terminal_timing::never) {
    timer_.cancel();
    return;
  }
  timer_.expires_after(std::max(deadline - clock_->monotonic(), Millis(0)));
  timer_.async_wait([this](boost::system::error_code error) {
    if (!error) run();
  });
}

void SimTerminal::on_taken(const hal::Card& card, const protocol::Tap& tap) {
  taken_ = Taken{card, tap};
  if (card_module_) ++taps_taken_;
}

void SimTerminal::on_shown(const hal::Card& card, const protocol::Tap* tap, firmware::Shown shown,
                           std::chrono::milliseconds after_tap) {
  // Without power nothing shines.
  if (!power_cut_->has_power()) return;
  if (card_module_ && tap == nullptr) ++taps_taken_;
  taken_.reset();
  report_.shown(settings_.serial, card, tap, shown, after_tap);
  remember(card, shown);
}

void SimTerminal::remember(const hal::Card& card, std::optional<firmware::Shown> shown) {
  ++taps_shown_;
  answers_.push_front({clock_->calendar()->count(), card, shown});
  if (answers_.size() > kept_answers) answers_.pop_back();
}

void SimTerminal::on_late_answer(const protocol::Answer& answer) {
  report_.late_answer(settings_.serial, answer);
}

void SimTerminal::add_to(Report::Totals& totals) const {
  const protocol::LinkCounters& link = terminal_->link_counters();
  const firmware::TerminalCounters& counters = terminal_->counters();
  const firmware::QueueCounters& queue = terminal_->queue().counters();
  totals.terminals += 1;
  totals.waiting += terminal_->queue().waiting();
  totals.connections += connection_.connections();
  totals.refused += before_.refused + queue.refused;
  totals.damaged += before_.damaged + queue.damaged;
  totals.gave_up += before_.gave_up + counters.gave_up;
  totals.debounced += before_.debounced + terminal_->debounce().swallowed();
  totals.site_key_refused += before_.site_key_refused + counters.site_key_refused;
  totals.bad_messages += before_.bad_messages + counters.bad_messages;
  totals.handshakes += before_.handshakes + counters.handshakes;
  totals.storage_errors += before_.storage_errors + counters.storage_errors;
  totals.bad_tags += before_.bad_tags + link.bad_tag;
  totals.bad_handshakes += before_.bad_handshakes + link.bad_handshake;
  if (screens_) totals.screens_stored += before_.screens_stored + screens_->stored();
  totals.retransmissions += before_.retransmissions + link.retransmissions;
  totals.frames_in += before_.frames_in + link.frames_in;
  totals.frames_out += before_.frames_out + link.frames_out;
  totals.bad_frames += before_.bad_frames + link.bad_crc + link.bad_cobs + link.too_long +
                       link.too_short + link.unknown_type + link.unexpected;
}

}  // namespace rollcall::simulator
