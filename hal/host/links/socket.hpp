// The link of a terminal that connects over TCP or a Unix socket.
#pragma once

#include <memory>
#include <string>

#include <boost/asio/generic/stream_protocol.hpp>

#include "hal/host/links/link.hpp"

namespace rollcall::links {

// `socket` is connected; `peer` as Link has it.
std::shared_ptr<Link> socket_link(boost::asio::generic::stream_protocol::socket socket,
                                  std::string peer);

}  // namespace rollcall::links
