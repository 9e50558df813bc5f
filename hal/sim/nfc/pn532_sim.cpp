#include "hal/sim/nfc/pn532_sim.hpp"

#include <algorithm>

namespace rollcall::hal::sim {
namespace {

// The byte with the edges that wake the chip (UM0701-02 7.2.11).
constexpr std::uint8_t wake_byte = 0x55;
// InDataExchange (7.3.8), by which a card is talked to.
constexpr std::uint8_t data_exchange = 0x40;

}  // namespace

void Pn532Sim::power_cycle() {
  field_.set_power(false);
  reader_.reset();
  output_.clear();
  last_answer_.clear();
  line_free_ = now_;
  asleep_ = wakes_by_line_ = true;
  ready_.reset();
  configured_ = false;
  parameters_ = default_parameters;
  activation_retries_ = for_ever;
  last_error_ = 0;
  registers_.clear();
  targets_.clear();
  active_ = 0;
  search_.reset();
}

void Pn532Sim::set_mute(bool on) {
  mute_ = on;
  if (!on) return;
  output_.clear();
  search_.reset();
  reader_.reset();
}

void Pn532Sim::clear_faults() {
  set_mute(false);
  mute_after_.reset();
  refuse_next_ = spoil_next_ = false;
  garbage_.clear();
  cut_next_.reset();
  field_.pull_after(std::nullopt);
}

void Pn532Sim::receive(Bytes bytes, SimTime now) {
  SimTime at = std::max(now, heard_until_);
  for (const std::uint8_t byte : bytes) {
    at += timing_.line_byte;
    catch_up(at);
    if (!mute_) hear(byte);
  }
  heard_until_ = at;
}

ByteVector Pn532Sim::advance(SimTime now) {
  catch_up(now);
  ByteVector arrived;
  while (!output_.empty() && output_.front().at <= now) {
    arrived.insert(arrived.end(), output_.front().bytes.begin(), output_.front().bytes.end());
    output_.pop_front();
  }
  return arrived;
}

std::optional<SimTime> Pn532Sim::deadline() const {
  std::optional<SimTime> next;
  if (!output_.empty()) next = output_.front().at;
  if (search_ && (!next || search_->next < *next)) next = search_->next;
  return next;
}

void Pn532Sim::catch_up(SimTime now) {
  while (search_ && search_->next <= now) {
    now_ = std::max(now_, search_->next);
    try_search();
  }
  now_ = std::max(now_, now);
  if (ready_ && *ready_ <= now_) {
    ready_.reset();
    asleep_ = false;
  }
}

void Pn532Sim::hear(std::uint8_t byte) {
  if (asleep_) {
    if (byte == wake_byte && wakes_by_line_ && !ready_) ready_ = now_ + timing_.wake_up;
    return;
  }
  if (const auto frame = reader_.push(byte)) obey(*frame);
}

void Pn532Sim::obey(const HostFrame& frame) {
  switch (frame.kind) {
    case HostFrame::Kind::ack:
      abort();
      return;
    case HostFrame::Kind::nack:
      send(last_answer_, SimTime{0}, true);
      return;
    case HostFrame::Kind::data:
      break;
  }
  const Bytes data(frame.data);
  if (data[0] != host_to_chip) return;
  abort();  // the host does not wait for what went before
  ++commands_;
  if (std::exchange(refuse_next_, false)) {
    send(nack_frame, SimTime{0}, false);
    return;
  }
  send(ack_frame, SimTime{0}, false);
  const std::uint8_t code = data.size() > 1 ? data[1] : 0xff;
  field_.take_air_bytes();
  const Answer answer = data.size() > 1 ? run(code, data.subspan(2)) : std::nullopt;
  if (code == data_exchange && mute_after_ && (*mute_after_)-- == 0) {
    mute_after_.reset();
    return set_mute(true);
  }
  if (!search_) send_answer(code, answer);
}

// What was not sent yet stays unsent.
void Pn532Sim::abort() {
  search_.reset();
  std::erase_if(output_, [&](const Output& output) { return output.answer && output.at > now_; });
  line_free_ = output_.empty() ? now_ : output_.back().at;
}

void Pn532Sim::send(Bytes bytes, SimTime after, bool answer) {
  if (bytes.empty()) return;
  line_free_ = std::max(now_ + after, line_free_) +
               timing_.line_byte * static_cast<SimTime::rep>(bytes.size());
  output_.push_back({line_free_, ByteVector(bytes.begin(), bytes.end()), answer});
}

void Pn532Sim::send_answer(std::uint8_t code, const Answer& answer) {
  ByteVector frame(error_frame.begin(), error_frame.end());
  if (answer) {
    ByteVector data{chip_to_host, static_cast<std::uint8_t>(code + 1)};
    data.insert(data.end(), answer->begin(), answer->end());
    frame = encode_frame(data);
  }
  last_answer_ = frame;
  if (std::exchange(spoil_next_, false)) frame[frame.size() - 2] ^= 0x01;
  const ByteVector garbage = std::exchange(garbage_, {});
  frame.insert(frame.begin(), garbage.begin(), garbage.end());
  if (const auto cut = std::exchange(cut_next_, std::nullopt))
    frame.resize(std::min(*cut, frame.size()));
  const auto air = static_cast<SimTime::rep>(field_.take_air_bytes());
  send(frame, timing_.command + timing_.air_byte * air, true);
}

}  // namespace rollcall::hal::sim
