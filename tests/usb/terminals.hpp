// Simulated terminals as USB devices, whatever presents them. Each is fed by the program that
// connects to its Unix socket, FOLDER/SERIAL, such as
// `rollcall-terminal --connect unix:FOLDER/SERIAL`.
//
// Commands come on standard input, one a line; the answer is `ok` where nothing else is said:
//
//   plug SERIAL
//   unplug SERIAL
//   unplug-in SERIAL BYTES     when so many more bytes have crossed
//   stall SERIAL in|out
//   packets SERIAL BYTES       the largest that it makes
//   zero-packets SERIAL on|off a zero-length one behind each full one
//   pad SERIAL on|off          full packets only: zero bytes behind each frame
//   refuse-claims SERIAL N     the next ones fail as before a configuration is set
//   something-else SERIAL      from now on it has the ids of a terminal and not its interface
//   state SERIAL               answers `plugged` or `unplugged` and the zero-length packets sent
//
// Nothing is plugged in at first.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/usb/presented_device.hpp"

namespace rollcall::usb_bus {

// Makes the device of one terminal. `number`: of its port, from 1; each has another. `wake` may be
// called from any thread: bytes may have moved.
using Presents = std::function<std::unique_ptr<PresentedDevice>(
    const std::string& serial, unsigned number, std::function<void()> wake)>;

// Says `bus WHERE` when all can be plugged in, and obeys until the end of standard input.
int present(const std::string& folder, const std::vector<std::string>& serials,
            const Presents& presents, const std::string& where);

// Where whoever comes first to this path can connect; the process ends when that cannot be.
int listen_at(const std::string& path);

}  // namespace rollcall::usb_bus
