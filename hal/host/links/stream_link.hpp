// A link over one of Asio's streams. For the files that make links, not for those that use them.
#pragma once

#include <string>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "hal/host/links/link.hpp"

namespace rollcall::links {

template <class Stream>
class StreamLink : public Link {
 public:
  StreamLink(Stream stream, std::string peer)
      : stream_(std::move(stream)), peer_(std::move(peer)) {}

  boost::asio::awaitable<std::size_t> read_some(MutableBytes into) override {
    const auto [error, size] = co_await stream_.async_read_some(
        boost::asio::buffer(into.data(), into.size()), use_awaitable);
    co_return error ? std::size_t{0} : size;
  }

  boost::asio::awaitable<bool> write(Bytes data) override {
    const auto [error, size] = co_await boost::asio::async_write(
        stream_, boost::asio::buffer(data.data(), data.size()), use_awaitable);
    co_return !error;
  }

  void close() override {
    boost::system::error_code ignored;
    stream_.close(ignored);
  }

  const std::string& peer() const override { return peer_; }

 protected:
  Stream stream_;

 private:
  static constexpr auto use_awaitable = boost::asio::as_tuple(boost::asio::use_awaitable);

  const std::string peer_;
};

}  // namespace rollcall::links
