#include "hal/chips/virtio_input.hpp"

#include <atomic>
#include <cstddef>

namespace rollcall::hal {
namespace {

static_assert(offsetof(VirtioInputRegisters, queue_notify) == 0x50);
static_assert(offsetof(VirtioInputRegisters, status) == 0x70);
static_assert(offsetof(VirtioInputRegisters, used) == 0xa0);
static_assert(offsetof(VirtioInputRegisters, config_select) == 0x100);
static_assert(offsetof(VirtioInputRegisters, axis_low) == 0x108);

constexpr std::uint32_t magic = 0x74726976;  // "virt"
constexpr std::uint32_t version = 2;
constexpr std::uint32_t input_device = 18;
constexpr std::uint32_t feature_version_1 = 1u << 0;  // bit 32 of the features (6)
constexpr std::uint16_t device_writes = 2;            // VIRTQ_DESC_F_WRITE
constexpr std::uint32_t event_queue = 0;              // 5.8.2
constexpr std::uint8_t config_axis = 0x12;            // VIRTIO_INPUT_CFG_ABS_INFO
constexpr std::uint8_t config_axis_size = 20;

// Device status (2.1).
constexpr std::uint32_t acknowledged = 1;
constexpr std::uint32_t driver = 2;
constexpr std::uint32_t driver_ok = 4;
constexpr std::uint32_t features_ok = 8;
constexpr std::uint32_t failed = 128;

// Between what this side and what the device wrote (2.6.13, 2.6.14).
void barrier() {
  std::atomic_thread_fence(std::memory_order_seq_cst);
}

void set_address(volatile std::uint32_t (&halves)[2], const volatile void* at) {
  const std::uint64_t address = reinterpret_cast<std::uintptr_t>(at);
  halves[0] = static_cast<std::uint32_t>(address);
  halves[1] = static_cast<std::uint32_t>(address >> 32);
}

}  // namespace

// In the order of 3.1.1, with 4.2.3.2 for the queue.
bool VirtioInput::start() {
  decoder_.reset();
  if (registers_.magic != magic || registers_.version != version ||
      registers_.device != input_device) {
    return false;
  }
  registers_.status = 0;
  registers_.status = acknowledged;
  registers_.status = acknowledged | driver;
  registers_.device_features_select = 1;
  const bool modern = (registers_.device_features & feature_version_1) != 0;
  registers_.driver_features_select = 1;
  registers_.driver_features = feature_version_1;
  registers_.driver_features_select = 0;
  registers_.driver_features = 0;
  registers_.status = acknowledged | driver | features_ok;
  registers_.queue_select = event_queue;
  const bool agreed = modern && (registers_.status & features_ok) != 0 &&
                      registers_.queue_ready == 0 &&
                      registers_.queue_size_most >= VirtioEventQueue::size;
  if (!agreed) {
    registers_.status = failed;
    return false;
  }

  seen_ = 0;
  queue_.available.flags = 0;
  queue_.available.index = 0;
  queue_.used.flags = 0;
  queue_.used.index = 0;
  for (std::uint16_t i = 0; i < VirtioEventQueue::size; ++i) {
    volatile auto& descriptor = queue_.descriptors[i];
    descriptor.address = reinterpret_cast<std::uintptr_t>(&queue_.events[i]);
    descriptor.bytes = sizeof(InputEvent);
    descriptor.flags = device_writes;
    descriptor.next = 0;
    offer(i);
  }
  registers_.queue_size = VirtioEventQueue::size;
  set_address(registers_.descriptors, &queue_.descriptors);
  set_address(registers_.available, &queue_.available);
  set_address(registers_.used, &queue_.used);
  barrier();
  registers_.queue_ready = 1;
  registers_.status = acknowledged | driver | features_ok | driver_ok;
  registers_.queue_notify = event_queue;
  const AxisRange x = axis(0);
  const AxisRange y = axis(1);
  decoder_.emplace(display_, x, y);
  return true;
}

// What the device says of an axis (5.8.5); a device that says nothing has the default range.
AxisRange VirtioInput::axis(std::uint8_t which) {
  registers_.config_select = config_axis;
  registers_.config_subselect = which;
  const AxisRange range{registers_.axis_low, registers_.axis_high};
  const bool known = registers_.config_size >= config_axis_size && range.low < range.high;
  return known ? range : AxisRange{};
}

// To the device, to be filled.
void VirtioInput::offer(std::uint16_t descriptor) {
  const std::uint16_t index = queue_.available.index;
  queue_.available.ring[index % VirtioEventQueue::size] = descriptor;
  barrier();
  queue_.available.index = static_cast<std::uint16_t>(index + 1);
}

std::optional<TouchPoint> VirtioInput::poll() {
  if (!decoder_) return std::nullopt;
  std::optional<TouchPoint> press;
  bool took = false;
  while (!press && seen_ != queue_.used.index) {
    barrier();
    const auto descriptor = static_cast<std::uint16_t>(
        queue_.used.ring[seen_ % VirtioEventQueue::size].descriptor % VirtioEventQueue::size);
    const volatile InputEvent& event = queue_.events[descriptor];
    press = decoder_->take({event.type, event.code, event.value}, clock_.monotonic());
    ++seen_;
    offer(descriptor);
    took = true;
  }
  if (took) {
    barrier();
    registers_.queue_notify = event_queue;
  }
  return press;
}

void VirtioInput::on_interrupt() {
  registers_.interrupt_acknowledge = registers_.interrupt_status;
}

}  // namespace rollcall::hal
