// `rollcall terminal update`: a firmware image into a terminal's other slot. Nothing looks at a
// signature and nothing starts the image yet.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "provisioning/context.hpp"

namespace rollcall::provisioning {

inline constexpr std::size_t largest_image = std::size_t{4} << 20;  // as docs/api/console.yaml

struct UpdateOrder {
  std::string serial;
  std::string image;  // file
  std::string version;
  std::uint32_t security_counter = 0;
  std::optional<std::uint32_t> slot;  // nothing = the one not in use
};

// Hands the image to the daemon, tells how far it is and waits for the terminal's last word. Ctrl-C
// stops it.
Exit update(const Context& context, const UpdateOrder& order);

}  // namespace rollcall::provisioning
