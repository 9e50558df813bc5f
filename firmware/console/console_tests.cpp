// The self-tests of the factory console.
#include <algorithm>
#include <array>

#include "firmware/console/console.hpp"

namespace rollcall::firmware::console {
namespace {

constexpr hal::Colour colours[] = {hal::Colour::green, hal::Colour::amber, hal::Colour::blue};
constexpr hal::Note tone[] = {{784, 200}};

constexpr std::uint32_t bars = 8;
constexpr std::size_t max_width = 1280;

// Of bar `bar`, from black on the left to white on the right.
constexpr hal::Pixel grey(std::uint32_t bar) {
  const std::uint32_t five = bar * 31 / (bars - 1), six = bar * 63 / (bars - 1);
  return static_cast<hal::Pixel>(five << 11 | six << 5 | five);
}

}  // namespace

// A test is over: its answer, and a line in the log.
void Console::tested(std::optional<Error> why) {
  if (parts_.log) {
    parts_.log->add(parts_.clock.monotonic(), Event::console_test,
                    static_cast<std::uint32_t>(*running_),
                    why ? static_cast<std::uint32_t>(*why) : 0);
  }
  if (why) return error(*why);
  ok();
}

void Console::begin_display() {
  if (!parts_.display) return error(Error::not_here);
  const hal::Size size = parts_.display->size();
  std::array<hal::Pixel, max_width> pixels;
  const std::span<hal::Pixel> row(pixels.data(), std::min<std::size_t>(size.width, max_width));
  for (std::size_t x = 0; x < row.size(); ++x) {
    row[x] = grey(static_cast<std::uint32_t>(x * bars / row.size()));
  }
  parts_.display->sleep(false);
  for (std::uint16_t y = 0; y < size.height; ++y) parts_.display->write_row(y, row);
  parts_.display->frame_complete();
  until_ = parts_.clock.monotonic() + picture_shown;
  progress(0, 1);
}

bool Console::watch_display() {
  if (parts_.clock.monotonic() < until_) return false;
  parts_.terminal.redraw();
  tested();
  return true;
}

void Console::begin_indicator() {
  if (!parts_.indicator) return error(Error::not_here);
  parts_.indicator->play(tone);
  parts_.indicator->set_light({colours[0], 1000, 0});
  until_ = parts_.clock.monotonic() + light_shown;
  progress(0, std::size(colours));
}

bool Console::watch_indicator() {
  if (parts_.clock.monotonic() < until_) return false;
  if (++at_ == std::size(colours)) {
    parts_.terminal.redraw();
    tested();
    return true;
  }
  parts_.indicator->set_light({colours[at_], 1000, 0});
  until_ = parts_.clock.monotonic() + light_shown;
  progress(at_, std::size(colours));
  return true;
}

bool Console::watch_keys() {
  if (parts_.terminal.counters().keys == seen_before_) {
    if (parts_.clock.monotonic() < until_) return false;
    tested(Error::timed_out);
    return true;
  }
  seen_before_ = parts_.terminal.counters().keys;
  if (parts_.terminal.last_key() != at_) {
    tested(Error::wrong);
    return true;
  }
  if (++at_ == parts_.keys) {
    tested();
    return true;
  }
  until_ = parts_.clock.monotonic() + key_patience;
  progress(at_, parts_.keys);
  return true;
}

bool Console::watch_reader() {
  const bool seen = parts_.terminal.counters().cards != seen_before_;
  if (!seen && parts_.clock.monotonic() < until_) return false;
  if (seen) {
    tested();
  } else {
    tested(Error::timed_out);
  }
  return true;
}

// At most one erase unit a turn: cards are answered meanwhile.
bool Console::watch_storage() {
  const auto eighth = [&] { return storage_test_.done() * 8 / storage_test_.steps(); };
  const std::uint32_t before = eighth();
  until_ = parts_.clock.monotonic();  // go on at once
  if (!storage_test_.step()) {
    tested(Error::storage);
    return true;
  }
  if (storage_test_.done() == storage_test_.steps()) {
    tested();
    return true;
  }
  if (eighth() == before) return false;
  progress(storage_test_.done(), storage_test_.steps());
  return true;
}

}  // namespace rollcall::firmware::console
