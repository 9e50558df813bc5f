#include "hal/host/links/usb_link.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace rollcall::links {
namespace {

namespace asio = boost::asio;

// Until somebody cancels the timer. Check the condition, then wait.
asio::awaitable<void> wait(asio::steady_timer& timer) {
  timer.expires_at(asio::steady_timer::time_point::max());
  co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
}

}  // namespace

asio::awaitable<std::expected<void, std::string>> UsbLink::open(std::function<Opened()> opens) {
  thread_->run([weak = weak_from_this(), reactor = reactor_, thread = thread_,
                opens = std::move(opens), events = events()]() mutable {
    Opened result = opens();
    asio::post(reactor, [weak, thread, result] {
      if (const auto self = weak.lock()) return self->opened(result);
      if (result) thread->run([device = *result] { device->close(); });
    });
    if (result) (*result)->begin(std::move(events));
  });
  while (!device_) co_await wait(readable_);
  if (!*device_) co_return std::unexpected(device_->error());
  co_return std::expected<void, std::string>{};
}

void UsbLink::opened(Opened result) {
  if (result) peer_ = (*result)->peer();
  device_ = std::move(result);
  readable_.cancel();
}

UsbDevice::Events UsbLink::events() {
  // Called on the USB thread: each only posts.
  const auto post = [weak = weak_from_this(), reactor = reactor_](auto what) {
    asio::post(reactor, [weak, what = std::move(what)]() mutable {
      if (const auto self = weak.lock()) what(*self);
    });
  };
  return {.received =
              [post](std::vector<std::uint8_t> packet) {
                post([packet = std::move(packet)](UsbLink& self) mutable {
                  self.packets_.push_back(std::move(packet));
                  self.readable_.cancel();
                });
              },
          .written =
              [post] {
                post([](UsbLink& self) {
                  self.written_ = true;
                  self.writable_.cancel();
                });
              },
          .lost = [post] { post([](UsbLink& self) { self.end(); }); }};
}

asio::awaitable<std::size_t> UsbLink::read_some(MutableBytes into) {
  while (packets_.empty() && !ended_) co_await wait(readable_);
  if (packets_.empty()) co_return 0;
  const std::vector<std::uint8_t>& packet = packets_.front();
  const std::size_t size = std::min(into.size(), packet.size() - taken_);
  std::copy_n(packet.begin() + static_cast<std::ptrdiff_t>(taken_), size, into.begin());
  taken_ += size;
  if (taken_ == packet.size()) {
    packets_.pop_front();
    taken_ = 0;
    if (!ended_) thread_->run([device = **device_] { device->more(); });
  }
  co_return size;
}

asio::awaitable<bool> UsbLink::write(Bytes data) {
  if (ended_) co_return false;
  written_ = false;
  thread_->run(
      [device = **device_, copy = std::vector<std::uint8_t>(data.begin(), data.end())]() mutable {
        device->write(std::move(copy));
      });
  while (!written_ && !ended_) co_await wait(writable_);
  co_return written_;
}

void UsbLink::close() {
  end();
  if (!device_ || !*device_) return;
  thread_->run([device = **device_] { device->close(); });
}

void UsbLink::end() {
  ended_ = true;
  readable_.cancel();
  writable_.cancel();
}

}  // namespace rollcall::links
