#include "hal/host/readers/line_reader.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "hal/host/readers/line_collector.hpp"

namespace rollcall::readers {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using std::chrono::milliseconds;

class Reading final : public std::enable_shared_from_this<Reading> {
 public:
  Reading(const asio::any_io_executor& reactor, std::unique_ptr<LineSource> source,
          LineFormat format, Events events)
      : source_(std::move(source)),
        format_(format),
        events_(std::move(events)),
        stream_(reactor),
        again_(reactor),
        pause_(reactor) {}

  void start() { open_after(milliseconds{0}); }
  void end() {
    ended_ = true;
    close();
    again_.cancel();
  }

 private:
  void open_after(milliseconds time) {
    again_.expires_after(time);
    again_.async_wait([self = shared_from_this()](error_code error) {
      if (!error && !self->ended_) self->open();
    });
  }

  void open() {
    const auto descriptor = source_->open();
    error_code error;
    if (descriptor) stream_.assign(*descriptor, error);
    if (!descriptor || error) {
      source_->close();
      tell(false, descriptor ? source_->name() + ": " + error.message() : descriptor.error());
      if (!ended_) open_after(std::exchange(wait_, std::min(wait_ * 2, open_most)));
      return;
    }
    wait_ = open_first;
    listen();
    tell(true, source_->name());
  }

  void listen() {
    stream_.async_wait(asio::posix::descriptor_base::wait_read,
                       [self = shared_from_this(), opened = opened_](error_code error) {
                         if (self->opened_ != opened) return;  // closed meanwhile
                         if (error || !self->receive()) return self->lose();
                         if (self->opened_ == opened) self->listen();
                       });
  }

  // False: the device is gone.
  bool receive() {
    std::string characters;
    const bool here = source_->receive(characters);
    for (const char c : characters) {
      if (ended_) return true;
      if (const auto line = lines_.put(c)) tell_line(read_line(*line, format_));
    }
    if (ended_ || !here) return here;
    if (lines_.empty()) {
      pause_.cancel();
    } else if (!characters.empty()) {
      await_pause();
    }
    return true;
  }

  void await_pause() {
    pause_.expires_after(line_pause);
    pause_.async_wait([self = shared_from_this(), opened = opened_](error_code error) {
      if (error || self->opened_ != opened) return;
      if (self->still_comes()) return;
      if (const auto line = self->lines_.take()) {
        self->tell_line(self->source_->ends_by_pause()
                            ? read_line(*line, self->format_)
                            : std::unexpected(std::string("it came without its end")));
      }
    });
  }
  // This thread may have been held up: what came in time waits in the kernel.
  bool still_comes() {
    const auto before = pause_.expiry();
    if (!receive()) {
      lose();
      return true;
    }
    return ended_ || pause_.expiry() != before;
  }

  void lose() {
    close();
    if (ended_) return;
    tell(false, source_->name() + " was unplugged");
    if (!ended_) open_after(wait_);
  }
  void close() {
    ++opened_;
    pause_.cancel();
    (void)lines_.take();
    if (stream_.is_open()) (void)stream_.release();
    source_->close();
  }

  void tell(bool working, const std::string& what) {
    if (ended_ || (working == working_ && what == told_)) return;
    working_ = working;
    told_ = what;
    events_.state(working, what);
  }
  void tell_line(const std::expected<LineReading, std::string>& line) {
    if (!ended_ && events_.line) events_.line(line);
  }

  const std::unique_ptr<LineSource> source_;
  const LineFormat format_;
  const Events events_;
  asio::posix::stream_descriptor stream_;
  asio::steady_timer again_;
  asio::steady_timer pause_;
  LineCollector lines_;
  milliseconds wait_ = open_first;
  unsigned opened_ = 0;  // counts closings: what was begun before one is over
  bool working_ = false;
  std::string told_;
  bool ended_ = false;
};

class LineReader final : public Reader {
 public:
  explicit LineReader(std::shared_ptr<Reading> reading) : reading_(std::move(reading)) {
    reading_->start();
  }
  ~LineReader() override { reading_->end(); }

  asio::awaitable<Answer> exchange(std::vector<std::uint8_t>, milliseconds) override {
    co_return std::unexpected(hal::Exchange::failed);
  }

 private:
  const std::shared_ptr<Reading> reading_;
};

}  // namespace

std::unique_ptr<Reader> line_reader(const asio::any_io_executor& reactor,
                                    std::unique_ptr<LineSource> source, LineFormat format,
                                    Events events) {
  return std::make_unique<LineReader>(
      std::make_shared<Reading>(reactor, std::move(source), format, std::move(events)));
}

}  // namespace rollcall::readers
