// What people who sign in may do.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace rollcall::accounts {

enum class Role : std::uint8_t {
  viewer,   // sees who is here
  desk,     // and helps people: arrivals, codes, cards
  trainer,  // and what concerns sessions
  manager,  // everything
};
inline constexpr std::array all_roles{Role::viewer, Role::desk, Role::trainer, Role::manager};

// What a route asks of whoever calls it through the console.
enum class Needs : std::uint8_t {
  nobody,   // served without sign-in
  viewer,   // any role
  desk,     // desk or manager
  trainer,  // trainer or manager
  manager,
  local,  // not through the console at all: the control socket only
};

// Desk and trainer are neighbours: neither may do what is the other's.
bool may(Role role, Needs needs);

std::string_view to_text(Role role);
std::string_view to_text(Needs needs);
std::optional<Role> role_from(std::string_view text);

}  // namespace rollcall::accounts
