#include "hal/host/links/socket.hpp"

#include <utility>

#include "hal/host/links/stream_link.hpp"

namespace rollcall::links {

std::shared_ptr<Link> socket_link(boost::asio::generic::stream_protocol::socket socket,
                                  std::string peer) {
  using Socket = StreamLink<boost::asio::generic::stream_protocol::socket>;
  return std::make_shared<Socket>(std::move(socket), std::move(peer));
}

}  // namespace rollcall::links
