#include "daemon/console/tls.hpp"

#include <boost/asio/ssl/context.hpp>

namespace rollcall::console {

namespace ssl = boost::asio::ssl;

std::expected<std::shared_ptr<ssl::context>, std::string> tls_context(
    const config::Console& console) {
  if (console.certificate.empty()) return nullptr;
  auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
  context->set_options(ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1);
  boost::system::error_code error;
  context->use_certificate_chain_file(console.certificate, error);
  if (error) {
    return std::unexpected("console.certificate " + console.certificate +
                           " holds no certificate that can be read: " + error.message());
  }
  context->use_private_key_file(console.key, ssl::context::pem, error);
  if (error) {
    return std::unexpected("console.key " + console.key +
                           " is not the key of console.certificate: " + error.message());
  }
  return context;
}

}  // namespace rollcall::console
