#include "protocol/session.hpp"

namespace rollcall::protocol {
namespace {

std::expected<std::size_t, SessionError> copy(Bytes from, MutableBytes to) {
  if (to.size() < from.size()) return std::unexpected(SessionError::no_space);
  if (!from.empty()) std::memmove(to.data(), from.data(), from.size());
  return from.size();
}

}  // namespace

std::expected<std::size_t, SessionError> ClearSession::seal(std::uint64_t, Bytes, Bytes payload,
                                                            MutableBytes out) {
  return copy(payload, out);
}

std::expected<std::size_t, SessionError> ClearSession::open(std::uint64_t, Bytes, Bytes sealed,
                                                            MutableBytes out) {
  return copy(sealed, out);
}

}  // namespace rollcall::protocol
