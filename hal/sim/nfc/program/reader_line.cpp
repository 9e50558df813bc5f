#include "hal/sim/nfc/program/reader_line.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

namespace rollcall::hal::sim {
namespace {

constexpr std::chrono::milliseconds retry_after{50};

std::unexpected<std::string> failed(const std::string& what) {
  return std::unexpected(what + ": " + std::strerror(errno));
}

}  // namespace

ReaderLine::ReaderLine(asio::io_context& io, Connected connected)
    : io_(io), connected_(std::move(connected)), acceptor_(io), socket_(io), retry_(io) {}

ReaderLine::~ReaderLine() {
  if (!made_path_.empty()) ::unlink(made_path_.c_str());
  if (slave_ >= 0) ::close(slave_);
}

std::expected<std::string, std::string> ReaderLine::open_terminal(const std::string& link) {
  const int master = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (master < 0) return failed("cannot make a pseudo terminal");
  Stream stream(io_, master);
  char path[128];
  if (::grantpt(master) != 0 || ::unlockpt(master) != 0 ||
      ::ptsname_r(master, path, sizeof path) != 0) {
    return failed("cannot unlock a pseudo terminal");
  }
  slave_ = ::open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
  termios settings{};
  if (slave_ < 0 || ::tcgetattr(slave_, &settings) != 0)
    return failed(std::string("cannot open ") + path);
  ::cfmakeraw(&settings);
  if (::tcsetattr(slave_, TCSANOW, &settings) != 0)
    return failed(std::string("cannot set ") + path);
  if (!link.empty()) {
    std::error_code error;
    if (std::filesystem::is_symlink(link, error)) std::filesystem::remove(link, error);
    std::filesystem::create_symlink(path, link, error);
    if (error) return std::unexpected("cannot make the link " + link + ": " + error.message());
    made_path_ = link;
  }
  connected_(std::move(stream));
  return path;
}

std::expected<void, std::string> ReaderLine::listen(const std::string& path) {
  std::error_code file_error;
  if (std::filesystem::is_socket(path, file_error)) std::filesystem::remove(path, file_error);
  boost::system::error_code error;
  acceptor_.open(asio::local::stream_protocol(), error);
  if (!error) acceptor_.bind(path, error);
  if (!error) acceptor_.listen(1, error);
  if (error) return std::unexpected("cannot listen on " + path + ": " + error.message());
  made_path_ = path;
  accept();
  return {};
}

void ReaderLine::accept() {
  acceptor_.async_accept(socket_, [this](boost::system::error_code error) {
    if (error) return;
    connected_(Stream(io_, socket_.release()));
    accept();
  });
}

void ReaderLine::connect(const std::string& path) {
  peer_ = asio::local::stream_protocol::endpoint(path);
  dial();
}

void ReaderLine::dial() {
  socket_.async_connect(peer_, [this](boost::system::error_code error) {
    if (!error) {
      connected_(Stream(io_, socket_.release()));
      return;
    }
    boost::system::error_code ignored;
    socket_.close(ignored);
    lost();
  });
}

void ReaderLine::heard() {
  if (slave_ >= 0) ::ioctl(slave_, TIOCNXCL);
}

void ReaderLine::lost() {
  if (peer_.path().empty()) return;
  retry_.expires_after(retry_after);
  retry_.async_wait([this](boost::system::error_code error) {
    if (!error) dial();
  });
}

}  // namespace rollcall::hal::sim
