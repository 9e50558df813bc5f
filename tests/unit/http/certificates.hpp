// Throw-away certificate authorities and server certificates for tests that speak TLS.
#pragma once

#include <filesystem>
#include <string>

#include <boost/asio/ssl/context.hpp>

namespace rollcall::test {

// A folder that is removed with everything in it.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// One authority and what it signed, made with the openssl program.
class Authority {
 public:
  // `folder` exists; files in it are named after `name`.
  Authority(std::filesystem::path folder, std::string name);
  std::string ca_file() const;
  // A server's context with a fresh certificate for `subject_alt_name`, such as "DNS:localhost".
  boost::asio::ssl::context server(const std::string& subject_alt_name) const;
  // A client's context that trusts this authority and no other.
  boost::asio::ssl::context client() const;

 private:
  std::filesystem::path folder_;
  std::string name_;
};

}  // namespace rollcall::test
