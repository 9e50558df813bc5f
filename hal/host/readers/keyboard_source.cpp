#include <cerrno>
#include <string_view>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <libevdev/libevdev.h>
#include <poll.h>
#include <unistd.h>

#include "hal/host/readers/line_source.hpp"
#include "hal/host/readers/us_keys.hpp"

namespace rollcall::readers {
namespace {

constexpr int most_events = 1024;  // at once
constexpr char lost = '?';         // in place of what the kernel had no room for

constexpr std::string_view no_right =
    "this account may not open it: copy setup/71-rollcall-readers.rules to /etc/udev/rules.d, with "
    "the ids of this reader";

struct Free {
  void operator()(libevdev* device) const { libevdev_free(device); }
};

std::string in_words(int code) {
  return std::generic_category().message(code);
}

class KeyboardSource final : public LineSource {
 public:
  explicit KeyboardSource(std::string device) : path_(std::move(device)) {}
  ~KeyboardSource() override { close(); }

  std::string name() const override { return "keyboard " + path_; }
  bool ends_by_pause() const override { return true; }

  std::expected<int, std::string> open() override {
    descriptor_ = ::open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (descriptor_ < 0) {
      const int error = errno;
      return std::unexpected(path_ + " cannot be opened: " +
                             (error == EACCES ? std::string(no_right) : in_words(error)));
    }
    std::string wrong = take();
    if (wrong.empty()) return descriptor_;
    close();
    return std::unexpected(path_ + " " + wrong);
  }

  bool receive(std::string& characters) override {
    for (int i = 0; i < most_events; ++i) {
      input_event event{};
      const unsigned how = behind_ ? LIBEVDEV_READ_FLAG_SYNC : LIBEVDEV_READ_FLAG_NORMAL;
      const int status = libevdev_next_event(device_.get(), how, &event);
      if (status == -EAGAIN && !std::exchange(behind_, false)) return !hung_up();
      if (status == -EAGAIN || status == -EINTR) continue;
      if (status < 0) return false;
      if (status == LIBEVDEV_READ_STATUS_SUCCESS) {
        hear(event, characters);
      } else if (!std::exchange(behind_, true)) {
        characters.push_back(lost);
      }
    }
    return true;
  }

  void close() override {
    device_.reset();
    behind_ = false;
    if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
  }

 private:
  // libevdev does not tell the end of a device from nothing to read.
  bool hung_up() const {
    pollfd asked{descriptor_, POLLIN, 0};
    return ::poll(&asked, 1, 0) > 0 && (asked.revents & (POLLHUP | POLLERR)) != 0;
  }
  // "" when it is ours; otherwise what goes behind its name.
  std::string take() {
    libevdev* made = nullptr;
    if (const int error = libevdev_new_from_fd(descriptor_, &made); error < 0)
      return "is no input device: " + in_words(-error);
    device_.reset(made);
    if (!libevdev_has_event_code(made, EV_KEY, KEY_1)) return "is no keyboard: it has no digits";
    if (const int error = libevdev_grab(made, LIBEVDEV_GRAB); error < 0)
      return "cannot be had alone: " + in_words(-error);
    return {};
  }

  void hear(const input_event& event, std::string& characters) const {
    constexpr int pressed = 1;  // 0 = released, 2 = repeated by the kernel as long as it is held
    if (event.type != EV_KEY || event.value != pressed) return;
    if (const auto character =
            us_character(event.code, held(KEY_LEFTSHIFT) || held(KEY_RIGHTSHIFT)))
      characters.push_back(*character);
  }
  bool held(unsigned key) const {
    return libevdev_get_event_value(device_.get(), EV_KEY, key) != 0;
  }

  const std::string path_;
  int descriptor_ = -1;
  std::unique_ptr<libevdev, Free> device_;
  bool behind_ = false;  // events were lost; libevdev tells what the keys are now
};

}  // namespace

std::unique_ptr<LineSource> keyboard_source(std::string device) {
  return std::make_unique<KeyboardSource>(std::move(device));
}

}  // namespace rollcall::readers
