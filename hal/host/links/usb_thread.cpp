#include "hal/host/links/usb_thread.hpp"

#include <utility>

#include <libusb.h>

namespace rollcall::links {
namespace {

using Clock = std::chrono::steady_clock;

void handle_events(libusb_context* context, std::chrono::milliseconds patience) {
  timeval time{.tv_sec = patience.count() / 1000, .tv_usec = patience.count() % 1000 * 1000};
  const int result = libusb_handle_events_timeout_completed(context, &time, nullptr);
  if (result != LIBUSB_SUCCESS && result != LIBUSB_ERROR_INTERRUPTED)
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
}

}  // namespace

std::expected<std::shared_ptr<UsbThread>, std::string> UsbThread::start() {
  libusb_context* context = nullptr;
  if (const int result = libusb_init(&context); result != LIBUSB_SUCCESS)
    return std::unexpected(libusb_strerror(result));
  if (libusb_has_capability(LIBUSB_CAP_HAS_HOTPLUG) == 0) {
    libusb_exit(context);
    return std::unexpected("libusb does not tell here what is plugged in");
  }
  const std::shared_ptr<UsbThread> made(new UsbThread(context));
  made->thread_ = std::thread([made] { made->loop(); });
  return made;
}

void UsbThread::run(Task task) {
  const std::scoped_lock lock(mutex_);
  if (stopping_) return;
  tasks_.push_back(std::move(task));
  // Remembered by libusb if the thread does not wait just now. The context is there: the thread has
  // not taken the lock to stop yet.
  libusb_interrupt_event_handler(context_);
}

void UsbThread::stop(Finish finish) {
  run([this, finish = std::move(finish)] {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
    finish_ = finish;
  });
  if (ended_.get_future().wait_for(2 * finish_limit) == std::future_status::ready) {
    thread_.join();
  } else {
    thread_.detach();
  }
}

void UsbThread::run_tasks() {
  for (;;) {
    std::vector<Task> tasks;
    {
      const std::scoped_lock lock(mutex_);
      tasks.swap(tasks_);
    }
    if (tasks.empty()) return;
    for (const Task& task : tasks) task();
  }
}

void UsbThread::loop() {
  // A task may handle events itself while it waits for a control transfer, and take a wake-up with
  // it: so there is none left when the wait begins.
  for (run_tasks(); !finish_; run_tasks()) handle_events(context_, std::chrono::minutes{1});
  const auto until = Clock::now() + finish_limit;
  bool finished = finish_();
  while (!finished && Clock::now() < until) {
    handle_events(context_, std::chrono::milliseconds{50});
    finished = finish_();
  }
  // Transfers that a kernel does not give back keep their memory and the context.
  if (finished) libusb_exit(context_);
  finish_ = nullptr;
  ended_.set_value();
}

}  // namespace rollcall::links
