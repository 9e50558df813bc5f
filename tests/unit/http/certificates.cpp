#include "tests/unit/http/certificates.hpp"

#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace rollcall::test {

namespace ssl = boost::asio::ssl;

namespace {

void run(const std::string& command) {
  if (std::system((command + " 2>/dev/null").c_str()) != 0)
    throw std::runtime_error("failed: " + command);
}

}  // namespace

TemporaryFolder::TemporaryFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "rollcall-test-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

Authority::Authority(std::filesystem::path folder, std::string name)
    : folder_(std::move(folder)), name_(std::move(name)) {
  run("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj '/CN=" +
      name_ + "' -keyout " + (folder_ / (name_ + ".key")).string() + " -out " + ca_file());
}

std::string Authority::ca_file() const {
  return (folder_ / (name_ + ".pem")).string();
}

ssl::context Authority::server(const std::string& subject_alt_name) const {
  const std::string base = (folder_ / (name_ + "-server")).string();
  {
    std::ofstream extensions(base + ".ext");
    extensions << "subjectAltName=" << subject_alt_name << "\nbasicConstraints=CA:FALSE\n";
  }
  run("openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=server -keyout " +
      base + ".key -out " + base + ".csr");
  run("openssl x509 -req -days 2 -in " + base + ".csr -CA " + ca_file() + " -CAkey " +
      (folder_ / (name_ + ".key")).string() + " -CAcreateserial -extfile " + base + ".ext -out " +
      base + ".pem");
  ssl::context context(ssl::context::tls_server);
  context.use_certificate_chain_file(base + ".pem");
  context.use_private_key_file(base + ".key", ssl::context::pem);
  return context;
}

ssl::context Authority::client() const {
  ssl::context context(ssl::context::tls_client);
  context.load_verify_file(ca_file());
  return context;
}

}  // namespace rollcall::test
