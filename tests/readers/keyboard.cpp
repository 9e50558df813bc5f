// rollcall-keyboard: a card reader or scanner that types, as a keyboard of this machine's programs,
// by umockdev.
//
//   umockdev-wrapper rollcall-keyboard DEVICE
//
// It says `bus ROOT`: other programs see DEVICE when umockdev's preload library is in their
// LD_PRELOAD and ROOT in their UMOCKDEV_DIR. Commands come on standard input, one a line; the
// answer is `ok` where nothing else is said:
//
//   plug
//   unplug
//   type TEXT      digits and letters, and Enter
//   type-only TEXT no Enter
//   grabs          answers how often it was taken for one program alone
//
// It is not plugged in at first.
#include <array>
#include <atomic>
#include <cctype>
#include <cstring>
#include <iostream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <linux/input.h>
#include <umockdev.h>
#include <unistd.h>

#include "tests/usb/pty_node.hpp"

namespace {

constexpr std::string_view digit_keys = "1234567890";  // from KEY_1 on
constexpr std::array<std::pair<std::string_view, unsigned>, 3> letter_rows{
    {{"qwertyuiop", KEY_Q}, {"asdfghjkl", KEY_A}, {"zxcvbnm", KEY_Z}}};

unsigned key_of(char c) {
  if (const auto at = digit_keys.find(c); at != digit_keys.npos)
    return KEY_1 + static_cast<unsigned>(at);
  const char lower = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  for (const auto& [row, first] : letter_rows)
    if (const auto at = row.find(lower); at != row.npos) return first + static_cast<unsigned>(at);
  return KEY_MINUS;
}

class Keyboard {
 public:
  Keyboard(UMockdevTestbed* testbed, std::string device)
      : testbed_(testbed), device_(std::move(device)), node_(testbed_, device_) {
    handler_ = umockdev_ioctl_base_new();
    g_signal_connect_after(handler_, "handle-ioctl", G_CALLBACK(&Keyboard::on_ioctl), this);
    umockdev_testbed_attach_ioctl(testbed_, device_.c_str(), handler_, nullptr);
  }

  void plug() { node_.plug(); }
  void unplug() { node_.unplug(); }
  void type(std::string_view text) {
    for (const char c : text) {
      const bool shift = std::isupper(static_cast<unsigned char>(c)) != 0;
      if (shift) press(KEY_LEFTSHIFT, 1);
      press(key_of(c), 1);
      press(key_of(c), 0);
      if (shift) press(KEY_LEFTSHIFT, 0);
    }
  }
  void enter() {
    press(KEY_ENTER, 1);
    press(KEY_ENTER, 0);
  }
  int grabs() const { return grabs_; }

 private:
  void press(unsigned key, int value) {
    std::array<input_event, 2> events{};
    events[0].type = EV_KEY;
    events[0].code = static_cast<std::uint16_t>(key);
    events[0].value = value;
    events[1].type = EV_SYN;
    events[1].code = SYN_REPORT;
    if (::write(node_.master(), events.data(), sizeof events) != sizeof events)
      throw std::runtime_error("nobody reads what is typed");
  }

  static gboolean on_ioctl(UMockdevIoctlBase*, UMockdevIoctlClient* client, gpointer user) {
    const long result = static_cast<Keyboard*>(user)->answer(client);
    umockdev_ioctl_client_complete(client, result < 0 ? -1 : result,
                                   result < 0 ? static_cast<int>(-result) : 0);
    return TRUE;
  }

  // As <linux/input.h> has them: what the ioctl returns, or a negative errno.
  long answer(UMockdevIoctlClient* client) {
    const unsigned long request = umockdev_ioctl_client_get_request(client);
    UMockdevIoctlData* const argument = umockdev_ioctl_client_get_arg(client);
    if (_IOC_TYPE(request) != 'E') return -ENOTTY;
    if (request == EVIOCGRAB) {
      std::uintptr_t on = 0;
      std::memcpy(&on, argument->data, sizeof on);
      if (on != 0) ++grabs_;
      return 0;
    }
    if (_IOC_DIR(request) != _IOC_READ) return 0;
    std::vector<std::uint8_t> told(_IOC_SIZE(request));
    const unsigned number = _IOC_NR(request);
    if (request == EVIOCGVERSION) {
      const int version = EV_VERSION;
      std::memcpy(told.data(), &version, sizeof version);
    } else if (number == _IOC_NR(EVIOCGNAME(0))) {
      std::strncpy(reinterpret_cast<char*>(told.data()), "A scanner", told.size() - 1);
    } else if (number == _IOC_NR(EVIOCGPHYS(0)) || number == _IOC_NR(EVIOCGUNIQ(0))) {
      return -ENOENT;
    } else if (number == _IOC_NR(EVIOCGBIT(0, 0))) {
      told[0] = 1 << EV_SYN | 1 << EV_KEY;
    } else if (number == _IOC_NR(EVIOCGBIT(EV_KEY, 0))) {
      for (unsigned key = KEY_ESC; key < KEY_F1; ++key) told[key / 8] |= 1 << key % 8;
    }
    UMockdevIoctlData* const data = umockdev_ioctl_data_resolve(argument, 0, told.size(), nullptr);
    if (data == nullptr) return -EFAULT;
    std::memcpy(data->data, told.data(), told.size());
    g_object_unref(data);
    return static_cast<long>(told.size());
  }

  UMockdevTestbed* const testbed_;
  const std::string device_;
  rollcall::testing::PtyNode node_;
  UMockdevIoctlBase* handler_ = nullptr;
  std::atomic<int> grabs_{0};
};

std::string obey(Keyboard& keyboard, const std::string& line) {
  const auto space = line.find(' ');
  const std::string word = line.substr(0, space);
  const std::string text = space == std::string::npos ? "" : line.substr(space + 1);
  if (word == "grabs") return std::to_string(keyboard.grabs());
  if (word == "plug") {
    keyboard.plug();
  } else if (word == "unplug") {
    keyboard.unplug();
  } else if (word == "type" || word == "type-only") {
    keyboard.type(text);
    if (word == "type") keyboard.enter();
  } else {
    return "no such command";
  }
  return "ok";
}

}  // namespace

int main(int argc, char** argv) {
  UMockdevTestbed* testbed = umockdev_testbed_new();
  if (argc != 2 || !umockdev_in_mock_environment()) {
    std::cerr << "usage: umockdev-wrapper rollcall-keyboard DEVICE\n";
    return 2;
  }
  Keyboard keyboard(testbed, argv[1]);
  char* root = umockdev_testbed_get_root_dir(testbed);
  std::cout << "bus " << root << std::endl;
  g_free(root);
  for (std::string line; std::getline(std::cin, line);)
    std::cout << obey(keyboard, line) << std::endl;
  g_object_unref(testbed);
}
