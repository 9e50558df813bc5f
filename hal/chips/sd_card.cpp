#include "hal/chips/sd_card.hpp"

#include <array>

namespace rollcall::hal {
namespace {

// Commands (7.3.1.3).
constexpr std::uint8_t go_idle_state = 0;
constexpr std::uint8_t send_if_cond = 8;
constexpr std::uint8_t send_csd = 9;
constexpr std::uint8_t send_status = 13;
constexpr std::uint8_t set_blocklen = 16;
constexpr std::uint8_t read_single_block = 17;
constexpr std::uint8_t write_block = 24;
constexpr std::uint8_t app_cmd = 55;
constexpr std::uint8_t read_ocr = 58;
constexpr std::uint8_t crc_on_off = 59;
constexpr std::uint8_t sd_send_op_cond = 41;  // after app_cmd

// Response R1 (7.3.2.1).
constexpr std::uint8_t ready = 0x00;
constexpr std::uint8_t idle = 0x01;
constexpr std::uint8_t illegal_command = 0x04;
constexpr std::uint8_t crc_error = 0x08;

constexpr std::uint8_t start_token = 0xfe;              // 7.3.3.2
constexpr std::uint32_t voltage_and_pattern = 0x1aa;    // 2.7 to 3.6 V (4.3.13)
constexpr std::uint32_t high_capacity = 1u << 30;       // HCS of ACMD41, CCS of the OCR (5.1)
constexpr int response_bytes = 8;                       // the response is among these (N_CR, 7.5.4)
constexpr int power_up_bytes = 10;                      // 74 clocks and more (6.4.1)
constexpr std::chrono::milliseconds start_limit{1000};  // 4.2.3
constexpr std::chrono::milliseconds access_limit{100};  // 4.6.2.1
constexpr std::chrono::milliseconds busy_limit{500};    // 4.6.2.2: 250, SDXC 500
constexpr int least_asked = 16;  // times within a limit, or it has not run out

// How long a card may take. Whoever waits may be held up itself, as a board in QEMU is on a busy
// machine: time that passed between two questions is not the card's.
class Limit {
 public:
  Limit(Clock& clock, std::chrono::milliseconds limit)
      : clock_(clock), latest_(clock.monotonic() + limit) {}
  bool over() { return ++asked_ > least_asked && clock_.monotonic() > latest_; }

 private:
  Clock& clock_;
  const std::chrono::milliseconds latest_;
  int asked_ = 0;
};

// Of x^16 + x^12 + x^5 + 1 (4.5): each block passes through it, so 512 bytes of flash for half the
// time.
constexpr std::array<std::uint16_t, 256> crc16_table = [] {
  std::array<std::uint16_t, 256> table{};
  for (std::uint32_t byte = 0; byte < table.size(); ++byte) {
    std::uint32_t crc = byte << 8;
    for (int bit = 0; bit < 8; ++bit) crc = crc & 0x8000 ? crc << 1 ^ 0x1021 : crc << 1;
    table[byte] = static_cast<std::uint16_t>(crc);
  }
  return table;
}();

// Bits `high` to `low` of the CSD register, bit 127 first.
std::uint32_t bits(const std::array<std::uint8_t, 16>& csd, int high, int low) {
  std::uint32_t value = 0;
  for (int bit = high; bit >= low; --bit) {
    value = value << 1 | (csd[static_cast<std::size_t>(15 - bit / 8)] >> (bit % 8) & 1u);
  }
  return value;
}

// Of 512 bytes each (5.3.2, 5.3.3); 0 for a structure that is not known.
std::uint32_t blocks_of(const std::array<std::uint8_t, 16>& csd) {
  switch (bits(csd, 127, 126)) {
    case 0: {
      const std::uint32_t shift = bits(csd, 49, 47) + 2 + bits(csd, 83, 80);
      return (bits(csd, 73, 62) + 1) << shift >> 9;
    }
    case 1:
      return (bits(csd, 69, 48) + 1) << 10;
    default:
      return 0;
  }
}

}  // namespace

std::uint8_t sd_crc7(Bytes data) {
  std::uint8_t crc = 0;  // x^7 + x^3 + 1, in the upper seven bits
  for (const std::uint8_t byte : data) {
    crc ^= byte;
    for (int i = 0; i < 8; ++i) {
      crc = static_cast<std::uint8_t>(crc & 0x80 ? crc << 1 ^ 0x12 : crc << 1);
    }
  }
  return crc | 1;
}

std::uint16_t sd_crc16(Bytes data) {
  std::uint32_t crc = 0;
  for (const std::uint8_t byte : data) crc = (crc << 8 & 0xffff) ^ crc16_table[crc >> 8 ^ byte];
  return static_cast<std::uint16_t>(crc);
}

std::expected<void, SdError> SdCard::start() {
  started_ = false;
  bus().select(false);
  for (int i = 0; i < power_up_bytes; ++i) bus().exchange(0xff);
  select(true);
  const auto done = start_selected();
  select(false);
  if (!done) return done;
  started_ = true;
  ++counters_.starts;
  return {};
}

// Figure 7-2, then what is known of the card.
std::expected<void, SdError> SdCard::start_selected() {
  if (const auto done = command(go_idle_state, 0, idle); !done) return done;

  // A card of version 1 does not know this one.
  const auto version = command(send_if_cond, voltage_and_pattern);
  if (!version) return std::unexpected(version.error());
  const bool version_2 = *version == idle;
  if (version_2) {
    std::array<std::uint8_t, 4> echo;
    bus().receive(echo);
    if ((echo[2] & 0x0f) != voltage_and_pattern >> 8 || echo[3] != (voltage_and_pattern & 0xff)) {
      return std::unexpected(SdError::refused);
    }
  } else if (*version != (idle | illegal_command)) {
    return std::unexpected(SdError::refused);
  }
  if (const auto done = command(crc_on_off, 1, idle); !done) return done;

  Limit limit(clock_, start_limit);
  while (true) {
    const auto state = application_command(sd_send_op_cond, version_2 ? high_capacity : 0);
    if (!state) return std::unexpected(state.error());
    if (*state == ready) break;
    if (*state != idle) return std::unexpected(SdError::refused);
    if (limit.over()) return std::unexpected(SdError::timed_out);
  }

  // QEMU's card still says here that it is idle.
  const auto initialised = command(read_ocr, 0);
  if (!initialised) return std::unexpected(initialised.error());
  if ((*initialised & ~idle) != 0) return std::unexpected(SdError::refused);
  std::array<std::uint8_t, 4> ocr;
  bus().receive(ocr);
  by_block_ = version_2 && (ocr[0] & high_capacity >> 24) != 0;
  if (!by_block_) {
    if (const auto done = command(set_blocklen, block_bytes, ready); !done) return done;
  }

  if (const auto done = command(send_csd, 0, ready); !done) return done;
  std::array<std::uint8_t, 16> csd;
  if (const auto done = receive_data(csd); !done) return done;
  blocks_ = blocks_of(csd);
  if (blocks_ == 0) return std::unexpected(SdError::refused);
  return {};
}

template <class Operation>
std::expected<void, SdError> SdCard::twice(std::uint32_t block, Operation operation) {
  std::expected<void, SdError> done;
  for (int i = 0; i < 2; ++i) {
    if (!started_) done = start();
    if (started_) {
      if (block >= blocks_) return std::unexpected(SdError::out_of_range);
      select(true);
      done = operation();
      select(false);
      if (done) return done;
    }
    started_ = false;
    if (i == 0) ++counters_.errors;
  }
  return done;
}

std::expected<void, SdError> SdCard::read(std::uint32_t block, Block out) {
  return twice(block, [&] { return read_once(block, out); });
}

std::expected<void, SdError> SdCard::write(std::uint32_t block, ConstBlock data) {
  return twice(block, [&] { return write_once(block, data); });
}

std::expected<void, SdError> SdCard::read_once(std::uint32_t block, Block out) {
  if (const auto done = command(read_single_block, address(block), ready); !done) return done;
  return receive_data(out);
}

std::expected<void, SdError> SdCard::write_once(std::uint32_t block, ConstBlock data) {
  if (const auto done = command(write_block, address(block), ready); !done) return done;
  const std::uint16_t crc = sd_crc16(data);
  const std::uint8_t head[] = {0xff, start_token};
  const std::uint8_t tail[] = {static_cast<std::uint8_t>(crc >> 8),
                               static_cast<std::uint8_t>(crc & 0xff)};
  bus().send(head);
  bus().send(data);
  bus().send(tail);

  // Data response (7.3.3.1), then busy; what went wrong in programming is in the status.
  const std::uint8_t response = bus().exchange(0xff) & 0x1f;
  if (response == 0x0b) return std::unexpected(SdError::damaged);
  if (response == 0x0d) return std::unexpected(SdError::failed);
  if (response != 0x05) return std::unexpected(SdError::no_answer);
  if (const auto done = wait_ready(); !done) return done;
  if (const auto done = command(send_status, 0, ready); !done) return done;
  if (bus().exchange(0xff) != 0) return std::unexpected(SdError::failed);
  return {};
}

// A block of data, or an error token (7.3.3.3) in its place.
std::expected<void, SdError> SdCard::receive_data(MutableBytes out) {
  Limit limit(clock_, access_limit);
  std::uint8_t token = 0xff;
  while ((token = bus().exchange(0xff)) == 0xff) {
    if (limit.over()) return std::unexpected(SdError::timed_out);
  }
  if (token != start_token) return std::unexpected(SdError::failed);
  bus().receive(out);
  std::array<std::uint8_t, 2> crc;
  bus().receive(crc);
  if (sd_crc16(out) != (crc[0] << 8 | crc[1])) return std::unexpected(SdError::damaged);
  return {};
}

std::expected<std::uint8_t, SdError> SdCard::command(std::uint8_t index, std::uint32_t argument) {
  if (const auto done = wait_ready(); !done) return std::unexpected(done.error());
  std::array<std::uint8_t, 6> frame = {
      static_cast<std::uint8_t>(0x40 | index), static_cast<std::uint8_t>(argument >> 24),
      static_cast<std::uint8_t>(argument >> 16 & 0xff),
      static_cast<std::uint8_t>(argument >> 8 & 0xff), static_cast<std::uint8_t>(argument & 0xff)};
  frame[5] = sd_crc7(Bytes(frame).first(5));
  bus().send(frame);
  for (int i = 0; i <= response_bytes; ++i) {
    const std::uint8_t response = bus().exchange(0xff);
    if ((response & 0x80) == 0) return response;
  }
  return std::unexpected(SdError::no_answer);
}

std::expected<void, SdError> SdCard::command(std::uint8_t index, std::uint32_t argument,
                                             std::uint8_t wanted) {
  const auto response = command(index, argument);
  if (!response) return std::unexpected(response.error());
  if (*response == wanted) return {};
  return std::unexpected(*response & crc_error ? SdError::damaged : SdError::refused);
}

std::expected<std::uint8_t, SdError> SdCard::application_command(std::uint8_t index,
                                                                 std::uint32_t argument) {
  const auto prefix = command(app_cmd, 0);
  if (!prefix) return prefix;
  if ((*prefix & ~idle) != 0) return *prefix;
  return command(index, argument);
}

// A card that is busy holds its line low.
std::expected<void, SdError> SdCard::wait_ready() {
  Limit limit(clock_, busy_limit);
  while (bus().exchange(0xff) != 0xff) {
    if (limit.over()) return std::unexpected(SdError::timed_out);
  }
  return {};
}

std::uint32_t SdCard::address(std::uint32_t block) const {
  return by_block_ ? block : block * block_bytes;
}

// The card finishes within the eight clocks that follow a response (7.5.1), selected or not.
void SdCard::select(bool on) {
  if (!on) bus().exchange(0xff);
  bus().select(on);
}

}  // namespace rollcall::hal
