#include "hal/sim/usb/terminal_device.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace rollcall::hal::sim {
namespace {

using namespace hal::usb;

constexpr std::uint8_t towards_host = 0x80;

constexpr std::uint8_t low(std::uint16_t value) {
  return static_cast<std::uint8_t>(value & 0xff);
}
constexpr std::uint8_t high(std::uint16_t value) {
  return static_cast<std::uint8_t>(value >> 8);
}

// Standard requests, bRequest (USB 2.0, table 9-4).
enum : std::uint8_t {
  get_status = 0,
  clear_feature = 1,
  get_descriptor = 6,
  get_configuration = 8,
  set_configuration = 9,
};
// Descriptor types (table 9-5).
enum : std::uint8_t { device = 1, configuration = 2, string = 3, interface = 4, endpoint = 5 };
// Strings, by their index in the device descriptor.
enum : std::uint8_t { manufacturer = 1, product = 2, serial_number = 3 };

std::vector<std::uint8_t> device_descriptor() {
  return {18,
          device,
          0x00,
          0x02,
          0,
          0,
          0,
          packet_bytes,
          low(vendor_id),
          high(vendor_id),
          low(product_id),
          high(product_id),
          0x00,
          0x01,
          manufacturer,
          product,
          serial_number,
          1};
}

// UTF-16 of plain ASCII (9.6.7).
std::vector<std::uint8_t> string_descriptor(std::string_view text) {
  std::vector<std::uint8_t> bytes{static_cast<std::uint8_t>(2 + 2 * text.size()), string};
  for (const char c : text) {
    bytes.push_back(static_cast<std::uint8_t>(c));
    bytes.push_back(0);
  }
  return bytes;
}

}  // namespace

std::vector<std::uint8_t> TerminalDevice::configuration_descriptor() const {
  constexpr std::uint8_t bulk = 2;
  constexpr std::uint8_t bus_powered = 0x80;
  constexpr std::uint8_t power = 50;  // in steps of 2 mA
  return {9,
          configuration,
          32,
          0,
          1,
          1,
          0,
          bus_powered,
          power,
          9,
          interface,
          0,
          0,
          2,
          interface_class,
          subclass_,
          interface_protocol,
          0,
          7,
          endpoint,
          endpoint_out,
          bulk,
          packet_bytes,
          0,
          0,
          7,
          endpoint,
          endpoint_in,
          bulk,
          packet_bytes,
          0,
          0};
}

std::vector<std::uint8_t> TerminalDevice::descriptors() const {
  std::vector<std::uint8_t> all = device_descriptor();
  const std::vector<std::uint8_t> more = configuration_descriptor();
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

// The bus's side ---------------------------------------------------------------------------------

TerminalDevice::Endpoint* TerminalDevice::bulk(std::uint8_t address) {
  if (address == endpoint_in) return &in_;
  return address == endpoint_out ? &out_ : nullptr;
}

void TerminalDevice::submit(Urb urb) {
  Endpoint* const to = bulk(urb.endpoint);
  if (plugged_ && to != nullptr) {
    to->waiting.push_back(std::move(urb));
    pump_in();
    pump_out();
    return;
  }
  urb.status = -ESHUTDOWN;
  if (plugged_) {
    urb.status = -ENOENT;
    if ((urb.endpoint & ~towards_host) == 0) control(urb);
  }
  done_.push_back(std::move(urb));
}

bool TerminalDevice::cancel(std::uint64_t id) {
  for (Endpoint* of : {&in_, &out_}) {
    const auto found = std::ranges::find(of->waiting, id, &Urb::id);
    if (found == of->waiting.end()) continue;
    found->status = -ENOENT;
    done_.push_back(std::move(*found));
    of->waiting.erase(found);
    return true;
  }
  return false;
}

void TerminalDevice::clear_halt(std::uint8_t address) {
  if (Endpoint* const of = bulk(address)) of->halted = false;
}

void TerminalDevice::reset() {
  for (Endpoint* of : {&in_, &out_}) {
    of->packets.clear();
    of->halted = false;
  }
}

void TerminalDevice::control(Urb& urb) {
  const auto [type, request, value_low, value_high, index_low, index_high, size_low, size_high] =
      urb.setup;
  std::vector<std::uint8_t> answer;
  bool known = true;
  if (request == get_descriptor && value_high == device) {
    answer = device_descriptor();
  } else if (request == get_descriptor && value_high == configuration) {
    answer = configuration_descriptor();
  } else if (request == get_descriptor && value_high == string) {
    constexpr std::array<std::uint8_t, 4> us_english{4, string, 0x09, 0x04};
    if (value_low == 0) answer = {us_english.begin(), us_english.end()};
    if (value_low == manufacturer) answer = string_descriptor("Rollcall");
    if (value_low == product) answer = string_descriptor("Check-in terminal");
    if (value_low == serial_number) answer = string_descriptor(serial_);
    known = !answer.empty();
  } else if (request == get_status) {
    const Endpoint* of = bulk(index_low);
    answer = {static_cast<std::uint8_t>(of != nullptr && of->halted), 0};
  } else if (request == get_configuration) {
    answer = {1};
  } else if (request == clear_feature && bulk(index_low) != nullptr) {
    clear_halt(index_low);
  } else {
    known = request == set_configuration;
  }
  urb.status = known ? 0 : -EPIPE;
  if (!known) return;
  if ((type & towards_host) == 0) {
    urb.actual = urb.data.size();
    return;
  }
  urb.actual = std::min(urb.data.size(), answer.size());
  std::copy_n(answer.begin(), urb.actual, urb.data.begin());
}

void TerminalDevice::complete(Endpoint& of, int status) {
  Urb urb = std::move(of.waiting.front());
  of.waiting.pop_front();
  urb.status = status;
  done_.push_back(std::move(urb));
}

// A URB towards the host is done with its room filled or with a packet shorter than the largest
// (5.8.3); a packet that does not fit is a babble.
void TerminalDevice::pump_in() {
  while (!in_.waiting.empty()) {
    if (in_.halted) {
      complete(in_, -EPIPE);
      continue;
    }
    if (in_.packets.empty()) return;
    Urb& urb = in_.waiting.front();
    const Packet packet = std::move(in_.packets.front());
    in_.packets.pop_front();
    if (urb.actual + packet.size() > urb.data.size()) {
      complete(in_, -EOVERFLOW);
      continue;
    }
    std::ranges::copy(packet, urb.data.begin() + static_cast<std::ptrdiff_t>(urb.actual));
    urb.actual += packet.size();
    if (packet.size() < packet_bytes || urb.actual == urb.data.size()) complete(in_, 0);
    crossed(packet.size());
  }
}

void TerminalDevice::pump_out() {
  while (!out_.waiting.empty()) {
    if (out_.halted) {
      complete(out_, -EPIPE);
      continue;
    }
    Urb& urb = out_.waiting.front();
    if (urb.actual < urb.data.size()) {
      if (out_.packets.size() == buffered_packets) return;
      const auto from = urb.data.begin() + static_cast<std::ptrdiff_t>(urb.actual);
      const std::size_t size = std::min(packet_bytes, urb.data.size() - urb.actual);
      out_.packets.emplace_back(from, from + static_cast<std::ptrdiff_t>(size));
      urb.actual += size;
      if (urb.actual == urb.data.size()) complete(out_, 0);
      crossed(size);
    } else {
      complete(out_, 0);
    }
  }
}

void TerminalDevice::crossed(std::size_t bytes) {
  if (!unplug_in_) return;
  *unplug_in_ -= std::min(*unplug_in_, bytes);
  if (*unplug_in_ == 0) unplug();
}

// The terminal's side ----------------------------------------------------------------------------

std::size_t TerminalDevice::send(Bytes data) {
  std::size_t taken = 0;
  while (plugged_ && taken < data.size() && in_.packets.size() + 1 < buffered_packets) {
    const std::size_t size = std::min(packet_limit_, data.size() - taken);
    const Bytes part = data.subspan(taken, size);
    in_.packets.emplace_back(part.begin(), part.end());
    if (zero_packets_ && size == packet_bytes) {
      in_.packets.emplace_back();
      ++zero_packets_sent_;
    }
    taken += size;
    pump_in();
  }
  return taken;
}

std::vector<std::uint8_t> TerminalDevice::receive() {
  std::vector<std::uint8_t> all;
  for (const Packet& packet : out_.packets) all.insert(all.end(), packet.begin(), packet.end());
  out_.packets.clear();
  pump_out();
  return all;
}

// What a test has happen -------------------------------------------------------------------------

void TerminalDevice::unplug() {
  plugged_ = false;
  unplug_in_.reset();
  for (Endpoint* of : {&in_, &out_}) {
    while (!of->waiting.empty()) complete(*of, -ESHUTDOWN);
    of->packets.clear();
    of->halted = false;
  }
}

void TerminalDevice::halt(std::uint8_t address) {
  if (Endpoint* const of = bulk(address)) of->halted = true;
  pump_in();
  pump_out();
}

}  // namespace rollcall::hal::sim
