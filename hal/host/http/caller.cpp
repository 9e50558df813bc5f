#include "hal/host/http/caller.hpp"

#include <cstring>

#include <boost/asio/ip/tcp.hpp>
#include <sys/socket.h>

namespace rollcall::http {
namespace {

using asio::ip::tcp;

asio::ip::address address_of(const asio::generic::stream_protocol::endpoint& end) {
  tcp::endpoint plain;
  if (end.size() > plain.capacity()) return {};
  std::memcpy(plain.data(), end.data(), end.size());
  plain.resize(end.size());
  const asio::ip::address address = plain.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  return address;
}

}  // namespace

Caller caller_of(Socket& socket) {
  error_code error;
  const auto remote = socket.remote_endpoint(error);
  if (error) return {};
  if (remote.protocol().family() == AF_UNIX) {
    ucred credentials{};
    socklen_t size = sizeof credentials;
    if (getsockopt(socket.native_handle(), SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0)
      return {};
    return {"unix:" + std::to_string(credentials.uid), true};
  }
  const auto local = socket.local_endpoint(error);
  if (error) return {};
  const asio::ip::address from = address_of(remote);
  return {from.to_string(), from.is_loopback() || from == address_of(local)};
}

}  // namespace rollcall::http
