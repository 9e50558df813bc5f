// An SD card in SPI mode, byte by byte: what it answers, how long it is busy, and how it fails.
#pragma once

#include <array>
#include <chrono>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "hal/chips/sd_card.hpp"
#include "hal/sim/devices.hpp"
#include "hal/spi_device.hpp"

namespace rollcall::hal {

class SdCardModel final : public SpiDevice {
 public:
  enum class Kind { version_1, standard, high_capacity };
  using Content = std::array<std::uint8_t, SdCard::block_bytes>;

  explicit SdCardModel(Kind kind) : kind_(kind) {}

  // Each exchange takes this long, so that limits of time pass.
  sim::ManualClock clock;
  std::chrono::milliseconds step{0};

  bool present = true;
  int attempts_to_start = 3;   // of ACMD41
  int busy_bytes = 20;         // after a write
  bool busy_for_ever = false;  // from the next write on
  bool knows_crc = true;       // CMD59
  // Each of these happens once.
  std::optional<std::uint8_t> error_token;    // in place of the next block of data
  bool damage_read = false;                   // a bit of the next block of data
  bool silent_read = false;                   // the next block of data never comes
  std::optional<std::uint8_t> data_response;  // to the next block that is written
  std::optional<std::uint8_t> status;         // second byte of the next SEND_STATUS
  bool lose_power = false;  // the card forgets that it was initialised, before the next command

  std::set<std::uint32_t> worn;  // blocks that the card can no longer read

  std::map<std::uint32_t, Content> blocks;  // those ever written, by block
  int initialisations = 0;
  int unselected_bytes = 0;
  std::vector<int> commands;

  void select(bool on) override {
    selected_ = on;
    if (!on) frame_.clear();
  }

  std::uint8_t exchange(std::uint8_t out) override {
    clock.advance(step);
    if (!selected_) ++unselected_bytes;
    if (!selected_ || !present) return 0xff;
    if (writing_) return take_data(out);
    if (!answer_.empty()) {
      const std::uint8_t next = answer_.front();
      answer_.pop_front();
      return next;
    }
    if (busy_ > 0) {
      if (!busy_for_ever) --busy_;
      return 0x00;
    }
    if (frame_.empty() && (out & 0xc0) != 0x40) return 0xff;
    frame_.push_back(out);
    if (frame_.size() == 6) run_command();
    return 0xff;
  }

 private:
  static constexpr std::uint32_t card_blocks = 64 * 1024;  // 32 MiB

  void run_command() {
    const std::vector<std::uint8_t> frame = std::move(frame_);
    frame_.clear();
    if (std::exchange(lose_power, false)) powered_ = ready_ = false;
    const int index = frame[0] & 0x3f;
    std::uint32_t argument = 0;
    for (int i = 1; i < 5; ++i) argument = argument << 8 | frame[static_cast<std::size_t>(i)];
    commands.push_back(index);
    answer_.push_back(0xff);  // N_CR
    const bool wrong_crc = sd_crc7(Bytes(frame).first(5)) != frame[5];
    if (wrong_crc && (crc_on_ || index == 0 || index == 8)) return r1(0x08);
    if (!powered_ && index != 0) {
      answer_.clear();  // still in the mode of the other bus
      return;
    }
    const bool application = std::exchange(application_, false);
    switch (index) {
      case 0:
        powered_ = true;
        ready_ = crc_on_ = false;
        attempts_ = 0;
        return r1(0);
      case 8:
        if (kind_ == Kind::version_1) return r1(0x04);
        r1(0);
        return bytes({0, 0, static_cast<std::uint8_t>(argument >> 8 & 0x0f),
                      static_cast<std::uint8_t>(argument)});
      case 59:
        if (!knows_crc) return r1(0x04);
        crc_on_ = argument == 1;
        return r1(0);
      case 55:
        application_ = true;
        return r1(0);
      case 58:
        r1(0);
        return bytes(
            {static_cast<std::uint8_t>(kind_ == Kind::high_capacity && ready_ ? 0xc0 : 0x80), 0xff,
             0x80, 0});
      default:
        break;
    }
    if (index == 41 && application) {
      const bool high_capacity_host = (argument >> 30 & 1) != 0;
      if (kind_ == Kind::high_capacity && !high_capacity_host) return r1(0);
      if (++attempts_ >= attempts_to_start && !ready_) {
        ready_ = true;
        ++initialisations;
      }
      return r1(0);
    }
    if (!ready_) return r1(0x04);
    switch (index) {
      case 9:
        r1(0);
        return send_data(csd());
      case 13:
        r1(0);
        answer_.push_back(std::exchange(status, std::nullopt).value_or(0));
        return;
      case 16:
        return r1(argument == SdCard::block_bytes ? 0 : 0x40);
      case 17: {
        const auto block = block_of(argument);
        if (!block) return r1(0x40);
        r1(0);
        if (std::exchange(silent_read, false)) return;
        for (int i = 0; i < 5; ++i) answer_.push_back(0xff);
        if (const auto token = std::exchange(error_token, std::nullopt)) {
          answer_.push_back(*token);
          return;
        }
        if (worn.contains(*block)) {
          answer_.push_back(0x04);  // card ECC failed
          return;
        }
        const auto found = blocks.find(*block);
        const Content content = found == blocks.end() ? Content{} : found->second;
        return send_data({content.begin(), content.end()});
      }
      case 24: {
        const auto block = block_of(argument);
        if (!block) return r1(0x40);
        r1(0);
        write_to_ = *block;
        writing_ = true;
        data_.clear();
        return;
      }
      default:
        return r1(0x04);
    }
  }

  // R1 comes first, then what a command was asked for; the rest of a frame never mixes with it.
  std::uint8_t take_data(std::uint8_t out) {
    if (!answer_.empty()) {
      const std::uint8_t next = answer_.front();
      answer_.pop_front();
      return next;
    }
    if (data_.empty() && out != 0xfe) return 0xff;
    data_.push_back(out);
    if (data_.size() < 1 + SdCard::block_bytes + 2) return 0xff;
    writing_ = false;
    const Bytes content = Bytes(data_).subspan(1, SdCard::block_bytes);
    const int crc = data_[513] << 8 | data_[514];
    std::uint8_t response = sd_crc16(content) == crc ? 0xe5 : 0xeb;
    if (const auto given = std::exchange(data_response, std::nullopt)) response = *given;
    if ((response & 0x1f) == 0x05) {
      std::copy(content.begin(), content.end(), blocks[write_to_].begin());
      busy_ = busy_bytes;
    }
    answer_.push_back(response);
    return 0xff;
  }

  void r1(std::uint8_t errors) {
    answer_.push_back(static_cast<std::uint8_t>(errors | (ready_ ? 0 : 1)));
  }
  void bytes(std::initializer_list<std::uint8_t> list) {
    answer_.insert(answer_.end(), list.begin(), list.end());
  }
  void send_data(std::vector<std::uint8_t> data) {
    const std::uint16_t crc = sd_crc16(data);
    if (std::exchange(damage_read, false)) data[7] ^= 0x10;
    answer_.push_back(0xfe);
    answer_.insert(answer_.end(), data.begin(), data.end());
    bytes({static_cast<std::uint8_t>(crc >> 8), static_cast<std::uint8_t>(crc)});
  }
  std::optional<std::uint32_t> block_of(std::uint32_t argument) const {
    const bool by_block = kind_ == Kind::high_capacity;
    if (!by_block && argument % SdCard::block_bytes != 0) return {};
    const std::uint32_t block = by_block ? argument : argument / SdCard::block_bytes;
    return block < card_blocks ? std::optional(block) : std::nullopt;
  }
  // 32 MiB, in either structure (5.3.2, 5.3.3): what says so, and nothing else.
  std::vector<std::uint8_t> csd() const {
    std::vector<std::uint8_t> csd(16);
    const auto set = [&](int low, std::uint32_t value) {
      for (int bit = low; value != 0; ++bit, value >>= 1) {
        const auto mask = static_cast<std::uint8_t>((value & 1) << bit % 8);
        csd[static_cast<std::size_t>(15 - bit / 8)] |= mask;
      }
    };
    if (kind_ == Kind::high_capacity) {
      set(126, 1);
      set(48, 63);  // C_SIZE: 64 * 512 KiB
    } else {
      set(80, 9);      // READ_BL_LEN
      set(62, 0x7ff);  // C_SIZE
      set(47, 3);      // C_SIZE_MULT: 2048 * 32 * 512
    }
    return csd;
  }

  Kind kind_;
  bool selected_ = false;
  bool powered_ = false;
  bool ready_ = false;
  bool crc_on_ = false;
  bool application_ = false;
  int attempts_ = 0;
  int busy_ = 0;
  bool writing_ = false;
  std::uint32_t write_to_ = 0;
  std::vector<std::uint8_t> frame_;
  std::vector<std::uint8_t> data_;
  std::deque<std::uint8_t> answer_;
};

}  // namespace rollcall::hal
