#include "hal/host/readers/pn532_reader.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <unistd.h>

#include "hal/byte_ring.hpp"
#include "hal/chips/pn532.hpp"
#include "hal/host/system.hpp"

namespace rollcall::readers {
namespace {

namespace asio = boost::asio;
using hal::Exchange;
using hal::Sight;
using std::chrono::milliseconds;
using Steady = std::chrono::steady_clock;

// The line as the driver sees it. What comes while the driver is not reading is kept as far as
// there is room; the driver drops it before its next command.
class LinePort final : public hal::SerialPort {
 public:
  explicit LinePort(int descriptor) : descriptor_(descriptor) {}

  std::size_t read(hal::MutableBytes out) override { return received_.take(out); }
  std::size_t write(hal::Bytes data) override {
    const ssize_t size = ::write(descriptor_, data.data(), data.size());
    return size > 0 ? static_cast<std::size_t>(size) : 0;
  }
  // Takes what has come. False: the device is gone.
  bool receive() {
    std::array<std::uint8_t, 256> piece;
    for (;;) {
      const ssize_t size = ::read(descriptor_, piece.data(), piece.size());
      if (size < 0 && errno == EINTR) continue;
      if (size < 0) return errno == EAGAIN || errno == EWOULDBLOCK;
      if (size == 0) return false;
      received_.put(hal::Bytes(piece).first(static_cast<std::size_t>(size)));
    }
  }

 private:
  int descriptor_;
  std::array<std::uint8_t, 1024> room_{};
  hal::ByteRing received_{room_};
};

// From an opened device to its end.
struct Line {
  Line(asio::posix::stream_descriptor opened, hal::Clock& clock)
      : stream(std::move(opened)), port(stream.native_handle()), driver(port, clock) {}

  asio::posix::stream_descriptor stream;
  LinePort port;
  hal::Pn532 driver;
  hal::Recognition recognition{driver};
};

class Reading final : public std::enable_shared_from_this<Reading> {
 public:
  Reading(const asio::any_io_executor& reactor, hal::host::SerialAddress address, Events events)
      : reactor_(reactor),
        address_(std::move(address)),
        events_(std::move(events)),
        step_timer_(reactor),
        answered_(reactor) {}

  void start() { again_after(milliseconds{0}); }

  void end() {
    ended_ = true;
    close();
    settle(std::unexpected(Exchange::failed));
    step_timer_.cancel();
  }

  asio::awaitable<Answer> exchange(std::vector<std::uint8_t> command, milliseconds limit) {
    if (asked_ || line_ == nullptr || ended_) co_return std::unexpected(Exchange::failed);
    if (!sight_.is_card()) co_return std::unexpected(Exchange::card_gone);
    const auto self = shared_from_this();
    asked_.emplace(Asked{std::move(command), Steady::now() + limit, false, {}});
    answered_.expires_at(Steady::time_point::max());
    again_after(milliseconds{0});
    while (!asked_->answer) co_await answered_.async_wait(asio::as_tuple(asio::use_awaitable));
    Answer answer = std::move(*asked_->answer);
    asked_.reset();
    co_return answer;
  }

 private:
  struct Asked {
    std::vector<std::uint8_t> command;
    Steady::time_point until;
    bool begun = false;
    std::optional<Answer> answer;
  };

  void again_after(milliseconds time) { again_at(Steady::now() + time); }
  void again_at(Steady::time_point time) {
    step_timer_.expires_at(time);
    step_timer_.async_wait([self = shared_from_this()](boost::system::error_code error) {
      if (!error && !self->ended_) self->step();
    });
  }

  void step() {
    if (line_ == nullptr && !open()) return;
    hal::Pn532& driver = line_->driver;
    const hal::InField field = driver.poll();
    hear();
    const milliseconds now = clock_.monotonic();
    const Sight seen = line_->recognition.look(field, now);
    begin();
    tell_state();
    if (line_ != nullptr) tell_sight(seen);
    if (line_ == nullptr || ended_) return;
    const milliseconds next = std::min(driver.next_poll(), line_->recognition.next_look());
    auto at = Steady::now() + std::clamp(next - now, milliseconds{0}, milliseconds{1000});
    if (asked_ && !asked_->answer) at = std::min(at, asked_->until);
    again_at(at);
  }

  bool open() {
    const auto descriptor = hal::host::open_serial_line(address_);
    if (!descriptor) {
      tell(false, address_.device + " cannot be opened: " + descriptor.error());
      if (ended_) return false;
      again_after(pause_);
      pause_ = std::min(pause_ * 2, open_most);
      return false;
    }
    asio::posix::stream_descriptor stream(reactor_);
    boost::system::error_code error;
    stream.assign(*descriptor, error);
    if (error) {
      ::close(*descriptor);
      again_after(open_most);
      return false;
    }
    pause_ = open_first;
    line_ = std::make_shared<Line>(std::move(stream), clock_);
    listen(line_);
    return true;
  }

  void listen(const std::shared_ptr<Line>& line) {
    line->stream.async_wait(asio::posix::descriptor_base::wait_read,
                            [self = shared_from_this(), line](boost::system::error_code error) {
                              if (self->line_ != line) return;  // closed meanwhile
                              if (error || !line->port.receive()) return self->lose();
                              self->step();
                              if (self->line_ == line) self->listen(line);
                            });
  }

  void lose() {
    close();
    if (asked_) settle(std::unexpected(Exchange::failed));
    tell_sight({});
    if (!ended_) tell(false, address_.device + " was unplugged");
    if (!ended_) again_after(pause_);
  }

  // Whoever does not take what was written must not hold up the reactor.
  void close() {
    if (line_ == nullptr) return;
    hal::host::discard_serial_output(line_->stream.native_handle());
    boost::system::error_code ignored;
    line_->stream.close(ignored);
    line_.reset();
  }

  void tell_state() {
    if (!line_->driver.working()) {
      tell(false, "the module on " + address_.device + " does not answer");
    } else if (line_->driver.firmware() != 0) {
      tell(true, "PN532 on " + address_.device);
    }
  }
  void tell(bool working, const std::string& what) {
    if (ended_ || (working == working_ && what == told_)) return;
    working_ = working;
    told_ = what;
    events_.state(working, what);
  }
  void tell_sight(const Sight& seen) {
    if (ended_ || (seen.what == sight_.what && (!seen.is_card() || seen.same_card(sight_)))) return;
    sight_ = seen;
    events_.sight(seen);
  }

  // Right after a step of the driver, before anybody begins another exchange.
  void hear() {
    if (!asked_ || asked_->answer) return;
    hal::Pn532& driver = line_->driver;
    const Exchange state = driver.exchange();
    const bool runs = state == Exchange::running || state == Exchange::extended;
    if (asked_->begun && state == Exchange::done) {
      const hal::Bytes said = driver.response();
      settle(std::vector<std::uint8_t>(said.begin(), said.end()));
    } else if (asked_->begun && !runs) {
      settle(std::unexpected(state == Exchange::none ? Exchange::failed : state));
    } else if (Steady::now() >= asked_->until) {
      if (asked_->begun) driver.cancel_exchange();
      settle(std::unexpected(Exchange::timed_out));
    }
  }
  void begin() {
    if (!asked_ || asked_->answer || asked_->begun || line_->recognition.asking()) return;
    asked_->begun = line_->driver.begin_exchange(asked_->command);
    if (!asked_->begun) settle(std::unexpected(Exchange::card_gone));
  }
  void settle(Answer answer) {
    if (!asked_ || asked_->answer) return;
    asked_->answer = std::move(answer);
    answered_.cancel();
  }

  const asio::any_io_executor reactor_;
  const hal::host::SerialAddress address_;
  const Events events_;
  hal::host::SystemClock clock_;
  asio::steady_timer step_timer_;
  asio::steady_timer answered_;
  std::shared_ptr<Line> line_;  // while the device is open
  milliseconds pause_ = open_first;
  Sight sight_;
  bool working_ = false;
  std::string told_;
  std::optional<Asked> asked_;
  bool ended_ = false;
};

class Pn532Reader final : public Reader {
 public:
  explicit Pn532Reader(std::shared_ptr<Reading> reading) : reading_(std::move(reading)) {
    reading_->start();
  }
  ~Pn532Reader() override { reading_->end(); }

  asio::awaitable<Answer> exchange(std::vector<std::uint8_t> command, milliseconds limit) override {
    return reading_->exchange(std::move(command), limit);
  }

 private:
  const std::shared_ptr<Reading> reading_;
};

}  // namespace

std::unique_ptr<Reader> pn532_reader(const asio::any_io_executor& reactor,
                                     hal::host::SerialAddress address, Events events) {
  return std::make_unique<Pn532Reader>(
      std::make_shared<Reading>(reactor, std::move(address), std::move(events)));
}

}  // namespace rollcall::readers
