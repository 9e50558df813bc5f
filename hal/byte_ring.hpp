// Bytes between an interrupt and the main loop: one side puts, the other takes, without locks.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>

#include "hal/bytes.hpp"

namespace rollcall::hal {

class ByteRing {
 public:
  // `storage` outlives this; its size is a power of two, and the ring holds that many bytes.
  explicit ByteRing(MutableBytes storage) : storage_(storage) {}

  // The side that puts. False when the ring is full; then nothing was put.
  bool put(std::uint8_t byte) {
    const std::size_t tail = tail_.load(std::memory_order_relaxed);
    if (tail - head_.load(std::memory_order_acquire) == storage_.size()) return false;
    storage_[tail & (storage_.size() - 1)] = byte;
    tail_.store(tail + 1, std::memory_order_release);
    return true;
  }
  // As many as there is room for, the first ones first; returns how many.
  std::size_t put(Bytes data) {
    const std::size_t tail = tail_.load(std::memory_order_relaxed);
    const std::size_t room = storage_.size() - (tail - head_.load(std::memory_order_acquire));
    const std::size_t count = std::min(data.size(), room);
    for (std::size_t i = 0; i < count; ++i) storage_[(tail + i) & (storage_.size() - 1)] = data[i];
    tail_.store(tail + count, std::memory_order_release);
    return count;
  }

  // The side that takes. Nothing to take: returns false, `byte` is as before.
  bool take(std::uint8_t& byte) {
    const std::size_t head = head_.load(std::memory_order_relaxed);
    if (head == tail_.load(std::memory_order_acquire)) return false;
    byte = storage_[head & (storage_.size() - 1)];
    head_.store(head + 1, std::memory_order_release);
    return true;
  }
  // Up to out.size() bytes; returns how many.
  std::size_t take(MutableBytes out) {
    const std::size_t head = head_.load(std::memory_order_relaxed);
    const std::size_t held = tail_.load(std::memory_order_acquire) - head;
    const std::size_t count = std::min(out.size(), held);
    for (std::size_t i = 0; i < count; ++i) out[i] = storage_[(head + i) & (storage_.size() - 1)];
    head_.store(head + count, std::memory_order_release);
    return count;
  }

  // Either side.
  bool empty() const { return head_.load() == tail_.load(); }

 private:
  MutableBytes storage_;
  std::atomic<std::size_t> head_{0};  // bytes ever taken
  std::atomic<std::size_t> tail_{0};  // bytes ever put
};

}  // namespace rollcall::hal
