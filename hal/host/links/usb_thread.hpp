// The one thread that speaks to libusb. Opening, claiming and reading descriptors block for up to a
// second when a device misbehaves, and the reactor has all other terminals to serve: so libusb's
// events are not handled on the reactor. The thread owns all that is libusb's, the reactor all that
// is the session's; between them go only functions, posted in either direction, in order.
#pragma once

#include <chrono>
#include <expected>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

struct libusb_context;

namespace rollcall::links {

class UsbThread final : public std::enable_shared_from_this<UsbThread> {
 public:
  using Task = std::function<void()>;
  // What the thread does last: called again after each event until it says true, for finish_limit.
  using Finish = std::function<bool()>;
  static constexpr std::chrono::milliseconds finish_limit{500};

  // Otherwise a clause. To be stopped by whoever started it.
  static std::expected<std::shared_ptr<UsbThread>, std::string> start();

  // From any thread, also its own: runs later, outside of libusb's callbacks; not at all after
  // stop().
  void run(Task task);
  // Not from the thread itself. Returns when it has ended, with libusb closed, or after twice
  // finish_limit: a thread that hangs in the kernel is left to itself and keeps what it needs.
  void stop(Finish finish);

  // For the thread's tasks only.
  libusb_context* context() const { return context_; }

 private:
  explicit UsbThread(libusb_context* context) : context_(context) {}
  void loop();
  void run_tasks();

  libusb_context* const context_;
  std::mutex mutex_;  // of the next two
  std::vector<Task> tasks_;
  bool stopping_ = false;
  Finish finish_;  // the thread's own
  std::promise<void> ended_;
  std::thread thread_;
};

}  // namespace rollcall::links
