// A pointing device of a virtual machine as touch panel: virtio over MMIO, version 2
// (VIRTIO 1.1, 4.2), device type 18 (5.8).
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "hal/chips/touch_decoder.hpp"
#include "hal/clock.hpp"
#include "hal/touch.hpp"

namespace rollcall::hal {

// 4.2.2, table 4.1; from 0x100 the configuration of an input device, 5.8.4.
struct VirtioInputRegisters {
  std::uint32_t magic;
  std::uint32_t version;
  std::uint32_t device;
  std::uint32_t vendor;
  std::uint32_t device_features;
  std::uint32_t device_features_select;
  std::uint32_t unused1[2];
  std::uint32_t driver_features;
  std::uint32_t driver_features_select;
  std::uint32_t unused2[2];
  std::uint32_t queue_select;
  std::uint32_t queue_size_most;
  std::uint32_t queue_size;
  std::uint32_t unused3[2];
  std::uint32_t queue_ready;
  std::uint32_t unused4[2];
  std::uint32_t queue_notify;
  std::uint32_t unused5[3];
  std::uint32_t interrupt_status;
  std::uint32_t interrupt_acknowledge;
  std::uint32_t unused6[2];
  std::uint32_t status;
  std::uint32_t unused7[3];
  std::uint32_t descriptors[2];  // low and high half of an address; likewise the next two
  std::uint32_t unused8[2];
  std::uint32_t available[2];
  std::uint32_t unused9[2];
  std::uint32_t used[2];
  std::uint32_t unused10[21];
  std::uint32_t generation;
  std::uint8_t config_select;
  std::uint8_t config_subselect;
  std::uint8_t config_size;
  std::uint8_t unused11[5];
  std::uint32_t axis_low;
  std::uint32_t axis_high;
};

// The three parts of a split virtqueue (2.6) and the buffers in it, in memory that the device reads
// and writes. On machines with caches it is not cached, or the device sees the cache.
struct VirtioEventQueue {
  static constexpr std::uint16_t size = 64;  // a power of two

  struct Descriptor {  // 2.6.5
    std::uint64_t address;
    std::uint32_t bytes;
    std::uint16_t flags;
    std::uint16_t next;
  };
  struct Available {  // 2.6.6
    std::uint16_t flags;
    std::uint16_t index;
    std::uint16_t ring[size];
  };
  struct Element {
    std::uint32_t descriptor;
    std::uint32_t bytes;
  };
  struct Used {  // 2.6.8
    std::uint16_t flags;
    std::uint16_t index;
    Element ring[size];
  };

  alignas(16) Descriptor descriptors[size];
  alignas(2) Available available;
  alignas(4) Used used;
  InputEvent events[size];  // 5.8.6.1: type, code, value
};

class VirtioInput final : public TouchPanel {
 public:
  // All outlive this.
  VirtioInput(volatile VirtioInputRegisters& registers, volatile VirtioEventQueue& queue,
              Clock& clock, Size display)
      : registers_(registers), queue_(queue), clock_(clock), display_(display) {}

  // False when there is no such device, or it does not do what the specification asks.
  bool start();
  // The oldest press not yet taken. Before start() succeeded there is none.
  std::optional<TouchPoint> poll() override;

  // Of the interrupt handler: poll() has something to look at.
  void on_interrupt();

 private:
  AxisRange axis(std::uint8_t which);
  void offer(std::uint16_t descriptor);

  volatile VirtioInputRegisters& registers_;
  volatile VirtioEventQueue& queue_;
  Clock& clock_;
  Size display_;
  std::optional<TouchDecoder> decoder_;
  std::uint16_t seen_ = 0;  // of used.index
};

}  // namespace rollcall::hal
