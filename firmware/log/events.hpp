// Everything that a terminal's log can say: one table. An entry carries at most two numbers, and
// none of them ever is a name, a card number or a key.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace rollcall::firmware {

enum class Severity : std::uint8_t { info, warning, error };

// Numbers are only added: a ring in RAM may be read by another firmware after an update.
enum class Event : std::uint8_t {
  started = 0,
  crash = 1,
  crash_place = 2,
  crash_time = 3,
  link_up = 4,
  link_down = 5,
  welcomed = 6,
  host_refused = 7,
  enrolment = 8,
  not_recovered = 9,
  settings_unreadable = 10,
  not_accepted = 11,
  storage_failed = 12,
  epoch_left = 13,
  restart = 14,
  not_seeded = 15,
  console_serial = 16,
  console_seed = 17,
  console_test = 18,
  log_read = 19,
};

struct EventText {
  Event event;
  Severity severity;
  std::string_view text;  // {} = the next number, {x} = the same in hexadecimal
};

inline constexpr std::array<EventText, 20> event_texts{{
    {Event::started, Severity::info, "started, boot {}, reset reason {}"},
    {Event::crash, Severity::error, "before that it crashed, cause {}, task {}"},
    {Event::crash_place, Severity::error, "crashed at pc {x}, lr {x}"},
    {Event::crash_time, Severity::error, "crashed {} ms after its start, boot {}"},
    {Event::link_up, Severity::info, "link up, connection {}"},
    {Event::link_down, Severity::warning, "link down, reason {}"},
    {Event::welcomed, Severity::info, "welcomed by the host, {} taps waiting"},
    {Event::host_refused, Severity::error, "the host has another site's key"},
    {Event::enrolment, Severity::info, "provisioning window over, result {}"},
    {Event::not_recovered, Severity::error, "the queue cannot be read, error {}"},
    {Event::settings_unreadable, Severity::error, "the settings cannot be read, error {}"},
    {Event::not_accepted, Severity::error, "a tap was refused, error {}, {} taps waiting"},
    {Event::storage_failed, Severity::error, "storage failed, {} times so far"},
    {Event::epoch_left, Severity::warning, "a new epoch begins, {} taps waiting"},
    {Event::restart, Severity::info, "restarting as told"},
    {Event::not_seeded, Severity::warning, "no seed: makes no keys"},
    {Event::console_serial, Severity::info, "serial number set at the console"},
    {Event::console_seed, Severity::info, "seed set at the console"},
    {Event::console_test, Severity::info, "self-test {} at the console, error {}"},
    {Event::log_read, Severity::info, "log read, {} bytes"},
}};

consteval bool events_in_order() {
  for (std::size_t i = 0; i < event_texts.size(); ++i) {
    if (static_cast<std::size_t>(event_texts[i].event) != i) return false;
  }
  return true;
}
static_assert(events_in_order());

}  // namespace rollcall::firmware
