#include "daemon/accounts/role.hpp"

namespace rollcall::accounts {

bool may(Role role, Needs needs) {
  switch (needs) {
    case Needs::nobody:
    case Needs::viewer:
      return true;
    case Needs::desk:
      return role == Role::desk || role == Role::manager;
    case Needs::trainer:
      return role == Role::trainer || role == Role::manager;
    case Needs::manager:
      return role == Role::manager;
    case Needs::local:
      break;
  }
  return false;
}

std::string_view to_text(Role role) {
  switch (role) {
    case Role::viewer:
      return "viewer";
    case Role::desk:
      return "desk";
    case Role::trainer:
      return "trainer";
    case Role::manager:
      break;
  }
  return "manager";
}

std::string_view to_text(Needs needs) {
  switch (needs) {
    case Needs::nobody:
      return "nobody";
    case Needs::viewer:
      return "viewer";
    case Needs::desk:
      return "desk";
    case Needs::trainer:
      return "trainer";
    case Needs::manager:
      return "manager";
    case Needs::local:
      break;
  }
  return "local";
}

std::optional<Role> role_from(std::string_view text) {
  for (const Role role : all_roles)
    if (to_text(role) == text) return role;
  return std::nullopt;
}

}  // namespace rollcall::accounts
