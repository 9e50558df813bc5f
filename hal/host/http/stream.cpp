#include "hal/host/http/stream.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/error.hpp>

namespace rollcall::http {
namespace {

using TimedSocket = boost::beast::basic_stream<asio::generic::stream_protocol>;
using TlsSocket = asio::ssl::stream<TimedSocket>;
constexpr auto quietly = asio::as_tuple(asio::use_awaitable);

void set_deadline(TimedSocket& socket, Deadline deadline) {
  if (deadline == no_deadline) {
    socket.expires_never();
  } else {
    socket.expires_at(deadline);
  }
}

template <class Layer>
class SocketStream final : public Stream {
 public:
  template <class... Args>
  explicit SocketStream(Args&&... args) : layer_(std::forward<Args>(args)...) {}

  Layer& layer() { return layer_; }
  TimedSocket& timed() {
    if constexpr (std::is_same_v<Layer, TlsSocket>) {
      return layer_.next_layer();
    } else {
      return layer_;
    }
  }

  asio::awaitable<Read> read_some(asio::mutable_buffer into, Deadline deadline) override {
    set_deadline(timed(), deadline);
    auto [error, bytes] = co_await layer_.async_read_some(into, quietly);
    co_return Read{error, bytes};
  }

  asio::awaitable<error_code> write(std::array<asio::const_buffer, 2> bytes,
                                    Deadline deadline) override {
    set_deadline(timed(), deadline);
    auto [error, written] = co_await asio::async_write(layer_, bytes, quietly);
    co_return error;
  }

  asio::awaitable<void> shutdown(Deadline deadline) override {
    set_deadline(timed(), deadline);
    if constexpr (std::is_same_v<Layer, TlsSocket>) {
      co_await layer_.async_shutdown(quietly);
    }
    error_code ignored;
    timed().socket().shutdown(asio::socket_base::shutdown_send, ignored);
    co_return;
  }

  void close() override { timed().close(); }

 private:
  Layer layer_;
};

std::string verification_failure(SSL* ssl, const std::string& host, const error_code& error) {
  const long result = SSL_get_verify_result(ssl);
  if (result == X509_V_ERR_HOSTNAME_MISMATCH || result == X509_V_ERR_IP_ADDRESS_MISMATCH) {
    return "the certificate is not for " + host;
  }
  if (result != X509_V_OK) {
    return "the certificate of " + host +
           " cannot be trusted: " + X509_verify_cert_error_string(result);
  }
  return "no secure connection to " + host + ": " + error.message();
}

// Host names and IP addresses are checked in different fields of the certificate (RFC 6125, RFC
// 9525).
bool demand_identity(SSL* ssl, const std::string& host) {
  error_code not_an_address;
  asio::ip::make_address(host, not_an_address);
  SSL_set_verify(ssl, SSL_VERIFY_PEER, nullptr);
  if (SSL_set_min_proto_version(ssl, TLS1_2_VERSION) != 1) return false;
  if (!not_an_address) return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str()) == 1;
  SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  // The macro SSL_set_tlsext_host_name casts the const away; this is what it stands for.
  const bool named = SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                              const_cast<char*>(host.c_str())) == 1;
  return named && SSL_set1_host(ssl, host.c_str()) == 1;
}

}  // namespace

bool timed_out(const error_code& error) {
  return error == boost::beast::error::timeout || error == asio::error::timed_out;
}

std::unique_ptr<Stream> plain_stream(Socket socket) {
  return std::make_unique<SocketStream<TimedSocket>>(std::move(socket));
}

asio::awaitable<std::unique_ptr<Stream>> accept_tls(Socket socket, asio::ssl::context& tls,
                                                    Deadline deadline) {
  auto stream = std::make_unique<SocketStream<TlsSocket>>(TimedSocket(std::move(socket)), tls);
  set_deadline(stream->timed(), deadline);
  auto [error] = co_await stream->layer().async_handshake(asio::ssl::stream_base::server, quietly);
  if (error) co_return nullptr;
  co_return stream;
}

asio::awaitable<std::expected<std::unique_ptr<Stream>, ClientError>> connect_tls(
    Socket socket, asio::ssl::context& tls, const std::string& host, Deadline deadline) {
  auto stream = std::make_unique<SocketStream<TlsSocket>>(TimedSocket(std::move(socket)), tls);
  SSL* ssl = stream->layer().native_handle();
  if (!demand_identity(ssl, host)) {
    co_return std::unexpected(
        ClientError{ClientError::Kind::tls, "TLS cannot be prepared for " + host});
  }
  set_deadline(stream->timed(), deadline);
  auto [error] = co_await stream->layer().async_handshake(asio::ssl::stream_base::client, quietly);
  if (timed_out(error)) {
    co_return std::unexpected(
        ClientError{ClientError::Kind::timeout, host + " did not answer in time"});
  }
  if (error) {
    co_return std::unexpected(
        ClientError{ClientError::Kind::tls, verification_failure(ssl, host, error)});
  }
  co_return std::unique_ptr<Stream>(std::move(stream));
}

}  // namespace rollcall::http
