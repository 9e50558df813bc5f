// Two simulated NOR chips of the Intel command set on one bus, which note what they are told and
// fail as told.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "hal/flash_bus.hpp"
#include "hal/sim/devices.hpp"

namespace rollcall::hal {

class NorModel final : public FlashBus {
 public:
  static constexpr std::uint32_t block_words = 64 * 1024;  // 128 KiB in each chip
  static constexpr std::uint32_t blocks = 4;

  using Write = std::pair<std::uint32_t, std::uint32_t>;  // word, value

  // The answers of both chips; byte `offset` of the query structure.
  std::array<std::uint8_t, 0x52> answers = [] {
    std::array<std::uint8_t, 0x52> table{};
    table[0x10] = 'Q';
    table[0x11] = 'R';
    table[0x12] = 'Y';
    table[0x13] = 0x01;
    table[0x15] = 0x31;
    table[0x1f] = 7;   // a word in 128 us
    table[0x20] = 8;   // a buffer in 256 us
    table[0x21] = 10;  // a block in 1 s
    table[0x23] = 4;
    table[0x24] = 4;
    table[0x25] = 2;
    table[0x2a] = 5;  // 32 bytes
    table[0x2c] = 1;
    table[0x2d] = blocks - 1;
    table[0x30] = 2;  // 512 * 256 bytes
    return table;
  }();
  bool answers_query = true;
  std::uint16_t second_chip_differs_at = 0;  // offset in the query structure; 0 = nowhere

  // What the next operation that ends says, beside "ready": bits of one chip, or of both.
  std::uint32_t next_errors = 0;
  // Reads of the status before an operation ends; of the second chip so many more.
  std::uint32_t busy_reads = 1;
  std::uint32_t second_chip_slower = 0;
  bool hangs = false;  // never ends
  bool locked = false;

  std::vector<Write> writes;
  std::uint32_t status_reads = 0;
  std::function<void()> on_status_read = [] {};
  std::vector<std::uint32_t> words = std::vector<std::uint32_t>(block_words * blocks, 0xffffffff);

  std::uint32_t read(std::uint32_t word) override {
    switch (mode_) {
      case Mode::array:
        return words.at(word);
      case Mode::query: {
        std::uint32_t value = answers_query && word < answers.size() ? answers[word] : 0;
        value |= value << 16;
        if (second_chip_differs_at != 0 && word == second_chip_differs_at) value ^= 0x10000;
        return value;
      }
      default:
        ++status_reads;
        on_status_read();
        if (left_ > 0 && !hangs) --left_;
        if (left_ > second_chip_slower) return 0;
        return left_ > 0 ? 0x00000080 : 0x00800080 | status_;
    }
  }

  void write(std::uint32_t word, std::uint32_t value) override {
    writes.emplace_back(word, value);
    switch (step_) {
      case Step::command:
        return start(word, value);
      case Step::word:
        begin();
        if (changes_anything()) words.at(word) &= value;
        break;
      case Step::erase:
        if (value != 0x00d000d0) return fail_sequence();
        begin();
        if (changes_anything()) {
          std::fill_n(words.begin() + word / block_words * block_words, block_words, 0xffffffff);
        }
        break;
      case Step::lock:
        if (value == 0x00d000d0) locked = false;
        break;
      case Step::count:
        count_ = (value & 0xffff) + 1;
        buffer_.clear();
        step_ = Step::buffer;
        return;
      case Step::buffer:
        if (buffer_.size() < count_) {
          buffer_.emplace_back(word, value);
          return;
        }
        if (value != 0x00d000d0) return fail_sequence();
        begin();
        for (const auto& [at, data] : buffer_) {
          if (changes_anything()) words.at(at) &= data;
        }
        break;
    }
    step_ = Step::command;
  }

 private:
  enum class Mode { array, query, status };
  enum class Step { command, word, erase, lock, count, buffer };

  void start(std::uint32_t, std::uint32_t value) {
    if (left_ > 0 && (hangs || mode_ == Mode::status) && value != 0x00700070) return;
    switch (value) {
      case 0x00ff00ff:
        mode_ = Mode::array;
        break;
      case 0x00980098:
        mode_ = Mode::query;
        break;
      case 0x00500050:
        status_ = 0;
        break;
      case 0x00700070:
        mode_ = Mode::status;
        break;
      case 0x00400040:
        expect(Step::word);
        break;
      case 0x00200020:
        expect(Step::erase);
        break;
      case 0x00600060:
        expect(Step::lock);
        break;
      case 0x00e800e8:
        expect(Step::count);
        break;
      default:
        fail_sequence();
    }
  }
  void expect(Step next) {
    mode_ = Mode::status;
    step_ = next;
  }
  void begin() {
    status_ |= std::exchange(next_errors, 0);
    if (locked) status_ |= 0x00020002;
    left_ = busy_reads + second_chip_slower;
  }
  bool changes_anything() const { return (status_ & 0x003a003a) == 0; }
  void fail_sequence() {
    status_ |= 0x00300030;
    step_ = Step::command;
  }

  Mode mode_ = Mode::array;
  Step step_ = Step::command;
  std::uint32_t status_ = 0;
  std::uint32_t left_ = 0;
  std::size_t count_ = 0;
  std::vector<Write> buffer_;
};

}  // namespace rollcall::hal
